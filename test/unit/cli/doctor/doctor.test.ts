import { describe, expect, test } from 'vitest';
import { checkArtisan, examine, reportLines } from '../../../../src/cli/doctor.ts';
import type { HostReader } from '../../../../src/cli/doctor/host-reader.ts';
import { checkOomScore, checkPtrace } from '../../../../src/cli/doctor/privileges.ts';
import { checkCgroup, checkMemoryLimit, checkOomGroup } from '../../../../src/cli/doctor/memory.ts';
import { artisanWorkers, maskSecrets } from '../../../../src/cli/doctor/unsupervised.ts';
import { displayWidth } from '../../../../src/cli/width.ts';
import { PLAIN } from '../samples.ts';

const TOOLS = ['sh', 'nice', 'prlimit', 'setpriv', 'flock', 'mkfifo', 'ps', 'php', 'perf', 'rabbitmq-server'];

/** A host where all is well, but for what a test changes. */
function makeHost(files: Record<string, string> = {}, over: Partial<HostReader> = {}): HostReader {
  const all: Record<string, string> = {
    '/proc/sys/kernel/osrelease': '6.1.0\n',
    '/proc/1/comm': 'systemd\n',
    '/run/systemd/system': '',
    '/proc/meminfo': 'MemTotal:  8388608 kB\nSwapTotal:  1048576 kB\n',
    '/proc/pressure/memory': 'some avg10=0\n',
    '/proc/self/status': 'CapEff:\t000001ffffffffff\n',
    '/proc/self/cgroup': '0::/system.slice/ackwarden.service\n',
    '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n',
    '/sys/fs/cgroup/system.slice/ackwarden.service': '',
    '/sys/fs/cgroup/system.slice/ackwarden.service/cgroup.controllers': 'cpu memory\n',
    ...files,
  };
  return {
    read: (path) => all[path] ?? null,
    list: (path) =>
      path === '/proc'
        ? [...new Set(Object.keys(all).flatMap((key) => /^\/proc\/([^/]+)\//.exec(key)?.[1] ?? []))]
        : [],
    exists: (path) => path in all,
    writable: (path) => path in all,
    which: (command) => (TOOLS.includes(command) ? `/usr/bin/${command}` : null),
    output: () => Promise.resolve('8.2.1 pcntl FFI'),
    pid: 50,
    uid: 0,
    nodeVersion: '20.19.0',
    ...over,
  };
}

const levels = async (host: HostReader): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await examine(host)).checks.map(({ id, level, blocking }) => [id, blocking ? 'blocking' : level]),
  );

describe('examine', () => {
  test('a host where all is well', async () => {
    const report = await examine(makeHost());
    expect(report.checks.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(report.ok).toBe(true);
  });

  test.each<[string, string, HostReader]>([
    ['node', 'blocking', makeHost({}, { nodeVersion: '20.18.3' })],
    ['node', 'ok', makeHost({}, { nodeVersion: '22.1.0' })],
    ['tools', 'blocking', makeHost({}, { which: (name) => (name === 'setpriv' ? null : `/usr/bin/${name}`) })],
    ['ps', 'note', makeHost({}, { which: (name) => (name === 'ps' ? null : `/usr/bin/${name}`) })],
    ['php', 'problem', makeHost({}, { which: (name) => (name === 'php' ? null : `/usr/bin/${name}`) })],
    ['php', 'problem', makeHost({}, { output: () => Promise.resolve(null) })],
    ['pcntl', 'note', makeHost({}, { output: () => Promise.resolve('8.2.1  FFI') })],
    ['ffi', 'note', makeHost({}, { output: () => Promise.resolve('8.2.1 pcntl ') })],
    ['init', 'problem', makeHost({}, { pid: 1 })],
    ['init', 'note', makeHost({ '/proc/1/comm': 'bash\n' })],
    ['init', 'note', makeHost({ '/proc/1/comm': 'node\n', '/proc/1/cmdline': 'node\0server.js\0' })],
    ['init', 'problem', makeHost({ '/proc/1/comm': 'node\n', '/proc/1/cmdline': 'node\0/usr/bin/ackwarden\0run\0' })],
    ['swap', 'note', makeHost({ '/proc/meminfo': 'MemTotal:  8388608 kB\nSwapTotal:  0 kB\n' })],
    ['user', 'note', makeHost({}, { uid: 1000 })],
  ])('%s is %s', async (id, level, host) => {
    expect((await levels(host))[id]).toBe(level);
    expect((await examine(host)).ok).toBe(level !== 'blocking');
  });
});

test('every line that is not ok says what follows, and every problem what to do', async () => {
  const bare = makeHost(
    {},
    { which: () => null, uid: 1000, nodeVersion: '18.0.0', read: () => null, exists: () => false, pid: 1 },
  );
  const report = await examine(bare);
  for (const check of report.checks.filter(({ level }) => level !== 'ok')) expect(check.consequence).not.toBeNull();
  for (const check of report.checks.filter(({ level }) => level === 'problem')) expect(check.remedy).not.toBeNull();
  for (const line of reportLines(report, PLAIN)) expect(displayWidth(line)).toBeLessThanOrEqual(80);
});

describe('privileges and cgroups', () => {
  const caps = (bits: bigint): Record<string, string> => ({
    '/proc/self/status': `CapEff:\t${bits.toString(16).padStart(16, '0')}\n`,
  });
  test('capability bits', () => {
    expect(checkOomScore(makeHost(caps(1n << 24n))).level).toBe('ok');
    expect(checkOomScore(makeHost(caps(1n << 19n))).level).toBe('note');
    expect(checkPtrace(makeHost(caps(1n << 19n))).level).toBe('ok');
    expect(checkPtrace(makeHost({ ...caps(1n << 19n), '/proc/sys/kernel/yama/ptrace_scope': '3\n' })).text).toMatch(
      /nobody may/,
    );
    expect(checkPtrace(makeHost({ ...caps(0n), '/proc/sys/kernel/yama/ptrace_scope': '1\n' })).text).toMatch(
      /only descendants/,
    );
  });

  test('cgroup v2 not delegated, v1, none', () => {
    expect(checkCgroup(makeHost({}, { writable: () => false })).text).toMatch(
      /v2, .*ackwarden\.service, not delegated/,
    );
    expect(checkCgroup(makeHost({ '/proc/self/cgroup': '4:memory:/a\n', '/sys/fs/cgroup/memory/a': '' })).text).toMatch(
      /v1, .*\/a, writable/,
    );
    expect(checkCgroup(makeHost({ '/proc/self/cgroup': '' })).text).toMatch(/no memory cgroup/);
  });

  test('memory.oom.group and the limit of our own cgroup', () => {
    const own = '/sys/fs/cgroup/system.slice/ackwarden.service';
    expect(checkOomGroup(makeHost({ [`${own}/memory.oom.group`]: '1\n' })).level).toBe('note');
    expect(checkMemoryLimit(makeHost({ [`${own}/memory.max`]: 'max\n' })).level).toBe('ok');
    expect(checkMemoryLimit(makeHost({ [`${own}/memory.max`]: '1073741824\n' })).text).toBe(
      '8 GiB of memory, of which our cgroup may use 1 GiB',
    );
  });
});

describe('artisanWorkers', () => {
  const worker = (pid: number, argv: string[], more: Record<string, string> = {}): Record<string, string> => ({
    [`/proc/${pid}/cmdline`]: `${argv.join('\0')}\0`,
    [`/proc/${pid}/stat`]: `${pid} (php) S 1 0 0`,
    [`/proc/${pid}/environ`]: 'HOME=/\0',
    [`/proc/${pid}/status`]: 'Uid:\t33\t33\t33\t33\nVmRSS:\t  2048 kB\n',
    ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`/proc/${pid}/${name}`, text])),
  });
  const EVENT = ['php', 'artisan', 'task:event', '--queue=x'];

  test.each([
    [EVENT],
    [['/usr/bin/php8.2', '-d', 'memory_limit=1G', '/srv/shop/artisan', 'queue:work']],
    [['php', 'artisan', '--env=x', 'horizon']],
    [['php', 'artisan', 'rabbitmq:consume']],
  ])('%j is one', (argv) => {
    const [found] = artisanWorkers(makeHost(worker(7, argv)));
    expect(found).toMatchObject({ pid: 7, uid: 33, rssBytes: 2048 * 1024, supervisedBy: null });
    expect(checkArtisan([found ?? expect.fail()]).text).toMatch(/nobody supervises: pid 7 \(2 MiB\): /);
  });

  test.each([
    [['php', 'artisan', 'migrate']],
    [['php', '-S', 'localhost:80']],
    [['vim', 'artisan', 'queue:work']],
    [['php', 'artisan']],
    [['bash', '-c', 'php artisan queue:work']],
  ])('%j is none', (argv) => {
    expect(artisanWorkers(makeHost(worker(7, argv)))).toEqual([]);
  });

  test.each([
    ['ackwarden', { environ: 'A=1\0ACKWARDEN_INCARNATION=shop:0#1\0' }, {}],
    ['supervisord', { environ: 'SUPERVISOR_ENABLED=1\0' }, {}],
    [
      'supervisord',
      { stat: '7 (php) S 5 0 0' },
      {
        '/proc/5/stat': '5 (sh) S 4 0',
        '/proc/5/comm': 'sh\n',
        '/proc/4/stat': '4 (supervisord) S 1 0',
        '/proc/4/comm': 'supervisord\n',
      },
    ],
    ['systemd', { cgroup: '0::/system.slice/shop-worker@2.service\n' }, {}],
    [null, { cgroup: '0::/system.slice/ssh.service\n' }, {}],
    [null, { cgroup: '0::/user.slice/user-1000.slice/session-3.scope\n' }, {}],
  ])('supervised by %s', (expected, more, others) => {
    expect(artisanWorkers(makeHost({ ...worker(7, EVENT, more), ...others }))[0]?.supervisedBy).toBe(expected);
  });

  test('an environment that may not be read is unknown, not unsupervised', () => {
    const files = worker(7, EVENT);
    delete files['/proc/7/environ'];
    const found = artisanWorkers(makeHost(files));
    expect(found[0]?.supervisedBy).toBe('unknown');
    expect(checkArtisan(found)).toMatchObject({ level: 'ok', text: expect.stringContaining('not readable') });
  });

  test('the child of a listed worker is not listed', () => {
    const files = {
      ...worker(7, ['php', 'artisan', 'queue:listen']),
      ...worker(8, EVENT, { stat: '8 (php) S 7 0 0' }),
    };
    expect(artisanWorkers(makeHost(files)).map(({ pid }) => pid)).toEqual([7]);
  });

  test('secrets are masked', () => {
    expect(
      maskSecrets(['php', '--db-password=a', '--api-token', 'b', '--queue=c', 'amqp://u:p@h/', '--key', '-v']),
    ).toBe('php --db-password=*** --api-token *** --queue=c amqp://u:***@h/ --key -v');
  });
});
