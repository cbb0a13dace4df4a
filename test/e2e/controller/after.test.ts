import { afterEach, describe, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const make = (programs: Record<string, unknown>, extra: Record<string, unknown> = {}): Site =>
  (site = new Site(programs, extra));
const SLEEPER = { command: 'sleep 1000', start: { seconds: '300ms' } };
const STUBBORN = {
  command: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'],
  start: { seconds: 0 },
  ready: { log: 'ready' },
  recycle: { stopTimeout: '2s' },
};

describe('after', () => {
  test('a program starts when the one it comes after runs', async () => {
    const here = make({ web: { ...SLEEPER, after: ['db'] }, db: { ...SLEEPER, workers: 2 } });
    await here.run();
    await here.untilRunning();
    const entries = await here.client.journal({});
    const of = (worker: string, action: string) =>
      entries.find((entry) => entry.worker === worker && entry.action === action);
    expect(of('web:0', 'hold')?.reason.text).toBe('The start of web:0 waits for db (after): it is not up yet');
    expect(of('web:0', 'start')?.reason.text).toMatch(/^Started web:0.*: db is up$/);
    const web = Date.parse(of('web:0', 'start')?.time ?? '');
    const running = entries.filter(({ worker, action }) => action === 'start' && worker?.startsWith('db:'));
    expect(running).toHaveLength(2);
    for (const { outcome } of running) expect(Date.parse(outcome?.time ?? '')).toBeLessThanOrEqual(web);
  });

  test('nobody wants what it waits for: status, start and explain say so, and a person who starts it frees both', async () => {
    const here = make({
      web: { ...SLEEPER, after: ['db'] },
      db: { ...SLEEPER, start: { auto: false, seconds: '0s' } },
    });
    await here.run();
    await here.untilEntry(({ action }) => action === 'hold', 'the start waits');
    expect(await here.worker('web:0')).toMatchObject({
      state: 'STOPPED',
      note: 'waits for db, which nobody wants to run; ackwarden start db starts it',
    });
    const started = await here.cli('start', 'web');
    expect(started.code).toBe(1);
    expect(started.stdout + started.stderr).toContain('waits for db, which nobody wants to run');
    expect((await here.client.explain('web:0')).text).toMatch(/^web:0 is STOPPED and waits for db/);
    expect((await here.cli('start', 'db')).code).toBe(0);
    await here.untilRunning('web:0', 'db:0');
  });
});

describe('shutdown', () => {
  test('stops who stands on others first', async () => {
    const here = make({ db: SLEEPER, web: { ...SLEEPER, after: ['db'] }, mail: { ...SLEEPER, after: ['web'] } });
    const run = await here.run();
    await here.untilRunning();
    run.process.kill('SIGTERM');
    expect(await run.exited).toBe(0);
    const stops = here
      .log('journal.jsonl')
      .split('\n')
      .flatMap((line) => (line.includes('"command.shutdown"') ? [/"worker":"(\w+):0"/.exec(line)?.[1]] : []));
    expect(stops).toEqual(['mail', 'web', 'db']);
  });

  test('stops what is independent at once: three that ignore TERM take as long as one', async () => {
    const here = make({ a: STUBBORN, b: STUBBORN, c: STUBBORN });
    const run = await here.run();
    await here.untilRunning();
    run.process.kill('SIGTERM');
    expect(await run.exited).toBe(0);
    const lines = here.log('journal.jsonl').split('\n');
    const orders = lines.flatMap((line, at) => (line.includes('"command.shutdown"') ? [at] : []));
    const killed = lines.findIndex((line) => line.includes('"killed":true'));
    expect(orders).toHaveLength(3);
    expect(killed).toBeGreaterThan(Math.max(...orders));
  });
});

test('groups order the starts, and within them the priorities of the programs', async () => {
  const here = make(
    { late: SLEEPER, second: { ...SLEEPER, priority: 2 }, first: { ...SLEEPER, priority: 1 } },
    { groups: { early: { programs: ['second', 'first'], priority: 10 } } },
  );
  await here.run();
  await here.untilRunning();
  const started = (await here.client.journal({})).filter(({ action }) => action === 'start');
  expect(started.map(({ program }) => program)).toEqual(['first', 'second', 'late']);
});
