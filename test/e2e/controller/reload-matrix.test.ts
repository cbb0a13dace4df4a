/** What a change of each key does to the processes of its program, by their pids: one fleet, one program a row, one reload. */
import { readFileSync, existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM_COSTS } from '../../../src/config/reload/effects.ts';
import { Site, isAlive } from './site.ts';

type Program = Record<string, unknown>;

/** `keeps`: the process is not touched · `replaces`: another one takes its place · `moves`: its worker has another name. */
interface Row {
  key: string;
  before?: Program;
  after: Program;
  does: 'keeps' | 'replaces' | 'moves';
}

const GATED = { amqp: {}, broker: { url: 'amqp://127.0.0.1:1/' }, recycle: { overlap: false } };
const GROWTH = { window: '20m', horizon: '10m', action: 'warn' };
const keeps = (key: string, after: Program, before: Program = {}): Row => ({ key, before, after, does: 'keeps' });
const replaces = (key: string, after: Program, before: Program = {}): Row => ({ key, before, after, does: 'replaces' });

const TELLS = ['sh', '-c', 'echo up; exec sleep 1000'];
const ROWS: Row[] = [
  replaces('command', { command: 'sleep 2000' }),
  replaces('directory', { directory: '/tmp' }),
  replaces('user', { user: userInfo().username }),
  keeps('workers', { workers: 2 }),
  { key: 'firstIndex', after: { firstIndex: 5 }, does: 'moves' },
  { key: 'workerName', after: { workerName: 'other-{index}' }, does: 'moves' },
  replaces('environment', { environment: { A: '2' } }, { environment: { A: '1' } }),
  replaces('umask', { umask: '077' }),
  replaces('nice', { nice: 3 }),
  replaces('limits', { limits: { nofile: 100 } }),
  keeps('priority', { priority: 5 }),
  keeps('start.auto', { start: { auto: false } }),
  keeps('start.seconds', { start: { seconds: '200ms' } }),
  keeps('start.retries', { start: { retries: 9 } }),
  keeps('start.backoff', { start: { backoff: '2s..9s' } }),
  keeps('start.restart', { start: { restart: 'never' } }),
  keeps('start.exitCodes', { start: { exitCodes: [0, 7] } }),
  keeps('memory.soft', { memory: { soft: '1GiB' } }),
  keeps('memory.hard', { memory: { hard: '2GiB' } }),
  keeps('memory.kill', { memory: { hard: '2GiB', kill: '3GiB' } }, { memory: { hard: '2GiB' } }),
  keeps('memory.metric', { memory: { metric: 'anon' } }),
  keeps('memory.growth.window', { memory: { growth: { ...GROWTH, window: '9m' } } }, { memory: { growth: GROWTH } }),
  keeps('memory.growth.horizon', { memory: { growth: { ...GROWTH, horizon: '9m' } } }, { memory: { growth: GROWTH } }),
  keeps(
    'memory.growth.action',
    { memory: { growth: { ...GROWTH, action: 'recycle' } } },
    { memory: { growth: GROWTH } },
  ),
  keeps('cpu.limit', { cpu: { limit: '80%' } }),
  keeps('cpu.for', { cpu: { for: '9m' } }),
  keeps('cpu.action', { cpu: { action: 'warn' } }),
  replaces('stdin', { stdin: 'open' }),
  keeps('ready.log', { command: TELLS, ready: { log: '/^u/' } }, { command: TELLS, ready: { log: 'up' } }),
  keeps('ready.command', { ready: { command: 'true x' } }, { ready: { command: 'true' } }),
  keeps('ready.timeout', { ready: { command: 'true', timeout: '50s' } }, { ready: { command: 'true' } }),
  keeps('ready.interval', { ready: { command: 'true', interval: '2s' } }, { ready: { command: 'true' } }),
  keeps('hooks.beforeStart', { hooks: { beforeStart: 'true x' } }, { hooks: { beforeStart: 'true' } }),
  keeps('hooks.timeout', { hooks: { beforeStart: 'true', timeout: '9s' } }, { hooks: { beforeStart: 'true' } }),
  keeps('hooks.onFailure', { hooks: { beforeStart: 'true', onFailure: 'ignore' } }, { hooks: { beforeStart: 'true' } }),
  keeps('lifetime.age', { lifetime: { age: '12h' } }),
  keeps('lifetime.messages', { lifetime: { messages: 10_000 } }),
  keeps('lifetime.jitter', { lifetime: { age: '12h', jitter: '20%' } }, { lifetime: { age: '12h' } }),
  keeps('lifetime.schedule', { lifetime: { schedule: '0 4 1 1 *' } }),
  keeps('stuck.inFlight', { stuck: { inFlight: '9m' } }),
  keeps('stuck.action', { stuck: { action: 'warn' } }),
  replaces('recycle.drain', { ...GATED, recycle: { overlap: false, drain: 'signal' } }, GATED),
  keeps('recycle.overlap', { recycle: { overlap: false } }),
  keeps('recycle.drainTimeout', { recycle: { drainTimeout: '9s' } }),
  keeps('recycle.onStuckDrain', { recycle: { onStuckDrain: 'kill' } }),
  keeps('recycle.settle', { recycle: { settle: '1s' } }),
  keeps('recycle.stopSignal', { recycle: { stopSignal: 'INT' } }),
  keeps('recycle.stopTimeout', { recycle: { stopTimeout: '9s' } }),
  keeps('recycle.maxConcurrent', { recycle: { maxConcurrent: 3 } }),
  keeps('recycle.budget', { recycle: { budget: '3 per 1m' } }),
  keeps('oom.scoreAdj', { oom: { scoreAdj: 300 } }, { oom: { scoreAdj: 200 } }),
  keeps('oom.adj', { oom: { adj: 7 } }),
  keeps('oom.policy', { oom: { policy: 'byState' } }),
  replaces('amqp.gate', { ...GATED, amqp: { gate: false } }, GATED),
  replaces('amqp.host', { ...GATED, amqp: { host: 'H' } }, GATED),
  replaces('amqp.port', { ...GATED, amqp: { port: 'P' } }, GATED),
  replaces('amqp.dsn', { ...GATED, amqp: { dsn: 'D' } }, GATED),
  replaces('amqp.prefetch', { ...GATED, amqp: { prefetch: 5 } }, GATED),
  replaces('amqp.poison.deaths', { ...GATED, amqp: { poison: { deaths: 5 } } }, GATED),
  replaces('amqp.poison.action', { ...GATED, amqp: { poison: { action: 'reject' } } }, GATED),
  replaces('broker.url', { ...GATED, broker: { url: 'amqp://127.0.0.1:2/' } }, GATED),
  replaces('broker.urls', { ...GATED, broker: { urls: ['amqp://127.0.0.1:1/', 'amqp://127.0.0.1:2/'] } }, GATED),
  replaces('php.disableExtensions', { php: { disableExtensions: ['none'] } }),
  replaces('php.ini', { php: { ini: { memory_limit: '1G' } } }),
  replaces('stdout.path', { stdout: { path: 'moved.log' } }),
  keeps('stdout.maxSize', { stdout: { maxSize: '1MiB' } }),
  keeps('stdout.backups', { stdout: { backups: 2 } }),
  keeps('stdout.daily', { stdout: { daily: true } }),
  keeps('stdout.compress', { stdout: { compress: true } }),
  replaces('stdout.format', { stdout: { format: 'json' } }),
  replaces('stdout.forward', { stdout: { forward: true } }),
  replaces('stdout.timestamps', { stdout: { timestamps: true } }),
  replaces('stdout.prefix', { stdout: { prefix: true } }),
  replaces('stdout.stripAnsi', { stdout: { stripAnsi: true } }),
  replaces('stderr', { stderr: { path: 'own.err' } }),
  replaces('stderr.path', { stderr: { path: 'b.err' } }, { stderr: { path: 'a.err' } }),
  keeps('stderr.maxSize', { stderr: { path: 'c.err', maxSize: '1MiB' } }, { stderr: { path: 'c.err' } }),
  keeps('stderr.backups', { stderr: { path: 'd.err', backups: 2 } }, { stderr: { path: 'd.err' } }),
  keeps('stderr.daily', { stderr: { path: 'daily.err', daily: true } }, { stderr: { path: 'daily.err' } }),
  keeps('stderr.compress', { stderr: { path: 'compress.err', compress: true } }, { stderr: { path: 'compress.err' } }),
  replaces('stderr.format', { stderr: { path: 'format.err', format: 'json' } }, { stderr: { path: 'format.err' } }),
  replaces('stderr.forward', { stderr: { path: 'forward.err', forward: true } }, { stderr: { path: 'forward.err' } }),
  replaces(
    'stderr.timestamps',
    { stderr: { path: 'timestamps.err', timestamps: true } },
    { stderr: { path: 'timestamps.err' } },
  ),
  replaces('stderr.prefix', { stderr: { path: 'prefix.err', prefix: true } }, { stderr: { path: 'prefix.err' } }),
  replaces(
    'stderr.stripAnsi',
    { stderr: { path: 'stripAnsi.err', stripAnsi: true } },
    { stderr: { path: 'stripAnsi.err' } },
  ),
];

/** Keys of the table that have no row here, and why. */
const ELSEWHERE: Record<string, string> = {
  envFile: 'its content is the environment (reload.test.ts)',
  after: 'says in which order new workers start',
  'ready.consuming': 'as the other checks; needs a gate',
  'ready.file': 'as the other checks; needs a file',
  'hooks.afterStart': 'as beforeStart',
  'hooks.beforeStop': 'as beforeStart',
  'hooks.afterStop': 'as beforeStart',
  'cgroup.high': 'not built',
  'cgroup.max': 'not built',
  'broker.urlFile': 'its content is broker.url',
  'broker.embedded': 'keeps its value until another start (plan.test.ts)',
  'broker.tls.ca': 'as the URL',
  'broker.tls.cert': 'as the URL',
  'broker.tls.key': 'as the URL',
  'broker.tls.verify': 'as the URL',
  'broker.tls.serverName': 'as the URL',
};

const base = { command: 'sleep 1000', directory: '/' };
const merged = (given: Program): Program => {
  const [start, recycle] = [given['start'] ?? {}, given['recycle'] ?? {}];
  return { ...base, ...given, start: { seconds: '100ms', ...start }, recycle: { stopTimeout: '5s', ...recycle } };
};
const nameOf = (key: string): string => key.replaceAll('.', '-');
const fleet = (state: 'before' | 'after'): Record<string, Program> =>
  Object.fromEntries(ROWS.map((row) => [nameOf(row.key), merged(row[state] ?? {})]));
const HOST = { host: { reserve: 0, maxConcurrent: 100 } };

test('every key that a program may have is here, or said to be elsewhere', () => {
  const here = new Set([...ROWS.map(({ key }) => key), ...Object.keys(ELSEWHERE)]);
  expect(Object.keys(PROGRAM_COSTS).filter((key) => !here.has(key))).toEqual([]);
});

describe('one reload', () => {
  let site: Site;
  const before = new Map<string, number | null>();
  const after = new Map<string, number | null>();
  const pids = async (): Promise<[string, number | null][]> =>
    (await site.client.status([])).workers.map(({ name, pid }) => [name, pid]);

  beforeAll(async () => {
    site = new Site(fleet('before'), HOST);
    await site.run();
    await site.untilRunning();
    for (const [name, pid] of await pids()) before.set(name, pid);
    site.configure(fleet('after'), HOST);
    const { code, stderr } = await site.cli('reload');
    if (code !== 0) throw new Error(stderr);
    await site.untilEntry(({ reason, outcome }) => reason.rule === 'reload' && outcome !== null, 'it is done');
    await site.untilRunning();
    for (const [name, pid] of await pids()) after.set(name, pid);
  });
  afterAll(() => site.dispose());

  test.each(ROWS.map(({ key, does }) => [key, does] as const))('%s %s', (key, does) => {
    const worker = `${nameOf(key)}:0`;
    const old = before.get(worker) ?? 0;
    expect(old).toBeGreaterThan(0);
    if (does === 'keeps') expect(after.get(worker)).toBe(old);
    else expect(isAlive(old)).toBe(false);
    if (does === 'replaces') expect(after.get(worker)).toBeGreaterThan(0);
    if (does === 'moves') expect(after.has(worker)).toBe(false);
  });

  test('what holds at once does hold for the process that was kept', async () => {
    const score = (name: string): string => readFileSync(`/proc/${after.get(name)}/oom_score_adj`, 'utf8').trim();
    await site.until(() => score('oom-scoreAdj:0') === '300' && score('oom-adj:0') === '411', 'scores are set');
    const set = await site.untilEntry(
      ({ action, worker }) => action === 'setOom' && worker === 'oom-scoreAdj:0',
      'said',
    );
    expect(set.reason.text).toMatch(/^Set oom_score_adj of oom-scoreAdj:0 \(pid \d+\) from 200 to 300/);
    expect(await site.worker('memory-soft:0')).toMatchObject({ softBytes: 1024 ** 3 });
  });
});

describe('the shim itself knows', () => {
  let site: Site;
  afterEach(() => site.dispose());

  test('another hard ceiling, another stop timeout, and other limits of a log that is open', async () => {
    const deaf = ['sh', '-c', "trap '' TERM; while :; do echo some line of output; sleep 0.05; done"];
    const shop = { command: deaf, directory: '/', start: { seconds: '100ms' } };
    const idle = [process.execPath, '-e', 'setInterval(() => {}, 1e6)'];
    const big = { command: idle, directory: '/', memory: { hard: '1GiB' }, start: { seconds: '100ms' } };
    site = new Site({ shop: { ...shop, recycle: { stopTimeout: '1h' }, stdout: { maxSize: 0 } }, big });
    const run = await site.run();
    await site.untilRunning();
    const { pid } = await site.worker('shop:0');
    site.configure({
      shop: { ...shop, recycle: { stopTimeout: '500ms' }, stdout: { maxSize: '1KiB', backups: 2 } },
      big: { ...big, memory: { hard: '8MiB', kill: '1GiB' } },
    });
    expect((await site.cli('reload')).code).toBe(0);
    await site.untilEntry(
      ({ reason, worker }) => reason.rule === 'memory.hard' && worker === 'big:0',
      'it is over hard',
    );
    await site.until(() => existsSync(site.path('log', 'shop-0.log.2')), 'the log is rotated');
    expect((await site.worker('shop:0')).pid).toBe(pid);
    const { shimPid } = (await site.client.status([])).controller;
    // Nobody but the shim can end its workers now.
    run.process.kill('SIGKILL');
    await run.exited;
    process.kill(shimPid ?? 0, 'SIGTERM');
    await site.until(() => !isAlive(pid ?? 0), 'it is killed after the new stop timeout');
  });
});
