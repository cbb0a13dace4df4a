import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readBootIdentity } from '../../../src/linux/boot.ts';
import { readStat } from '../../../src/linux/process-identity.ts';
import { isRunning, untilContent, untilGone, useShim } from './harness.ts';
import { PLAN, fixture, spec, target } from './specs.ts';

const { folder, bundle } = useShim();

const ready = (worker: string): Promise<string> =>
  untilContent(join(folder().logDir, `${worker}.log`), (text) => text.includes('ready\n'));

describe('the life of a shim', () => {
  test('a second one ends with status 3 and a sentence', async () => {
    await folder().start();
    const second = folder().spawn();
    expect(await second.exit).toEqual({ code: 3, signal: null });
    expect(folder().shimLog).toContain('Another shim holds');
  });

  test.each([
    ['nothing', [], 2, '--state-dir: expected an absolute path'],
    ['a relative path', ['--state-dir', 'x'], 2, 'expected an absolute path'],
    ['an interval of 1 ms', ['--state-dir', '/tmp', '--sampling', '1'], 2, '--sampling: expected'],
    ['an unknown option', ['--colour'], 2, '--colour'],
  ])('called with %s it says what is wrong', async (_, words, code, text) => {
    const child = spawn(process.execPath, [bundle(), ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const status = await new Promise((settle) => child.once('close', settle));
    expect(status).toBe(code);
    expect(said).toContain(text);
    expect(said.trim().split('\n')).toHaveLength(1);
  });

  test('a stale socket is replaced', async () => {
    const first = await folder().start();
    first.child.kill('SIGKILL');
    await first.exit;
    expect(existsSync(folder().socket)).toBe(true);
    const { hello } = await (await folder().start()).attach();
    expect(hello.facts).toEqual([]);
  });

  test('a state directory that is too deep for a socket is said', async () => {
    const deep = join(folder().path, 'd'.repeat(100));
    mkdirSync(deep);
    const child = spawn(process.execPath, [bundle(), '--state-dir', deep], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    expect(await new Promise((settle) => child.once('close', settle))).toBe(1);
    expect(said).toContain('is too long: expected at most 106 bytes');
  });

  test('it ignores SIGHUP and SIGINT; at SIGTERM it stops every worker and leaves nothing', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    shim.child.kill('SIGHUP');
    shim.child.kill('SIGINT');
    client.send({ type: 'spawn', spec: spec('a', fixture('waits'), folder().logDir) });
    const hardPlan = { ...PLAN, stopTimeoutMs: 300 };
    client.send({ type: 'spawn', spec: spec('b', fixture('ignores-term'), folder().logDir, { hardPlan }) });
    await ready('a');
    await ready('b');
    shim.child.kill('SIGTERM');
    expect(await client.fact('exited', 'a#1')).toMatchObject({ status: { code: 0 }, stop: { by: 'shim' } });
    expect(await client.fact('exited', 'b#1')).toMatchObject({ status: { signal: 'SIGKILL' }, stop: { by: 'shim' } });
    expect(await shim.exit).toEqual({ code: 0, signal: null });
    expect(readdirSync(folder().path).toSorted()).toEqual(['log', 'shim.lock', 'shim.log']);
  });

  test('told to end while it still spawns: who waits has not failed to start', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    // It hears of all of them and of the signal at once, however slow we are.
    shim.child.kill('SIGSTOP');
    for (let index = 0; index < 30; index += 1)
      client.send({ type: 'spawn', spec: spec(`w${index}`, fixture('waits'), folder().logDir) });
    shim.child.kill('SIGTERM');
    shim.child.kill('SIGCONT');
    expect(await shim.exit).toEqual({ code: 0, signal: null });
    await client.closed;
    expect(client.facts.filter(({ kind }) => kind === 'spawnFailed')).toEqual([]);
    expect(client.facts.filter(({ kind }) => kind === 'spawned').length).toBeLessThan(30);
  });

  test('told to leave it ends with its last incarnation, and starts no other', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    client.send({ type: 'spawn', spec: spec('a', fixture('waits'), folder().logDir) });
    await ready('a');
    client.send({ type: 'leave' });
    client.send({ type: 'spawn', spec: spec('b', fixture('waits'), folder().logDir) });
    client.send({ type: 'stop', incarnation: 'a#1', plan: PLAN });
    expect(await shim.exit).toEqual({ code: 0, signal: null });
    await client.closed;
    expect(client.facts.map((fact) => fact.kind)).toEqual(['spawned', 'exited']);
    expect(client.received.map(({ type }) => type)).not.toContain('refused');
  });

  test('a stop that had begun is finished without the controller', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    client.send({ type: 'spawn', spec: spec('a', fixture('ignores-term'), folder().logDir) });
    const { pid } = await client.fact('spawned');
    await ready('a');
    client.send({ type: 'stop', incarnation: 'a#1', plan: { ...PLAN, stopTimeoutMs: 500 } });
    client.send({ type: 'stop', incarnation: 'nobody#1', plan: PLAN });
    await client.message('refused');
    client.close();
    await untilGone(pid);
    const again = await shim.attach();
    expect(await again.client.fact('exited')).toMatchObject({
      stop: { by: 'controller' },
      status: { signal: 'SIGKILL' },
    });
  });

  test('it reads no file of its own after its start', async () => {
    const shim = await folder().start();
    renameSync(bundle(), `${bundle()}.away`);
    try {
      const { client } = await shim.attach();
      const stdout = target(join(folder().logDir, 'a.log'), { maxSizeBytes: 1024, backups: 2 });
      const argv = fixture('prints-lines.php', '500', 'line');
      client.send({ type: 'spawn', spec: spec('a', argv, folder().logDir, { stdout, user: 'root' }) });
      expect(await client.fact('exited', 'a#1')).toMatchObject({ status: { code: 0 } });
      await untilContent(stdout.path, (text) => text.endsWith('line 500\n'));
      expect(existsSync(`${stdout.path}.2`)).toBe(true);
      client.send({ type: 'spawn', spec: spec('b', fixture('ignores-term'), folder().logDir) });
      await ready('b');
      client.send({ type: 'stop', incarnation: 'b#1', plan: { ...PLAN, stopTimeoutMs: 200 } });
      await client.fact('exited', 'b#1');
      expect(folder().shimLog).toBe('');
    } finally {
      renameSync(`${bundle()}.away`, bundle());
    }
  });
});

describe('after the death of a shim', () => {
  test('the next one stops its workers and what they started, waits, and says so', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    client.send({ type: 'spawn', spec: spec('a', fixture('daemonizes'), folder().logDir) });
    client.send({ type: 'spawn', spec: spec('b', fixture('ignores-term'), folder().logDir) });
    const pids = [(await client.fact('spawned', 'a#1')).pid, (await client.fact('spawned', 'b#1')).pid];
    const log = await untilContent(join(folder().logDir, 'a.log'), (text) => /child \d+\n/.test(text));
    await ready('b');
    const escaped = Number(/child (\d+)/.exec(log)?.[1]);
    shim.child.kill('SIGKILL');
    await shim.exit;
    expect(pids.every(isRunning)).toBe(true);
    expect(isRunning(escaped)).toBe(true);

    const next = await folder().start();
    expect([...pids, escaped].filter(isRunning)).toEqual([]);
    const { hello } = await next.attach();
    expect(hello.incarnations).toEqual([]);
    const [fact] = hello.facts;
    expect(fact?.kind).toBe('orphansStopped');
    const stopped = fact?.kind === 'orphansStopped' ? fact.incarnations : [];
    expect(stopped.toSorted((one, other) => one.pid - other.pid)).toEqual(
      [
        { incarnation: 'a#1', pid: pids[0] },
        { incarnation: 'b#1', pid: pids[1] },
      ].toSorted((one, other) => Number(one.pid) - Number(other.pid)),
    );
  });

  test.each([
    ['boot', { bootId: '00000000-0000-0000-0000-000000000000' }],
    ['pid namespace', { pidNamespace: '1' }],
    ['start time', { startTime: 1 }],
  ])('a record of another %s is removed and nobody is signalled', async (_, changes) => {
    const bystander = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
    const pid = bystander.pid ?? 0;
    const ended = new Promise((settle) => bystander.once('exit', settle));
    try {
      const boot = { ...readBootIdentity(), startTime: readStat(pid)?.startTime, ...changes };
      const records = join(folder().path, 'incarnations', 'deadbeef');
      mkdirSync(records, { recursive: true });
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').trim().split(' ');
      stat[21] = String(boot.startTime);
      writeFileSync(join(records, 'a%231'), `${boot.bootId} ${boot.pidNamespace} 0 ${stat.join(' ')}\n`);
      const shim = await folder().start();
      const { hello } = await shim.attach();
      expect(hello.facts).toEqual([]);
      expect(isRunning(pid)).toBe(true);
      expect(readdirSync(join(folder().path, 'incarnations'))).toHaveLength(1);
    } finally {
      bystander.kill('SIGKILL');
      await ended;
    }
  });

  test('an exec chain that the dead shim had begun executes nothing any more', async () => {
    const shim = await folder().start();
    const { client } = await shim.attach();
    const records = join(folder().path, 'incarnations');
    const [life = ''] = readdirSync(records);
    // As the next shim does it, while this one still starts workers.
    renameSync(join(records, life), join(records, `${life}.dead`));
    client.send({ type: 'spawn', spec: spec('a', ['sh', '-c', 'echo executed'], folder().logDir) });
    const failed = await client.fact('spawnFailed');
    expect(failed.text).toContain('could not be recorded');
    expect(folder().log('a')).not.toContain('executed');
  });
});
