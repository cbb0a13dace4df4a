import { describe, expect, test } from 'vitest';
import { Driven, living, shop } from './driven.ts';
import type { Given } from './driven.ts';

const reload = (core: Driven, given: Given, changes: Record<string, string[]> = {}): Driven =>
  core.send({ type: 'config', programs: [shop(given)], hostMaxConcurrent: 10, reserveBytes: 100, changes });

describe('a configuration that wants other processes', () => {
  test('replaces one worker after the other, and says which keys', () => {
    const core = reload(Driven.up({ workers: 2 }), { workers: 2, spec: '1.b' }, { shop: ['memory.hard', 'nice'] });
    expect(core.orders()).toEqual(['spawn shop:0#2']);
    expect(core.said()).toEqual(['recycle config.changed', 'start start.recycle']);
    expect(core.effects).toContainEqual(
      expect.objectContaining({
        entry: expect.objectContaining({
          rule: 'config.changed',
          evidence: { keys: 'memory.hard, nice', overlap: true },
          policy: { key: 'programs.shop.memory.hard', line: 14 },
        }),
      }),
    );
    core.toRunningSwap().exits('shop:0#1', 0);
    expect(core.orders()).toEqual(['spawn shop:1#2']);
    core.toRunningSwap('shop:1').exits('shop:1#1', 0);
    expect(core.orders()).toEqual([]);
    expect([core.is('shop:0'), core.is('shop:1')]).toEqual(['RUNNING #2', 'RUNNING #2']);
  });

  test('is not bound by recycle.budget, and does not use it up', () => {
    const given = { workers: 3, budget: { count: 1, windowMs: 600_000 } };
    const core = reload(Driven.up(given), { ...given, spec: '1.b' });
    for (const name of ['shop:0', 'shop:1', 'shop:2']) core.toRunningSwap(name).exits(`${name}#1`, 0);
    expect(core.state.granted).toEqual({});
    expect(core.finding('shop:0#2').orders()).toEqual(['spawn shop:0#3']);
  });

  test('takes a worker that is starting once it runs, and one that waits or rests simply starts as it is now', () => {
    const starting = reload(new Driven(), { spec: '1.b' });
    expect(starting.orders()).toEqual([]);
    expect(starting.toRunning().orders()).toEqual(['spawn shop:0#2']);
    const stopped = reload(Driven.up().command('stop').exits('shop:0#1'), { spec: '1.b' });
    expect(stopped.orders()).toEqual([]);
    expect(stopped.command('start').toRunning().orders()).toEqual([]);
  });

  test('that comes back before its turn is no reason any more', () => {
    const core = reload(Driven.up({ workers: 2 }), { workers: 2, spec: '1.b' });
    reload(core, { workers: 2 });
    // The replacement under way is of the configuration in between, and is replaced in turn.
    core.toRunningSwap().exits('shop:0#1', 0);
    expect(core.orders()).toEqual(['spawn shop:0#3']);
    core.toRunningSwap().exits('shop:0#2', 0);
    expect([core.is('shop:0'), core.is('shop:1')]).toEqual(['RUNNING #3', 'RUNNING #1']);
  });

  test('is not compared with a spec of another version', () => {
    expect(reload(Driven.up(), { spec: '2.a' }).orders()).toEqual([]);
  });

  test('goes on with a controller that knows the processes only from the shim', () => {
    const core = new Driven([shop({ spec: '1.b' })]);
    core.state = { ...core.state, workers: {} };
    core.send({ type: 'config', programs: [shop({ spec: '1.b' })], hostMaxConcurrent: 1, reserveBytes: 0 });
    core.state = { ...core.state, workers: { 'shop:0': { ...core.worker(), life: { state: 'STOPPED' } } } };
    expect(core.attach([living('shop:0#7', { spec: '1.a' })]).orders()).toEqual(['spawn shop:0#8']);
    const same = new Driven([shop({ spec: '1.b' })]);
    same.state = { ...same.state, workers: { 'shop:0': { ...same.worker(), life: { state: 'STOPPED' } } } };
    expect(same.attach([living('shop:0#7', { spec: '1.b' })]).orders()).toEqual([]);
  });
});

describe('a configuration that does not come up', () => {
  const failing = (): Driven => {
    const core = reload(Driven.up({ workers: 2 }), { workers: 2, spec: '1.b' });
    return core.spawnFailed('shop:0#2');
  };

  test('takes no worker away, and is tried again later and later, in the one worker only', () => {
    const core = failing();
    expect([core.is('shop:0'), core.is('shop:1')]).toEqual(['RUNNING #1', 'RUNNING #1']);
    expect(core.said()).toEqual(['hold config.fails', 'hold hold.fails']);
    expect(core.orders()).toEqual([]);
    const began = core.now;
    expect(core.timer().orders()).toEqual(['spawn shop:0#3']);
    expect(core.now - began).toBe(1_000);
    const again = core.spawnFailed('shop:0#3').now;
    expect(core.timer().orders()).toEqual(['spawn shop:0#4']);
    expect(core.now - again).toBeGreaterThan(1_500);
    core.toRunningSwap().exits('shop:0#1', 0);
    expect(core.orders()).toEqual(['spawn shop:1#2']);
  });

  test('is forgotten with the next one', () => {
    const core = reload(failing(), { workers: 2, spec: '1.c' });
    expect(core.orders()).toEqual(['spawn shop:0#3']);
    expect(reload(failing(), { workers: 2 }).orders()).toEqual([]);
    expect(core.worker('shop:0').pending).toBeNull();
  });
});

describe('a worker that failed with the old configuration', () => {
  test('is started again, FATAL or waiting, where it would start in another way', () => {
    const fatal = Driven.up({ retries: 0 });
    fatal.exits('shop:0#1').spawnFailed('shop:0#2');
    expect(fatal.is()).toBe('FATAL fatal.retries');
    expect(reload(fatal, { retries: 0, maxConcurrent: 2 }).is()).toBe('FATAL fatal.retries');
    expect(reload(fatal, { retries: 0, spec: '1.b' }).said()).toEqual(['start start.changed']);
    const waiting = new Driven().spawnFailed('shop:0#1');
    reload(waiting, { spec: '1.b' });
    expect(waiting.timer().orders()).toEqual(['spawn shop:0#2']);
    expect(waiting.worker().attempts).toBe(0);
  });

  test('stays down where a person wants it down, and comes up where `start.auto` is new', () => {
    const down = Driven.up().command('stop').exits('shop:0#1');
    expect(reload(down, { spec: '1.b' }).is()).toBe('STOPPED');
    const idle = new Driven([shop({ auto: false })]);
    expect(reload(idle, { auto: true }).orders()).toEqual(['spawn shop:0#1']);
  });
});
