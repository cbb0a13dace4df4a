import { describe, expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';

const consumer = (given = {}): Driven => Driven.up({ broker: 'main', retries: 1, ...given });

describe('while the broker is known to be away', () => {
  test('no exit counts, ever; each is retried within five seconds', () => {
    const core = consumer().broker(false).exits('shop:0#1');
    for (let number = 2; number <= 40; number++) {
      expect(core.is()).toBe('BACKOFF broker.down');
      expect(core.orders()).toEqual(['probe main']);
      const { life } = core.worker();
      expect(life).toMatchObject({ verdict: 'start', attempt: 0 });
      if (life.state === 'BACKOFF') expect(life.until - core.now).toBeLessThanOrEqual(5_000);
      expect(core.timer().said()).toEqual(['start start.brokerRetry']);
      expect(core.orders()).toEqual(['probe main', `spawn shop:0#${number}`]);
      if (number % 2 === 0) core.toRunning();
      else core.spawned(`shop:0#${number}`);
      core.exits(`shop:0#${number}`);
      expect(core.worker()).toMatchObject({ attempts: 0, crashes: [] });
    }
  });

  test('as soon as it answers all start at once', () => {
    const core = consumer().broker(false).exits('shop:0#1').broker(true);
    expect(core.life()).toMatchObject({ state: 'BACKOFF', until: core.now });
    expect(core.said()).toEqual(['broker broker.up']);
    expect(core.timer().is()).toBe('STARTING #2');
  });
});

describe('an exit while the broker seems to answer', () => {
  test('asks it, and counts', () => {
    const core = consumer().exits('shop:0#1');
    expect(core.orders()).toEqual(['probe main', 'spawn shop:0#2']);
    expect(core.worker().crashes).toHaveLength(1);
  });

  test('is forgiven when the answer says it is away, whatever the worker does by then', () => {
    const starting = consumer().exits('shop:0#1').broker(false);
    expect(starting.worker()).toMatchObject({ attempts: 0, crashes: [] });
    const waiting = new Driven([shop({ broker: 'main' })]).spawned('shop:0#1').exits('shop:0#1').broker(false);
    expect(waiting.is()).toBe('BACKOFF broker.down');
    expect(waiting.worker()).toMatchObject({ attempts: 0, crashes: [] });
  });

  test('never makes a wait longer than it was', () => {
    const core = new Driven([shop({ broker: 'main', backoffMinMs: 100 })]).spawned('shop:0#1').exits('shop:0#1');
    const { until } = { until: 0, ...core.life() };
    expect(core.broker(false).life()).toMatchObject({ until });
  });
});

describe('the last retry fails', () => {
  const exhausted = (): Driven =>
    new Driven([shop({ broker: 'main', retries: 0 })]).spawned('shop:0#1').exits('shop:0#1');

  test('nothing is final before the broker has answered', () => {
    const core = exhausted();
    expect(core.life()).toMatchObject({ state: 'BACKOFF', verdict: 'afterProbe', why: 'fatal.retries' });
    expect(core.orders()).toEqual(['probe main']);
  });

  test('it answers: FATAL', () => {
    const core = exhausted().broker(true);
    expect(core.is()).toBe('FATAL fatal.retries');
    expect(core.said()).toEqual(['fatal fatal.retries']);
  });

  test('it is away: wait for it', () => {
    const core = exhausted().broker(false);
    expect(core.life()).toMatchObject({ state: 'BACKOFF', verdict: 'start', why: 'broker.down' });
    expect(core.worker()).toMatchObject({ attempts: 0 });
    expect(core.broker(true).timer().is()).toBe('STARTING #2');
  });

  test('no answer at all: try once more, then ask again', () => {
    const core = exhausted().timer();
    expect(core.is()).toBe('STARTING #2');
    expect(core.spawned('shop:0#2').exits('shop:0#2').life()).toMatchObject({ verdict: 'afterProbe' });
  });

  test('a crash loop is final only after an answer as well', () => {
    const core = consumer({ retries: 0 });
    for (
      let number = 1;
      core.life().state !== 'BACKOFF' || !('why' in core.life() && core.is().includes('fatal'));
      number++
    ) {
      core.exits(`shop:0#${number}`, 1, 1);
      if (core.is() === 'BACKOFF exit.crashed') core.timer();
      if (core.life().state === 'STARTING') core.toRunning();
    }
    expect(core.is()).toBe('BACKOFF fatal.crashLoop');
    expect(core.broker(true).is()).toBe('FATAL fatal.crashLoop');
  });
});

describe('an exit just after its return', () => {
  const exitsAfterMs = (ms: number): Driven =>
    Driven.up({ broker: 'main', retries: 0, workers: 2 })
      .broker(false)
      .broker(true)
      .send({ type: 'timer', worker: 'shop:1' }, ms)
      .exits('shop:0#1');

  test.each([
    [0, 'BACKOFF broker.down'],
    [4_999, 'BACKOFF broker.down'],
    [5_000, 'STARTING #2'],
  ] as const)('after %d ms: %s', (ms, expected) => {
    expect(exitsAfterMs(ms).is()).toBe(expected);
  });

  test('counts if the broker had only been silent before: its first answer is no return', () => {
    expect(Driven.up({ broker: 'main', retries: 0 }).broker(true).exits('shop:0#1').is()).toBe('STARTING #2');
  });
});

describe('others', () => {
  test.each([
    ['without a broker', { broker: null }, 'main'],
    ['with another broker', { broker: 'main' }, 'other'],
  ] as const)('programs %s are not excused', (_who, given, broker) => {
    const core = Driven.up({ retries: 1, ...given })
      .broker(false, broker)
      .exits('shop:0#1');
    expect(core.is()).toBe('STARTING #2');
    expect(core.worker().crashes).toHaveLength(1);
  });

  test('waits for memory and after a hard ceiling are not touched', () => {
    const hard = consumer().ceiling('shop:0#1', 'hard', 1).broker(false);
    expect(hard.is()).toBe('BACKOFF memory.hard.again -#1');
    expect(hard.broker(true).is()).toBe('BACKOFF memory.hard.again -#1');
    expect(consumer().memory(1).exits('shop:0#1').broker(false).is()).toBe('BACKOFF host.reserve');
  });

  test('a change is said once; that it answers at first is none', () => {
    const core = consumer().broker(true);
    expect(core.said()).toEqual([]);
    expect(core.broker(false).said()).toEqual(['broker broker.down']);
    expect(core.broker(false).said()).toEqual([]);
    expect(core.broker(true).said()).toEqual(['broker broker.up']);
    expect(consumer().broker(false).said()).toEqual(['broker broker.down']);
  });
});
