/** Verify: a recycle for memory whose successor settles where its predecessor was recycled does not help. */
import { describe, expect, test } from 'vitest';
import type { EventBody } from '../../../src/core/types.ts';
import { Driven, shop } from './driven.ts';
import type { Given } from './driven.ts';

const MINUTE = 60_000;
const MIB = 1024 * 1024;
const CEILINGS = { softBytes: 256 * MIB, hardBytes: 512 * MIB, killBytes: null, metric: 'rss' } as const;

const finding = (incarnation: string, rule: string): EventBody => ({
  type: 'findings',
  incarnation,
  rule,
  evidence: { bytes: 260 * MIB },
});

/** A worker that was recycled by `rule` and whose successor runs, settled at `settled` MiB (null: it has not). */
const reborn = (rule: string, settled: number | null, given: Given = {}): Driven => {
  const core = Driven.up({ overlap: false, ceilings: CEILINGS, ...given });
  core.send(finding('shop:0#1', rule), MINUTE).exits('shop:0#1').toRunning();
  return settled === null
    ? core
    : core.send({ type: 'settled', incarnation: 'shop:0#2', bytes: settled * MIB }, 15_000);
};

describe('a successor over its ceiling again', () => {
  test.each([
    { settled: 204, is: 'STOPPING #2 then start' },
    { settled: 205, is: 'RUNNING #2' },
    { settled: 300, is: 'RUNNING #2' },
    { settled: null, is: 'STOPPING #2 then start' },
  ])('settled at $settled MiB of 256: $is', ({ settled, is }) => {
    const core = reborn('memory.soft', settled).send(finding('shop:0#2', 'memory.soft'), MINUTE);
    expect(core.is()).toBe(is);
  });

  test('it is said once, with what it needs, for the whole program', () => {
    const core = reborn('memory.soft', 240, { workers: 3 });
    core.send(finding('shop:0#2', 'memory.soft'), MINUTE);
    expect(core.said()).toEqual(['hold memory.soft.tooLow']);
    expect(core.effects).toMatchObject([
      { entry: { evidence: { bytes: 240 * MIB, ceiling: 'soft', ceilingBytes: 256 * MIB, leastBytes: 300 * MIB } } },
    ]);
    expect(core.send(finding('shop:0#2', 'memory.soft'), MINUTE).effects).toEqual([]);
    expect(core.send(finding('shop:2#1', 'memory.soft'), MINUTE).effects).toEqual([]);
  });

  test('after half an hour of work its recycle was worth it', () => {
    const young = reborn('memory.soft', 240).send(finding('shop:0#2', 'memory.soft'), 28 * MINUTE);
    expect(young.is()).toBe('RUNNING #2');
    const old = reborn('memory.soft', 240).send(finding('shop:0#2', 'memory.soft'), 30 * MINUTE);
    expect(old.is()).toBe('STOPPING #2 then start');
  });

  test('one that was seen leaking came there by its leak, and is recycled, until its trend is another', () => {
    const seen = (leaking: boolean): Driven =>
      reborn('memory.soft', 240)
        .send({ type: 'trend', incarnation: 'shop:0#2', leaking: true }, 17 * MINUTE)
        .send({ type: 'trend', incarnation: 'shop:0#2', leaking }, MINUTE)
        .send(finding('shop:0#2', 'memory.soft'), MINUTE);
    expect(seen(true).is()).toBe('STOPPING #2 then start');
    expect(seen(false).is()).toBe('RUNNING #2');
  });

  test('siblings that wait for the same do not wait any more', () => {
    const core = reborn('memory.soft', 240, { workers: 2, budget: { count: 1, windowMs: 60 * MINUTE } });
    core.send(finding('shop:1#1', 'memory.soft'), MINUTE);
    expect(core.worker('shop:1').pending).not.toBeNull();
    core.send(finding('shop:0#2', 'memory.soft'), MINUTE);
    expect(core.worker('shop:1').pending).toBeNull();
  });

  test('one rule says nothing about another', () => {
    const core = reborn('memory.soft', 240).send(finding('shop:0#2', 'memory.soft'), MINUTE);
    expect(core.send(finding('shop:0#2', 'lifetime.age'), MINUTE).is()).toBe('STOPPING #2 then start');
  });

  test('growth is judged by the way to the soft ceiling, or to the hard one', () => {
    const growth = reborn('memory.growth', 240).send(finding('shop:0#2', 'memory.growth'), MINUTE);
    expect(growth.said()).toEqual(['hold memory.growth.tooLow']);
    const ceilings = { ...CEILINGS, softBytes: null };
    const far = reborn('memory.growth', 240, { ceilings }).send(finding('shop:0#2', 'memory.growth'), MINUTE);
    expect(far.is()).toBe('STOPPING #2 then start');
  });
});

test('a worker that was started for any other reason may be recycled, wherever it settled', () => {
  const core = Driven.up({ overlap: false, ceilings: CEILINGS });
  core.send({ type: 'settled', incarnation: 'shop:0#1', bytes: 300 * MIB }, MINUTE);
  expect(core.send(finding('shop:0#1', 'memory.soft'), MINUTE).is()).toBe('STOPPING #1 then start');
});

test('the hard ceiling acts all the same; that it is too low is said once', () => {
  const core = Driven.up({ overlap: false, ceilings: CEILINGS }).ceiling('shop:0#1').exits('shop:0#1').toRunning();
  core.send({ type: 'settled', incarnation: 'shop:0#2', bytes: 500 * MIB }, 20_000).ceiling('shop:0#2');
  expect(core.said()).toEqual(['warn memory.hard.tooLow', 'recycle memory.hard', 'start start.recycle']);
  core.exits('shop:0#2').toRunning();
  core.send({ type: 'settled', incarnation: 'shop:0#3', bytes: 500 * MIB }, 20_000).ceiling('shop:0#3');
  expect(core.said()).toEqual(['recycle memory.hard', 'start start.recycle']);
});

describe('what was found out', () => {
  const futile = (): Driven => reborn('memory.soft', 240).send(finding('shop:0#2', 'memory.soft'), MINUTE);
  const configure = (core: Driven, given: Given): Driven =>
    core.send({
      type: 'config',
      programs: [shop({ overlap: false, ceilings: CEILINGS, ...given })],
      hostMaxConcurrent: 10,
      reserveBytes: 100,
    });

  test('is not forgotten by a controller that starts anew, nor by a reload of something else', () => {
    const core = futile();
    core.state = JSON.parse(JSON.stringify(core.state)) as Driven['state'];
    configure(core, {});
    configure(core, { retries: 7 });
    expect(core.send(finding('shop:0#2', 'memory.soft'), MINUTE).is()).toBe('RUNNING #2');
  });

  test.each<[string, Given]>([
    ['another ceiling', { ceilings: { ...CEILINGS, softBytes: 257 * MIB } }],
    ['other processes', { spec: '1.b' }],
  ])('%s gives it another chance', (_, given) => {
    expect(configure(futile(), given).state.futile).toEqual({});
  });
});

describe('a successor of a busy worker', () => {
  const busy = (afterMs: number): Driven => {
    const evidence = { percent: 97, limitPercent: 90 };
    const core = Driven.up({ overlap: false, cpu: { limitPercent: 90, forMs: MINUTE, action: 'recycle' } });
    core.send({ type: 'findings', incarnation: 'shop:0#1', rule: 'cpu.limit', evidence }, MINUTE);
    core.exits('shop:0#1').toRunning();
    return core.send({ type: 'findings', incarnation: 'shop:0#2', rule: 'cpu.limit', evidence }, afterMs);
  };

  test('that is as busy soon has work to do: said, and no more recycles for that', () => {
    const core = busy(5 * MINUTE);
    expect({ is: core.is(), said: core.said() }).toEqual({ is: 'RUNNING #2', said: ['hold cpu.limit.again'] });
  });

  test('that is busy much later is recycled again', () => {
    expect(busy(40 * MINUTE).is()).toBe('STOPPING #2 then start');
  });
});
