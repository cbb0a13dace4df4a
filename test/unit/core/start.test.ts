import { describe, expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';

describe('STARTING', () => {
  test('becomes RUNNING once it was up for start.seconds, and says so', () => {
    const core = new Driven();
    expect(core.is()).toBe('STARTING #1');
    expect(core.spawned('shop:0#1').life()).toMatchObject({ until: core.now + 1_000, incarnation: { pid: 101 } });
    expect(core.timer().is()).toBe('RUNNING #1');
    expect(core.concluded()).toEqual(['start.auto: running ok']);
    expect(core.outcomes()[0]?.evidence).toEqual({ pid: 101, afterMs: 1_000 });
  });

  test('with start.seconds 0 it is RUNNING as soon as it is spawned', () => {
    expect(new Driven([shop({ secondsMs: 0 })]).spawned('shop:0#1').is()).toBe('RUNNING #1');
  });

  test('a late answer counts from the spawn, not from when it was heard', () => {
    const core = new Driven();
    core.send({ type: 'spawned', incarnation: 'shop:0#1', pid: 7, at: core.now - 5_000, wall: 3 });
    expect(core.is()).toBe('RUNNING #1');
    expect(core.life()).toMatchObject({ incarnation: { pid: 7, spawnedAt: core.now - 5_000, spawnedWall: 3 } });
  });

  test('without an answer no second process is started; it is said, and waited for', () => {
    const core = new Driven().timer();
    expect(core.said()).toEqual(['warn spawn.unanswered']);
    expect(core.orders()).toEqual([]);
    expect(core.life()).toMatchObject({ state: 'STARTING', until: core.now + 30_000 });
    expect(core.toRunning().is()).toBe('RUNNING #1');
  });

  test('a replacement without an answer is waited for as well', () => {
    const core = Driven.up().finding('shop:0#1').timer();
    expect(core.said()).toEqual(['warn spawn.unanswered']);
    expect(core.is()).toBe('RUNNING #1 +#2');
  });
});

describe('a spawn that fails', () => {
  test('of current counts as a failed start', () => {
    const core = new Driven([shop({ retries: 1 })]).spawnFailed('shop:0#1');
    expect(core.is()).toBe('BACKOFF spawn.failed');
    expect(core.concluded()).toEqual(['start.auto: spawn.failed failed']);
    expect(core.outcomes()[0]?.evidence).toEqual({ field: 'command', text: 'not found' });
    expect(core.timer().spawnFailed('shop:0#2').is()).toBe('FATAL fatal.retries');
    expect(core.said()).toEqual(['fatal fatal.retries']);
  });

  test('of a replacement never removes current', () => {
    const core = Driven.up().finding('shop:0#1').spawnFailed('shop:0#2');
    expect(core.is()).toBe('RUNNING #1');
    expect(core.concluded()).toEqual(['start.recycle: spawn.failed failed', 'memory.soft: spawn.failed failed']);
  });

  test.each([
    { verb: 'stop', is: 'STOPPED' },
    { verb: 'restart', is: 'STARTING #2' },
  ] as const)('of one that was told to $verb ends $is', ({ verb, is }) => {
    const core = new Driven().command(verb).spawnFailed('shop:0#1');
    expect(core.is()).toBe(is);
    expect(core.concluded()).toEqual([`command.${verb}: stopped ok`]);
  });

  test('of a replacement that was told to stop leaves nothing', () => {
    const core = Driven.up().finding('shop:0#1').command('stop').spawnFailed('shop:0#2');
    expect(core.is()).toBe('STOPPING #1 then rest');
    expect(core.concluded()).toEqual(['command.stop: stopped ok']);
  });

  test('closes a recycle whose old incarnation is gone', () => {
    const core = Driven.up({ overlap: false }).finding('shop:0#1').exits('shop:0#1');
    expect(core.worker().recycle).not.toBeNull();
    core.command('stop').spawnFailed('shop:0#2');
    expect(core.worker().recycle).toBeNull();
  });
});

describe('host.reserve', () => {
  test('holds a start back, says so once, and lets it go when there is memory', () => {
    const core = Driven.up().memory(100).exits('shop:0#1');
    expect(core.is()).toBe('BACKOFF host.reserve');
    expect(core.said()).toEqual(['exit exit.unexpected', 'hold host.reserve']);
    expect(core.timer().said()).toEqual([]);
    expect(core.life()).toMatchObject({ until: core.now + 1_000 });
    expect(core.memory(101).timer().is()).toBe('STARTING #2');
  });

  test.each([null, 101])('%s bytes available hold nothing back', (bytes) => {
    expect(Driven.up().memory(bytes).exits('shop:0#1').is()).toBe('STARTING #2');
  });

  test('what a fresh process takes is reckoned with, also by the next start before memory is read again', () => {
    const core = Driven.up({ workers: 2 }).memory(350, { shop: 150 });
    expect(core.exits('shop:0#1').is()).toBe('STARTING #2');
    expect(core.exits('shop:1#1').is('shop:1')).toBe('BACKOFF host.reserve');
    expect(core.memory(251, { shop: 150 }).timer('shop:1').is('shop:1')).toBe('STARTING #2');
  });
});

test('a spawned process that nobody waits for is stopped and remembered until it is gone', () => {
  const core = Driven.up().spawned('shop:0#7');
  expect(core.orders()).toEqual(['stop shop:0#7']);
  expect(core.said()).toEqual(['stop spawn.unexpected']);
  expect(core.worker().nextNumber).toBe(8);
  expect(core.is()).toBe('RUNNING #1');
  expect(core.exits('shop:0#7').concluded()).toEqual(['spawn.unexpected: stopped ok']);
  expect(core.state.strays).toEqual({});
});

test('told twice that it was spawned, a RUNNING worker stays as it is', () => {
  const core = Driven.up();
  const before = core.state;
  core.spawned('shop:0#1');
  expect(core.state.workers).toEqual(before.workers);
});
