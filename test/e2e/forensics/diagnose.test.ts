/** `diagnose` on real processes, all at once: they are watched for the same few seconds. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../../src/forensics/types.ts';
import type { LoopbackServers } from '../../fixtures/loopback-servers.ts';
import { loopbackServers } from '../../fixtures/loopback-servers.ts';
import { buildLeaky } from '../../fixtures/leaky-extension/build.ts';
import { MAIN } from '../controller/site.ts';
import {
  BUSY,
  CYCLES,
  HELPER_LEAK,
  HAS_CURL,
  HAS_SHMOP,
  SHARED_LEAK,
  ZEND_LEAK,
  curlClosed,
  curlLeak,
  diagnose,
  diagnosisOf,
  endAll,
  endWhenRead,
  nativeLeak,
  php,
  startProcess,
  streamLeak,
} from './workers.ts';
import type { Said } from './workers.ts';

/** A crowded machine reads so seldom that nothing can be said at first: it gets more time. */
const SECONDS = ['4', '15', '40'];
const NOBODY = 65_534;
const MIB = 1024 * 1024;
const extension = buildLeaky();
const found: Record<string, Diagnosis> = {};
let human: Said = { code: null, stdout: '', stderr: '' };
/** As `human`, with a file for all of it that cannot be written. */
let unsaved: Said = human;
let refused: Said = human;
let folder = '';
let servers: LoopbackServers;

/** Notes down, whenever a PHP starts with it, as whom and with which environment. */
const NOTES = '<?php file_put_contents(getenv("NOTES") . "/" . getmypid(), json_encode([posix_geteuid(), getenv()]));';

interface Note {
  pid: number;
  uid: number;
  environment: Record<string, string>;
}

/** A worker of another user; what was noted down of it and of whoever was asked for versions. */
const notesOfNobody = async (): Promise<{ pid: number; notes: Note[] }> => {
  const notes = mkdtempSync(join(tmpdir(), 'ackwarden-notes-'));
  chmodSync(notes, 0o777);
  writeFileSync(join(notes, 'notes.php'), NOTES);
  const preload = ['-d', 'opcache.enable_cli=1', '-d', `opcache.preload=${notes}/notes.php`];
  const env = { PATH: process.env['PATH'] ?? '', NOTES: notes, ACKWARDEN_SHIM: 'x', QUEUE: 'mail' };
  const pid = await startProcess(php('while (true) usleep(10000);', ...preload), { uid: NOBODY, gid: NOBODY, env });
  found['nobody'] = await diagnosisOf(pid, '--seconds', '1', '--no-perf');
  const noted = readdirSync(notes).filter((name) => /^\d+$/.test(name));
  const read = noted.map((name): Note => {
    const [uid, environment] = JSON.parse(readFileSync(join(notes, name), 'utf8')) as [number, Note['environment']];
    return { pid: Number(name), uid, environment };
  });
  rmSync(notes, { recursive: true, force: true });
  return { pid, notes: read };
};
let nobody: Awaited<ReturnType<typeof notesOfNobody>> | null = null;

const of = (name: string): Diagnosis => found[name] ?? expect.fail(`${name} was not looked at`);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden diagnose '));
  servers = await loopbackServers(folder);
  const watch = async (name: string, argv: string[], ...more: string[]): Promise<number> => {
    const pid = await startProcess(argv);
    for (const seconds of SECONDS) {
      found[name] = await diagnosisOf(pid, '--seconds', seconds, ...more);
      const { conclusion, faults } = found[name];
      const isSure = conclusion.kind !== 'native' || conclusion.confidence >= 0.7 || faults.why !== null;
      if (conclusion.kind !== 'unknown' && isSure) break;
    }
    return pid;
  };
  const { url, tlsUrl, port } = servers;
  const curl = HAS_CURL
    ? [watch('curl', curlLeak(tlsUrl), '--no-perf'), watch('closed', curlClosed(url), '--no-perf')]
    : [];
  const native = extension.so === null ? [] : [watch('native', nativeLeak(extension.so))];
  await Promise.all([
    ...native,
    ...curl,
    ...(HAS_SHMOP ? [watch('shared', SHARED_LEAK, '--no-perf')] : []),
    watch('streams', streamLeak(port), '--no-perf'),
    watch('zend', ZEND_LEAK, '--no-perf', '--svg', join(folder, 'zend.svg')),
    watch('cycles', CYCLES, '--no-perf'),
    watch('busy', BUSY, '--no-perf'),
    watch('helper', HELPER_LEAK, '--no-perf'),
    startProcess(BUSY).then(async (pid) => {
      const began = (looker: number): void => void endWhenRead(pid, looker);
      const said = await diagnose(['--pid', String(pid), '--seconds', '60', '--json', '--no-perf'], { began });
      found['ends'] = JSON.parse(said.stdout) as Diagnosis;
    }),
    ...(process.getuid?.() === 0 ? [notesOfNobody().then((noted) => (nobody = noted))] : []),
    startProcess(['sh', '-c', 'echo begun; exec sleep 60']).then(async (pid) => {
      found['sleep'] = await diagnosisOf(pid, '--seconds', '2', '--no-perf');
      human = await diagnose(['--pid', String(pid), '--seconds', '1', '--no-perf', '--svg', '/nowhere/at-all.svg']);
      unsaved = await diagnose(['--pid', String(pid), '--seconds', '1', '--no-perf', '--save', '/nowhere/at-all.json']);
    }),
    startProcess(BUSY).then(async (pid) => {
      refused = await diagnose(['--pid', String(pid), '--seconds', '5', '--json'], {
        uid: NOBODY,
        gid: NOBODY,
      });
    }),
  ]);
});
afterAll(async () => {
  await endAll();
  servers.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('it tells apart', () => {
  test('PHP code that keeps what it gets', () => {
    const { conclusion, growth, process } = of('zend');
    expect(conclusion).toMatchObject({ kind: 'zend', module: null });
    expect(conclusion.confidence).toBeGreaterThan(0.5);
    expect(growth.zendBytesPerMinute).toBeGreaterThan(60 * MIB);
    expect(process).toMatchObject({ isPhp: true, phpVersion: expect.stringMatching(/^\d+\.\d+/) as string });
  });

  test.skipIf(extension.so === null)('an extension, with the evidence for it', async ({ annotate }) => {
    const { conclusion, growth, extensions, faults, memory } = of('native');
    expect(conclusion.kind).toBe('native');
    expect(growth.nativeBytesPerMinute).toBeGreaterThan(60 * MIB);
    expect(Math.abs(growth.zendBytesPerMinute ?? Infinity)).toBeLessThan(MIB);
    expect(extensions).toContainEqual({ name: 'leaky', file: extension.so, version: '1.2.3', why: null });
    expect(memory.grown[0]).toMatchObject({ kind: expect.stringMatching(/brk|anonymous/) as string });
    // perf's binary may not fit the kernel here: then it has to say so.
    if (faults.why !== null) {
      expect(faults.why).toMatch(/perf/);
      await annotate(`not judged by perf: ${faults.why}`);
      return;
    }
    expect(conclusion.module).toBe('leaky');
    expect(conclusion.confidence).toBeGreaterThanOrEqual(0.7);
    expect(conclusion.remedy[0]).toContain('disableExtensions: [leaky]');
    expect(faults.chains.some(({ frames }) => frames.join().includes('leaky_keep_segment (leaky.so)'))).toBe(true);
  });

  test.skipIf(!HAS_CURL)('curl handles that are kept with their connections', () => {
    const { conclusion, descriptors, growth } = of('curl');
    expect(conclusion).toMatchObject({ kind: 'native', module: 'curl' });
    expect(conclusion.text).toMatch(
      /It opens curl handles and does not close them: \d+ descriptors more in \S+ s \(\d+ connections to 127\.0\.0\.1:\d+, /,
    );
    expect(conclusion.remedy[0]).toContain('unset() each curl handle');
    expect(conclusion.remedy.join()).toMatch(/workers\.yaml: .*lifetime: \{ (?:age|messages): /);
    expect(conclusion.remedy.join()).not.toContain('disableExtensions');
    expect(growth.descriptorsPerMinute).toBeGreaterThan(60);
    expect(descriptors.more).toContainEqual({
      kind: 'socket',
      what: `connection to 127.0.0.1:${servers.tlsPort}`,
      count: expect.any(Number) as number,
      halfClosed: 0,
    });
  });

  test.skipIf(!HAS_CURL)('the same requests with handles that are let go: nothing', () => {
    const { conclusion, descriptors, growth } = of('closed');
    expect(conclusion.kind).toBe('none');
    expect(conclusion.text).not.toMatch(/descriptor|handle/);
    expect(growth.descriptorsPerMinute).toBe(0);
    expect(descriptors.open?.socket).toBeGreaterThan(0);
  });

  test('streams that are kept, in the heap of PHP', () => {
    const { conclusion } = of('streams');
    expect(conclusion).toMatchObject({ kind: 'zend', module: null });
    expect(conclusion.text).toContain('opens connections and does not close them: ');
    expect(conclusion.text).toContain(` connections to 127.0.0.1:${servers.port}`);
    expect(conclusion.remedy[0]).toMatch(/^close each connection/);
  });

  test.skipIf(!HAS_SHMOP)('shared memory, which is not its own', () => {
    const { conclusion, growth, memory } = of('shared');
    expect(conclusion).toMatchObject({ kind: 'shared', module: null });
    expect(conclusion.text).toContain(' leaks shared memory: ');
    expect(growth.sharedBytesPerMinute).toBeGreaterThan(60 * MIB);
    expect(memory.grown[0]).toMatchObject({ kind: 'shared', what: 'System V shared memory' });
  });

  test('a helper process: the worker is flat', () => {
    const { conclusion, helpers, growth } = of('helper');
    expect(conclusion).toMatchObject({ kind: 'helper', module: expect.stringMatching(/^php/) as string });
    expect(helpers).toHaveLength(1);
    expect(growth.helperBytesPerMinute).toBeGreaterThan(60 * MIB);
  });

  test('the teeth of the garbage collector', () => {
    expect(of('cycles').conclusion).toMatchObject({ kind: 'growth-normal' });
  });

  test('a busy worker that leaks nothing', () => {
    const { conclusion, cpu } = of('busy');
    expect(conclusion.kind).toBe('none');
    expect(conclusion.text).toMatch(/^Nothing leaks/);
    // On a crowded machine it does not get that much of a processor.
    if ((cpu.userPercent ?? 0) >= 30) expect(conclusion.text).toContain('high, but normal');
    expect(cpu.voluntarySwitchesPerSecond).toBeGreaterThan(1);
  });
});

test('the PHP of a worker is asked as its user, with its arguments and its environment but for our marks', ({
  skip,
}) => {
  if (nobody === null) skip('only root can start somebody else');
  const asked = nobody?.notes.filter(({ pid }) => pid !== nobody?.pid) ?? [];
  expect(asked).toHaveLength(1);
  expect(asked[0]).toMatchObject({ uid: NOBODY, environment: { QUEUE: 'mail' } });
  expect(asked[0]?.environment).not.toHaveProperty('ACKWARDEN_SHIM');
  expect(of('nobody').process).toMatchObject({ uid: NOBODY, phpVersion: expect.stringMatching(/^\d/) as string });
});

describe('it says what it could not see', () => {
  test('no PHP', () => {
    const { conclusion, process, extensions } = of('sleep');
    expect(conclusion).toMatchObject({
      kind: 'unknown',
      text: expect.stringMatching(/is not a PHP process/) as string,
    });
    expect(process).toMatchObject({ isPhp: false, phpVersion: null });
    expect(extensions).toEqual([]);
    // What could not be written is said, and costs nothing of the report.
    expect(unsaved).toMatchObject({ code: 1, stdout: expect.stringMatching(/\nNot known\n/) as string });
    expect(unsaved.stderr).toBe('ackwarden: /nowhere/at-all.json cannot be written: there is no such folder\n');
    expect(human).toMatchObject({ code: 1, stdout: expect.stringMatching(/^pid \d+ {2}sleep 60\n/) as string });
    expect(human.stderr).toContain('the picture /nowhere/at-all.svg cannot be written: there is no such folder');
    expect(human.stdout).toMatch(/\nNot known\n.* is not a PHP process/);
  });

  test('a process that ends meanwhile', () => {
    const { survived, seconds, notes, conclusion } = of('ends');
    expect(survived).toBe(false);
    expect(seconds).toBeLessThan(30);
    expect(notes.join()).toContain('the process ended in the window');
    expect(conclusion.text).toMatch(/\.$/);
  });

  test('one that is not there', async () => {
    const said = await diagnose(['--pid', '4194304', '--json']);
    expect(said).toMatchObject({ code: 1, stderr: 'ackwarden: there is no process with pid 4194304\n' });
    expect(JSON.parse(said.stdout)).toMatchObject({ error: { code: 'notRunning' } });
  });

  test('one of another user', ({ skip }) => {
    const mayRun = process.getuid?.() === 0 && (statSync(MAIN).mode & 0o004) !== 0 && refused.stdout !== '';
    if (!mayRun) skip('only root can become somebody who may not look');
    const { memory, notes, timeline, conclusion } = JSON.parse(refused.stdout) as Diagnosis;
    expect(memory).toMatchObject({
      before: null,
      after: null,
      why: expect.stringContaining('permission denied') as string,
    });
    expect(notes.join()).toContain("PHP's own heap is not known");
    expect(timeline[0]).toMatchObject({ zendUsedBytes: null, rssBytes: expect.any(Number) as number });
    // On a crowded machine it is read too seldom.
    if (timeline.length >= 30) expect(conclusion.kind).toBe('none');
    expect(notes.join()).toMatch(
      /who touches new memory is not known: perf is (?:refused: .*run diagnose as root|not (?:installed|made for this kernel))/,
    );
  });

  test('perf is not installed', async () => {
    const args = ['--pid', String(of('busy').process.pid), '--seconds', '1', '--json'];
    const { stdout } = await diagnose(args, { path: '/nowhere' });
    const { notes, faults } = JSON.parse(stdout) as Diagnosis;
    expect(faults.why).toMatch(/^perf is not installed \(Debian: apt-get install linux-perf; /);
    expect(notes).toContain(`who touches new memory is not known: ${faults.why}`);
  });

  test('one that has ended, and whose parent does not care', async () => {
    // It ends when its parent is a program that waits for nobody.
    const code = '(until grep -q sleep /proc/$$/comm; do :; done) & echo begun; exec sleep 100';
    const parent = await startProcess(['sh', '-c', code]);
    const [pid = ''] = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').split(' ');
    const state = (): string => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.charAt(0) ?? '';
    await expect.poll(state).toBe('Z');
    const said = await diagnose(['--pid', pid]);
    expect(said).toMatchObject({ code: 1, stdout: '' });
    expect(said.stderr).toBe(
      `ackwarden: pid ${pid} (sh) has ended: it is a zombie, whose parent sleep (pid ${parent}) has not asked for its exit status yet. It holds no memory and leaks nothing\n`,
    );
  });
});

test('the picture is drawn, for its owner only', () => {
  const path = join(folder, 'zend.svg');
  expect(existsSync(path)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const picture = readFileSync(path, 'utf8');
  expect(picture).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  expect(picture).toContain('zend, ');
});
