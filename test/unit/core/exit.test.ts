import { describe, expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';

describe('an exit after RUNNING', () => {
  test.each([
    { restart: 'always', how: 0, is: 'STARTING #2', said: ['exit exit.expected', 'start start.afterExit'] },
    { restart: 'always', how: 1, is: 'STARTING #2', said: ['exit exit.unexpected', 'start start.afterExit'] },
    { restart: 'always', how: 'SIGSEGV', is: 'STARTING #2', said: ['exit exit.unexpected', 'start start.afterExit'] },
    { restart: 'unexpected', how: 0, is: 'EXITED', said: ['exit exit.expected'] },
    { restart: 'unexpected', how: 2, is: 'EXITED', said: ['exit exit.expected'] },
    { restart: 'unexpected', how: 1, is: 'STARTING #2', said: ['exit exit.unexpected', 'start start.afterExit'] },
    {
      restart: 'unexpected',
      how: 'SIGKILL',
      is: 'STARTING #2',
      said: ['exit exit.unexpected', 'start start.afterExit'],
    },
    { restart: 'never', how: 0, is: 'EXITED', said: ['exit exit.expected'] },
    { restart: 'never', how: 1, is: 'EXITED', said: ['exit exit.unexpected'] },
  ] as const)('restart: $restart, $how → $is', ({ restart, how, is, said }) => {
    const core = Driven.up({ restart, exitCodes: [0, 2] }).exits('shop:0#1', how, 5_000);
    expect(core.is()).toBe(is);
    expect(core.said()).toEqual(said);
    expect(core.worker().restarts).toBe(is === 'STARTING #2' ? 1 : 0);
    expect(core.worker().crashes).toHaveLength(said[0] === 'exit exit.unexpected' && restart !== 'never' ? 1 : 0);
  });

  test('says how, after how long and that the status is kept', () => {
    const core = Driven.up({ restart: 'never' }).exits('shop:0#1', 'SIGSEGV', 5_000);
    const exit = core.effects.find((effect) => effect.type === 'journal');
    expect(exit?.entry).toMatchObject({
      pid: 101,
      incarnation: 1,
      evidence: { code: null, signal: 'SIGSEGV', ranMs: 6_000 },
    });
    expect(core.life()).toEqual({ state: 'EXITED', status: { code: null, signal: 'SIGSEGV' } });
  });

  test('the first retries at once, then longer and longer, then FATAL as a crash loop', () => {
    const core = Driven.up({ retries: 1 });
    const seen: string[] = [];
    for (let number = 1; number <= 6; number++) {
      core.exits(`shop:0#${number}`, 1, 1);
      seen.push(core.is());
      if (core.life().state === 'BACKOFF') core.timer();
      if (core.life().state === 'STARTING') core.toRunning();
    }
    expect(seen).toEqual(['STARTING #2', ...Array<string>(4).fill('BACKOFF exit.crashed'), 'FATAL fatal.crashLoop']);
    expect(core.worker()).toMatchObject({ attempts: 0, crashes: [] });
  });

  test('crashes far apart never add up', () => {
    const core = Driven.up({ retries: 1 });
    for (let number = 1; number <= 20; number++) core.exits(`shop:0#${number}`, 1, 600_000).toRunning();
    expect(core.is()).toBe('RUNNING #21');
  });
});

describe('an exit before start.seconds', () => {
  test('waits in BACKOFF, tries again, and ends in FATAL when the retries are used up', () => {
    const core = new Driven();
    const waits: number[] = [];
    for (let number = 1; number <= 4; number++) {
      core.spawned(`shop:0#${number}`).exits(`shop:0#${number}`, 0);
      const { life } = core.worker();
      if (life.state === 'BACKOFF') waits.push(life.until - core.now);
      expect(core.is()).toBe(number < 4 ? 'BACKOFF exit.tooQuick' : 'FATAL fatal.retries');
      expect(core.concluded()).toEqual([`${number === 1 ? 'start.auto' : 'start.retry'}: exited failed`]);
      if (number < 4) core.timer();
    }
    expect(waits).toEqual([800, 1_600, 3_200]);
    expect(core.orders()).toEqual([]);
  });

  test('RUNNING in between starts the count anew', () => {
    const core = new Driven().spawned('shop:0#1').exits('shop:0#1').timer().toRunning();
    expect(core.worker().attempts).toBe(0);
  });

  test('counts although the code is an expected one and restart is never', () => {
    const core = new Driven([shop({ restart: 'never' })]);
    expect(core.spawned('shop:0#1').exits('shop:0#1', 0).is()).toBe('BACKOFF exit.tooQuick');
  });

  /** Heard of at `heardMs`, before the timer: the controller was busy, or its clock is behind the shim's. */
  const endsAt = (core: Driven, ranMs: number, heardMs: number): Driven => {
    core.spawned('shop:0#1');
    const spawnedAt = core.now;
    const status = { code: 0, signal: null };
    const rest = { pid: 101, spawnedWall: 0, status, stop: null, lastSample: null, gate: null, swept: 0 };
    const fact = { kind: 'exited', incarnation: 'shop:0#1', spawnedAt, at: spawnedAt + ranMs, ...rest } as const;
    return core.send({ type: 'exited', fact }, heardMs);
  };

  test.each([
    { ranMs: 1_000, heardMs: 1_200, is: 'EXITED' },
    { ranMs: 1_005, heardMs: 900, is: 'EXITED' },
    { ranMs: 999, heardMs: 5_000, is: 'BACKOFF exit.tooQuick' },
  ])('is judged by when it ended, $ranMs ms after its start, whenever that is heard: $is', ({ ranMs, heardMs, is }) => {
    expect(endsAt(new Driven([shop({ restart: 'never' })]), ranMs, heardMs).is()).toBe(is);
  });

  test('and not where it was to be ready by then', () => {
    const ready = { timeoutMs: 500, shown: 'log "up"' };
    expect(endsAt(new Driven([shop({ restart: 'never', ready })]), 2_000, 2_000).is()).toBe('BACKOFF exit.tooQuick');
  });
});

describe('a shim that was told to end takes its workers along', () => {
  const stop = {
    by: 'shim',
    drainedAt: null,
    unacknowledged: null,
    beganAt: 0,
    signal: 'SIGTERM',
    signalledAt: 0,
    signalledWall: 0,
    killedAt: null,
  } as const;

  test.each([
    ['RUNNING', () => Driven.up(), 1],
    ['RUNNING, an exit that else is the last', () => Driven.up({ restart: 'unexpected' }), 1],
    ['STARTING', () => new Driven().spawned('shop:0#1'), 1],
    ['a replacement that took over', () => Driven.up().finding('shop:0#1').spawned('shop:0#2').exits('shop:0#1'), 2],
  ] as const)('%s: it waits for the next shim, and nothing is counted', (_where, make, number) => {
    const core = make().exits(`shop:0#${number}`, 0, 1, stop);
    expect(core.is()).toBe('STOPPED');
    expect(core.orders()).toEqual([]);
    expect(core.said()).toEqual(['exit exit.shimEnded']);
    expect(core.worker()).toMatchObject({ attempts: 0, crashes: [], recycle: null, wanted: 'up' });
    core.send({ type: 'shimLost' }).attach([]);
    expect(core.orders()).toEqual([`spawn shop:0#${number + 1}`]);
  });

  test('what a person stopped meanwhile stays stopped', () => {
    const core = Driven.up().exits('shop:0#1', 0, 1, stop).command('stop').send({ type: 'shimLost' }).attach([]);
    expect(core.is()).toBe('STOPPED');
    expect(core.orders()).toEqual([]);
  });
});

describe('an exit of an incarnation that is not current', () => {
  test('of a replacement gives up the recycle and keeps current', () => {
    const core = Driven.up().finding('shop:0#1').spawned('shop:0#2').exits('shop:0#2');
    expect(core.is()).toBe('RUNNING #1');
    expect(core.concluded()).toEqual(['start.recycle: exited failed', 'memory.soft: replacement.exited failed']);
    expect(core.worker()).toMatchObject({ recycle: null, recycles: 0, crashes: [] });
  });

  test('of current while its replacement starts: the replacement takes over, nothing is a crash', () => {
    const core = Driven.up().finding('shop:0#1').spawned('shop:0#2').exits('shop:0#1');
    expect(core.is()).toBe('STARTING #2');
    expect(core.concluded()).toEqual(['memory.soft: recycled ok']);
    expect(core.worker().crashes).toEqual([]);
    expect(core.toRunning().is()).toBe('RUNNING #2');
  });

  test('late and unknown ones change nothing', () => {
    const core = Driven.up().exits('shop:0#1').toRunning();
    const before = core.state;
    for (const id of ['shop:0#1', 'shop:0#9', 'shop:7#1', 'nobody', '']) {
      expect(core.exits(id).effects).toEqual([]);
      expect(core.state).toEqual(before);
    }
  });

  test('a start held for memory goes on as soon as the old one is gone', () => {
    const core = Driven.up().memory(50).ceiling('shop:0#1');
    expect(core.is()).toBe('BACKOFF host.reserve -#1');
    core.memory(1_000).exits('shop:0#1', 0, 100);
    expect(core.life()).toMatchObject({ until: core.now });
    expect(core.timer().is()).toBe('STARTING #2');
  });
});

test('the outcome of a stop says how it went', () => {
  const core = Driven.up().command('stop');
  const stop = {
    by: 'controller',
    drainedAt: null,
    unacknowledged: null,
    beganAt: core.now,
    signal: 'SIGTERM',
    signalledAt: core.now,
    signalledWall: 7,
    killedAt: null,
  } as const;
  core.exits('shop:0#1', 0, 310, stop);
  expect(core.outcomes()).toEqual([
    expect.objectContaining({
      ok: true,
      rule: 'stopped',
      evidence: expect.objectContaining({ tookMs: 310, killed: false, signalledWall: 7 }),
    }),
  ]);
  const killed = Driven.up().command('stop', true);
  killed.exits('shop:0#1', 'SIGKILL', 5, {
    ...stop,
    signal: null,
    signalledAt: null,
    beganAt: killed.now,
    killedAt: killed.now + 2,
  });
  expect(killed.outcomes()[0]?.evidence).toMatchObject({
    tookMs: 5,
    killed: true,
    killedAfterMs: 2,
    exitSignal: 'SIGKILL',
  });
});

test.each([
  { ranMs: 500, is: 'BACKOFF exit.tooQuick' },
  { ranMs: 5_000, is: 'STARTING #2' },
])('an exit whose spawn nobody heard of, after $ranMs ms: $is', ({ ranMs, is }) => {
  const core = new Driven();
  const status = { code: 1, signal: null };
  const times = { spawnedAt: core.now - ranMs, spawnedWall: 0 };
  const rest = { status, stop: null, lastSample: null, gate: null, swept: 0 };
  core.send({ type: 'exited', fact: { kind: 'exited', incarnation: 'shop:0#1', pid: 9, ...times, ...rest } });
  expect(core.is()).toBe(is);
  expect(core.effects.find((effect) => effect.type === 'journal')?.entry).toMatchObject({ evidence: { ranMs } });
});
