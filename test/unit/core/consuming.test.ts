import { describe, expect, test } from 'vitest';
import { CONSUME_MS } from '../../../src/core/consuming.ts';
import { Driven } from './driven.ts';

/** A worker behind a gate whose replacement has just been spawned. */
const swapping = (quiesce: boolean): Driven => Driven.up({ quiesce }).finding('shop:0#1').spawned('shop:0#2');
const consuming = (core: Driven, incarnation = 'shop:0#2', afterMs = 0): Driven =>
  core.send({ type: 'consuming', incarnation }, afterMs);

describe('a replacement behind a gate', () => {
  test('takes over once it consumes and start.seconds have passed', () => {
    const core = swapping(true);
    const { now } = core;
    expect(core.life()).toMatchObject({ swap: { until: now + CONSUME_MS } });
    consuming(core, 'shop:0#2', 300);
    expect(core.life()).toMatchObject({ swap: { until: now + 1_000 } });
    expect(core.timer().is()).toBe('RUNNING #2 -#1');
    expect(core.said()).toEqual(['stop recycle.swapped']);
  });

  test('takes over at once when it consumes later than that', () => {
    const core = consuming(swapping(true), 'shop:0#2', 5_000);
    expect(core.life()).toMatchObject({ swap: { until: core.now } });
  });

  test('takes over in the end although it does not consume, and that is said', () => {
    const core = swapping(true).timer();
    expect(core.is()).toBe('RUNNING #2 -#1');
    expect(core.said()).toEqual(['warn swap.notConsuming', 'stop recycle.swapped']);
  });

  test('is promoted while it starts, and still waits for no longer than it must', () => {
    const core = swapping(true).exits('shop:0#1');
    expect(core.is()).toBe('STARTING #2');
    expect(consuming(core, 'shop:0#2', 1_000).timer().is()).toBe('RUNNING #2');
  });
});

describe('consuming changes nothing', () => {
  test('without a gate', () => {
    const core = swapping(false);
    const before = core.life();
    expect(consuming(core, 'shop:0#2', 10).life()).toEqual(before);
    expect(core.timer().said()).toEqual(['stop recycle.swapped']);
  });

  test.each(['shop:0#1', 'shop:0#9', 'nobody:0#1'])('for %s', (incarnation) => {
    const core = swapping(true);
    const before = core.state;
    expect(consuming(core, incarnation).state).toEqual(before);
  });
});
