import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isRunning, untilContent, untilGone, useShim } from './harness.ts';
import { PLAN, fixture, spec, target } from './specs.ts';

const { folder } = useShim();

const ready = (worker: string): Promise<string> =>
  untilContent(join(folder().logDir, `${worker}.log`), (text) => text.includes('ready\n'));

/** The pid that a fixture printed as `child PID`. */
async function childOf(worker: string): Promise<number> {
  const text = await untilContent(join(folder().logDir, `${worker}.log`), (content) => /child \d+\n/.test(content));
  return Number(/child (\d+)/.exec(text)?.[1]);
}

describe('the life of a worker', () => {
  test('it is spawned, sampled, stopped by its signal, and its exit says how', async () => {
    const shim = await folder().start('--sampling', '50');
    const { client, hello } = await shim.attach();
    expect(hello).toMatchObject({ protocol: 1, version: 'test', pid: shim.pid, incarnations: [], facts: [] });
    client.send({ type: 'spawn', spec: spec('web', fixture('waits'), folder().logDir) });
    const spawned = await client.fact('spawned', 'web#1');
    expect(spawned.oomScoreAdj).toBe(500);
    await ready('web');
    const samples = await client.until('a slow row', () =>
      client.received.find((message) => message.type === 'samples' && message.slow.length > 0),
    );
    expect(samples).toMatchObject({ fast: [spawned.handle, expect.any(Number)] });
    client.send({ type: 'stop', incarnation: 'web#1', plan: PLAN });
    const exited = await client.fact('exited', 'web#1');
    expect(exited).toMatchObject({
      pid: spawned.pid,
      status: { code: 0, signal: null },
      stop: { by: 'controller', signal: 'SIGTERM', killedAt: null },
      lastSample: { rssBytes: expect.any(Number) },
    });
    await untilContent(join(folder().logDir, 'web.log'), (text) => text === 'ready\nstopping\n');
  });

  test('an exit that nobody ordered is told with its status', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('exits-with', '7', 'last words'), folder().logDir) });
    const exited = await client.fact('exited');
    expect(exited).toMatchObject({ status: { code: 7, signal: null }, stop: null, swept: 0 });
    await untilContent(join(folder().logDir, 'web.log'), (text) => text === 'last words\n');
    const order = client.facts.map((fact) => fact.kind);
    expect(order).toEqual(['spawned', 'exited']);
  });

  test('one that ignores its signal is killed after stopTimeout, and a second stop shortens it', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('ignores-term'), folder().logDir) });
    await ready('web');
    client.send({ type: 'stop', incarnation: 'web#1', plan: { ...PLAN, stopTimeoutMs: 600_000 } });
    client.send({ type: 'stop', incarnation: 'web#1', plan: { ...PLAN, stopTimeoutMs: 200 } });
    client.send({ type: 'stop', incarnation: 'web#1', plan: { ...PLAN, stopTimeoutMs: 600_000 } });
    const exited = await client.fact('exited');
    expect(exited.status).toEqual({ code: null, signal: 'SIGKILL' });
    const { stop } = exited;
    expect(stop?.killedAt).toBeGreaterThanOrEqual((stop?.signalledAt ?? Infinity) + 199);
  });

  test('what is left of its group is killed when it exits', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('leaves-group-member'), folder().logDir) });
    const child = await childOf('web');
    client.send({ type: 'signal', incarnation: 'web#1', signal: 'KILL' });
    const exited = await client.fact('exited');
    expect(exited.swept).toBe(1);
    await untilGone(child);
  });

  test('a descendant that left the group is found by its marker and killed', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('daemonizes'), folder().logDir) });
    const child = await childOf('web');
    client.send({ type: 'stop', incarnation: 'web#1', plan: PLAN });
    await client.fact('exited');
    await untilGone(child);
  });

  test('a descendant that keeps stdout open and hides does not hold the exit back', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('forks-and-holds-stdout'), folder().logDir) });
    const exited = await client.fact('exited');
    const child = await childOf('web');
    expect(exited.status).toEqual({ code: 0, signal: null });
    // It carries no marker and left the group before it was ever seen: nothing proves that it is ours.
    if (isRunning(child)) process.kill(child, 'SIGKILL');
    await untilGone(child);
  });

  test('it sees its user, directory, limits and the rest from its first instruction', async () => {
    if (process.getuid?.() !== 0) return;
    const { client } = await (await folder().start()).attach();
    const environment = { PATH: '/usr/bin:/bin', APP_ENV: 'a b\nc', HOME: '/root' };
    const changes = {
      user: 'nobody',
      directory: '/tmp',
      umask: 0o027,
      nice: 5,
      limits: { nofile: 1234, core: 0 },
      oomScoreAdj: 321,
      environment,
    };
    client.send({
      type: 'spawn',
      spec: spec('web', fixture('shows-itself.php', 'a b', '$HOME;"\''), folder().logDir, changes),
    });
    const spawned = await client.fact('spawned');
    const text = await untilContent(join(folder().logDir, 'web.log'), (content) => content.endsWith('\n'));
    const seen = JSON.parse(text) as Record<string, unknown>;
    const account = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.startsWith('nobody:'));
    const [, , uid, gid, , home] = (account ?? '').split(':');
    expect(seen).toMatchObject({
      pid: spawned.pid,
      session: spawned.pid,
      group: spawned.pid,
      uid: Number(uid),
      gid: Number(gid),
      directory: '/tmp',
      umask: '0027',
      nice: 5,
      nofile: '1234',
      core: '0',
      oomScoreAdj: 321,
      stdin: '/dev/null',
    });
    expect(seen['arguments']).toEqual([expect.stringContaining('shows-itself.php'), 'a b', '$HOME;"\'']);
    expect(seen['environment']).toEqual({
      PATH: '/usr/bin:/bin',
      APP_ENV: 'a b\nc',
      HOME: home,
      USER: 'nobody',
      LOGNAME: 'nobody',
      ACKWARDEN_INCARNATION: 'web#1',
      ACKWARDEN_SHIM: expect.stringMatching(/^[0-9a-f]{24}:web#1$/),
      PWD: '/tmp',
    });
  });

  test('it keeps the supplementary groups of its user', async () => {
    const line = readFileSync('/etc/group', 'utf8')
      .split('\n')
      .find((group) => /:[a-z_][\w-]*$/.test(group));
    if (process.getuid?.() !== 0 || line === undefined) {
      console.log('skipped: needs root and a user with a supplementary group');
      return;
    }
    const [, , gid, members = ''] = line.split(':');
    const { client } = await (await folder().start()).attach();
    const user = members.split(',')[0] ?? null;
    client.send({ type: 'spawn', spec: spec('web', fixture('shows-itself.php'), folder().logDir, { user }) });
    const text = await untilContent(join(folder().logDir, 'web.log'), (content) => content.endsWith('\n'));
    expect((JSON.parse(text) as { groups: number[] }).groups).toContain(Number(gid));
  });

  test.each([
    ['user', { user: 'no-such-user-here' }, 'The user no-such-user-here does not exist on this host'],
    ['directory', { directory: '/no/such/folder' }, 'The directory /no/such/folder does not exist.'],
    ['directory', { directory: '/etc/passwd' }, '/etc/passwd is not a directory'],
    ['command', { argv: ['no-such-command-here'] }, 'The command no-such-command-here was not found in PATH='],
    ['command', { argv: ['/tmp'] }, 'is a directory: expected an executable file'],
    ['command', { argv: ['/etc/passwd'] }, 'is not executable'],
    ['command', { argv: ['./missing'], directory: '/tmp' }, '/tmp/missing (from ./missing) does not exist'],
    ['stdout.path', { stdout: target('/proc/nowhere/x.log') }, '/proc/nowhere/x.log cannot'],
    ['stderr.path', { stderr: target('/tmp') }, 'The log /tmp cannot be opened: it is a dir'],
  ])('a spawn that cannot work fails with a sentence about %s: %j', async (field, changes, text) => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('waits'), folder().logDir, changes) });
    const failed = await client.fact('spawnFailed', 'web#1');
    expect(failed.field).toBe(field);
    expect(failed.text).toContain(text);
    client.send({ type: 'spawn', spec: spec('ok', fixture('exits-with', '0'), folder().logDir) });
    await client.fact('exited', 'ok#1');
  });

  test('a user who cannot reach the directory or the command is told so', async () => {
    if (process.getuid?.() !== 0) return;
    const { client } = await (await folder().start()).attach();
    const changes = { user: 'nobody', directory: '/root' };
    client.send({ type: 'spawn', spec: spec('web', ['/bin/true'], folder().logDir, changes) });
    const failed = await client.fact('spawnFailed');
    expect(failed).toMatchObject({ field: 'directory', text: expect.stringContaining('nobody cannot enter') });
  });
});
