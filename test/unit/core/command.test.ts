import { describe, expect, test } from 'vitest';
import { refusal } from '../../../src/core/command.ts';
import type { WorkerVerb } from '../../../src/core/command.ts';
import { Driven, shop } from './driven.ts';

/** A worker in each state a command may find. */
const IN: Record<string, () => Driven> = {
  STOPPED: () => new Driven([shop({ auto: false })]),
  queued: () => new Driven(),
  STARTING: () => new Driven().spawned('shop:0#1'),
  RUNNING: () => Driven.up(),
  swapping: () => Driven.up().finding('shop:0#1').spawned('shop:0#2'),
  swapped: () => Driven.up().finding('shop:0#1').toRunningSwap(),
  stopping: () => Driven.up().command('stop'),
  restarting: () => Driven.up().command('restart'),
  recycling: () => Driven.up({ overlap: false }).finding('shop:0#1'),
  BACKOFF: () => new Driven().spawned('shop:0#1').exits('shop:0#1'),
  overHard: () => Driven.up().ceiling('shop:0#1', 'hard', 10),
  EXITED: () => Driven.up({ restart: 'never' }).exits('shop:0#1', 0),
  FATAL: () => new Driven([shop({ retries: 0 })]).spawnFailed('shop:0#1'),
};

const at = (where: string): Driven => {
  const make = IN[where];
  if (make === undefined) throw new Error(`no state ${where}`);
  return make();
};

/** Until every process that was told to stop is gone. */
const settle = (core: Driven): Driven => {
  for (let round = 0; round < 5; round++) {
    const { life, leaving } = core.worker();
    for (const old of leaving) core.exits(old.id, 0);
    if (life.state === 'STOPPING') core.exits(life.incarnation.id, 0);
  }
  return core;
};

describe('stop always means stopped', () => {
  test.each([
    ['STOPPED', 'STOPPED', []],
    ['queued', 'STOPPING #1 then rest', ['stop shop:0#1']],
    ['STARTING', 'STOPPING #1 then rest', ['stop shop:0#1']],
    ['RUNNING', 'STOPPING #1 then rest', ['stop shop:0#1']],
    ['swapping', 'STOPPING #1 then rest -#2', ['stop shop:0#1', 'stop shop:0#2']],
    ['swapped', 'STOPPING #2 then rest -#1', ['stop shop:0#2']],
    ['stopping', 'STOPPING #1 then rest', []],
    ['restarting', 'STOPPING #1 then rest', []],
    ['recycling', 'STOPPING #1 then rest', []],
    ['BACKOFF', 'STOPPED', []],
    ['overHard', 'STOPPED -#1', []],
    ['EXITED', 'STOPPED', []],
    ['FATAL', 'STOPPED', []],
  ])('%s → %s, ordering %j', (where, is, orders) => {
    const core = at(where).command('stop');
    expect(core.is()).toBe(is);
    expect(core.orders()).toEqual(orders);
    expect(core.worker().wanted).toBe('down');
    expect(settle(core).is()).toBe('STOPPED');
    expect(core.worker()).toMatchObject({ recycle: null, pending: null, leaving: [] });
  });

  test('an old timer starts nothing again', () => {
    const core = at('BACKOFF').command('stop').send({ type: 'timer', worker: 'shop:0' }, 60_000);
    expect(core.is()).toBe('STOPPED');
    expect(core.orders()).toEqual([]);
  });

  test.each(['BACKOFF', 'EXITED', 'FATAL'])('in %s it is said and over at once', (where) => {
    const core = at(where).command('stop');
    expect(core.said()).toEqual(['stop command.stop']);
    expect(core.concluded()).toEqual(['command.stop: stopped ok']);
  });

  test.each(['restarting', 'recycling'])(
    'in a stop that would start again (%s) the change of mind is said',
    (where) => {
      expect(at(where).command('stop').said()).toEqual(['command command.stop']);
    },
  );

  test('in the middle of a swap the recycle is overtaken, and everything has an outcome', () => {
    const core = at('swapping').command('stop');
    expect(core.concluded()).toEqual(['start.recycle: stopped failed', 'memory.soft: overtaken failed']);
    expect(core.exits('shop:0#2').concluded()).toEqual(['command.stop: stopped ok']);
    expect(core.exits('shop:0#1').concluded()).toEqual(['command.stop: stopped ok']);
  });
});

describe('stop --now', () => {
  test.each([
    ['RUNNING', ['stop shop:0#1']],
    ['stopping', ['stop shop:0#1']],
    ['swapping', ['stop shop:0#1', 'stop shop:0#2']],
    ['swapped', ['stop shop:0#1', 'stop shop:0#2']],
    ['overHard', ['stop shop:0#1']],
    ['recycling', ['stop shop:0#1']],
  ])('%s: kills %j and says so', (where, orders) => {
    const core = at(where).command('stop', true);
    expect(core.orders()).toEqual(orders);
    const plans = core.effects.flatMap((effect) => (effect.type === 'stop' ? effect.plan : []));
    for (const plan of plans)
      expect(plan).toMatchObject({ kill: 'now', quiesce: false, drainTimeoutMs: 0, stopTimeoutMs: 0 });
    const said = core.said().filter((entry) => entry === 'stop command.stop');
    expect(said.length).toBe(where === 'overHard' ? 2 : orders.length);
    expect(settle(core).is()).toBe('STOPPED');
  });

  test('also hurries what leaves a worker that is stopped already', () => {
    const core = at('overHard').command('stop').command('stop', true);
    expect(core.orders()).toEqual(['stop shop:0#1']);
  });

  test('brings the deadline nearer', () => {
    const core = at('stopping');
    const { until } = { until: 0, ...core.life() };
    core.command('stop', true);
    expect(core.life()).toMatchObject({ until: core.now + 10_000 });
    expect(until).toBeGreaterThan(core.now + 10_000);
  });
});

describe('start', () => {
  test.each([
    ['STOPPED', 'STARTING #1', ['spawn shop:0#1']],
    ['queued', 'STARTING #1', []],
    ['STARTING', 'STARTING #1', []],
    ['RUNNING', 'RUNNING #1', []],
    ['stopping', 'STOPPING #1 then start', []],
    ['restarting', 'STOPPING #1 then start', []],
    ['BACKOFF', 'STARTING #2', ['spawn shop:0#2']],
    ['overHard', 'STARTING #2 -#1', ['spawn shop:0#2']],
    ['EXITED', 'STARTING #2', ['spawn shop:0#2']],
    ['FATAL', 'STARTING #2', ['spawn shop:0#2']],
  ])('%s → %s', (where, is, orders) => {
    const core = at(where).command('start');
    expect(core.is()).toBe(is);
    expect(core.orders()).toEqual(orders);
    expect(core.worker()).toMatchObject({ wanted: 'up', attempts: 0, crashes: [], quickHards: 0 });
  });

  test('in STOPPING begins when the old one is gone', () => {
    const core = at('stopping').command('start').exits('shop:0#1');
    expect(core.is()).toBe('STARTING #2');
    expect(core.said()).toEqual(['start start.again']);
  });
});

describe('restart', () => {
  test.each([
    ['STOPPED', 'STARTING #1', ['spawn shop:0#1']],
    ['queued', 'STOPPING #1 then start', ['stop shop:0#1']],
    ['STARTING', 'STOPPING #1 then start', ['stop shop:0#1']],
    ['RUNNING', 'STOPPING #1 then start', ['stop shop:0#1']],
    ['stopping', 'STOPPING #1 then start', []],
    ['BACKOFF', 'STARTING #2', ['spawn shop:0#2']],
    ['EXITED', 'STARTING #2', ['spawn shop:0#2']],
    ['FATAL', 'STARTING #2', ['spawn shop:0#2']],
  ])('%s → %s', (where, is, orders) => {
    const core = at(where).command('restart');
    expect(core.is()).toBe(is);
    expect(core.orders()).toEqual(orders);
    expect(settle(core).life().state).toBe('STARTING');
  });
});

describe('recycle', () => {
  test('of a RUNNING worker begins at once, its reason in the entry', () => {
    const core = Driven.up();
    core.send({ type: 'command', verb: 'recycle', workers: ['shop:0'], kill: false, reason: 'deploy' });
    expect(core.is()).toBe('RUNNING #1 +#2');
    expect(core.effects.find((effect) => effect.type === 'journal')?.entry).toMatchObject({
      rule: 'command',
      text: 'deploy',
    });
  });

  test('--now kills first, without overlap', () => {
    const core = Driven.up().command('recycle', true);
    expect(core.is()).toBe('STOPPING #1 then start');
    expect(core.effects).toContainEqual(
      expect.objectContaining({ type: 'stop', plan: expect.objectContaining({ kill: 'now' }) }),
    );
  });

  test('--now obeys recycle.maxConcurrent like any other', () => {
    const core = Driven.up({ workers: 3 }).command('recycle', true, ['shop:0', 'shop:1', 'shop:2']);
    expect(core.orders()).toEqual(['stop shop:0#1']);
    core.exits('shop:0#1').toRunning('shop:0');
    expect(core.orders()).toEqual(['stop shop:1#1']);
  });

  test.each(['STOPPED', 'queued', 'STARTING', 'stopping', 'BACKOFF', 'EXITED', 'FATAL', 'swapping'])(
    'in %s does nothing',
    (where) => {
      const core = at(where);
      const before = core.state.workers;
      expect(core.command('recycle').effects).toEqual([]);
      expect(core.state.workers).toEqual(before);
    },
  );
});

describe('shutdown', () => {
  test.each(Object.keys(IN))('from %s everything ends, nothing starts, and wishes stay', (where) => {
    const core = at(where);
    const { wanted } = core.worker();
    settle(core.command('shutdown', false, []));
    expect(core.is()).toBe('STOPPED');
    expect(core.worker().wanted).toBe(wanted);
    for (const verb of ['start', 'restart', 'recycle'] as const) expect(core.command(verb).orders()).toEqual([]);
    expect(core.attach([]).orders()).toEqual([]);
  });

  test('--now kills strays too', () => {
    const core = Driven.up().spawned('shop:0#7').command('shutdown', true, []);
    expect(core.orders()).toEqual(['stop shop:0#7', 'stop shop:0#1']);
    expect(core.concluded()).toEqual(['spawn.unexpected: overtaken failed']);
  });
});

test('an unknown worker is passed over', () => {
  expect(Driven.up().command('stop', false, ['nobody']).effects).toEqual([]);
});

describe('refusal', () => {
  const rows: [string, WorkerVerb, string | null][] = [
    ['RUNNING', 'start', 'is running already'],
    ['STARTING', 'start', 'is running already'],
    ['stopping', 'start', null],
    ['STOPPED', 'stop', 'is stopped already'],
    ['overHard', 'stop', null],
    ['RUNNING', 'stop', null],
    ['RUNNING', 'recycle', null],
    ['swapping', 'recycle', 'is being recycled already'],
    ['BACKOFF', 'recycle', 'is BACKOFF, only a RUNNING worker can be recycled'],
    ['RUNNING', 'signal', null],
    ['queued', 'signal', 'is STARTING, there is no process to signal'],
    ['overHard', 'signal', 'is BACKOFF, there is no process to signal'],
    ['EXITED', 'signal', 'is EXITED, there is no process to signal'],
    ['FATAL', 'restart', null],
  ];
  test.each(rows)('%s, %s: %s', (where, verb, text) => {
    expect(refusal(at(where).worker(), verb)).toBe(text);
  });
});

describe('what a person stopped', () => {
  const by = { who: 'anna', wall: 5 };
  const stop = (core: Driven): Driven =>
    core.send({ type: 'command', verb: 'stop', workers: ['shop:0'], kill: false, reason: null, by });

  test.each(['STARTING', 'RUNNING', 'BACKOFF', 'EXITED', 'FATAL', 'recycling'])('is remembered from %s', (where) => {
    expect(stop(at(where)).state.stopped).toEqual({ 'shop:0': by });
  });

  test.each(['start', 'restart'] as const)('%s forgets it', (verb) => {
    expect(settle(stop(at('RUNNING'))).command(verb).state.stopped).toEqual({});
  });

  test('a shutdown is no wish', () => {
    expect(at('RUNNING').command('shutdown').state.stopped).toEqual({});
  });

  test('the next one to be told of it, after a reboot, starts it no more, and forgets it with its worker', () => {
    const core = new Driven([]);
    core.state = { ...core.state, stopped: { 'shop:0': by, 'gone:0': by } };
    const config = { hostMaxConcurrent: 1, reserveBytes: 0 };
    core.send({ type: 'config', programs: [shop({ workers: 2 })], ...config });
    expect(core.worker().wanted).toBe('down');
    expect(core.effects.flatMap((effect) => (effect.type === 'spawn' ? [effect.worker] : []))).toEqual(['shop:1']);
    expect(core.state.stopped).toEqual({ 'shop:0': by });
    core.send({ type: 'config', programs: [], ...config });
    core.send({ type: 'config', programs: [shop()], ...config });
    expect(core.worker().wanted).toBe('up');
  });
});
