import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrendWatch } from '../../../../src/policy/trend/trend-watch.ts';
import { MIB, MINUTE, watched } from './watched.ts';

describe('what leaps', () => {
  const stairs =
    (step: number, every: number) =>
    (sample: number): number =>
      (40 + step * Math.floor(sample / every)) * MIB;

  test('close below the ceiling, one more rise like the last is enough', () => {
    const watch = watched(stairs(12, 60), 25.5);
    expect(watch.approach(112 * MIB, 10 * MINUTE)?.ms).toBeGreaterThan(0);
  });

  test('it is not where two such rises fit below it', () => {
    expect(watched(stairs(12, 60), 25.5).approach(130 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('the slowest leak passes with its next chunk', () => {
    const chunks = (sample: number): number => (40 + 2 * Math.floor(sample / 300)) * MIB;
    const watch = watched(chunks, 600);
    expect(watch.approach(89 * MIB, 10 * MINUTE)?.ms).toBe(10 * MINUTE);
    expect(watch.approach(95 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('nor where it rose long ago', () => {
    const once = (sample: number): number => (sample < 60 ? 40 : 100) * MIB;
    expect(watched(once, 30).approach(112 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('nor, after five minutes, by the start of a process that stands there, with a little step now and then', () => {
    const starts = fc.record({ tau: fc.integer({ min: 1, max: 9 }), level: fc.integer({ min: 86, max: 95 }) });
    fc.assert(
      fc.property(starts, fc.integer({ min: 20, max: 60 }), ({ tau, level }, loads) => {
        const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
        for (let sample = 0; sample < 1_500; sample += 1) {
          const share = level - loads * Math.exp(-sample / tau) + Math.floor(sample / 400);
          watch.add(sample * 5000, share * 2 * MIB);
          if (sample >= 60) expect(watch.approach(200 * MIB, 10 * MINUTE)).toBeNull();
        }
      }),
      { numRuns: 15 },
    );
  });

  test('nor for a rise to where it has been before, and came back', () => {
    const forks =
      (...heights: number[]) =>
      (sample: number): number =>
        (40 + (sample % 100 > 80 ? (heights[Math.floor(sample / 100)] ?? 0) : 0)) * MIB;
    expect(watched(forks(0, 0, 60), 24).approach(112 * MIB, 10 * MINUTE)).not.toBeNull();
    expect(watched(forks(0, 60, 60), 24).approach(112 * MIB, 10 * MINUTE)).toBeNull();
    expect(watched(forks(0, 30, 60), 24).approach(112 * MIB, 10 * MINUTE)).not.toBeNull();
  });

  test('nor where the rise is short, though it is seen in a window that is not', () => {
    const staying = (...forks: [from: number, to: number][]) => {
      const up = (sample: number): boolean => forks.some(([from, to]) => sample >= from && sample < to);
      return (sample: number): number => (up(sample) ? 100 : 40) * MIB;
    };
    const near = (bytes: (sample: number) => number): number | null =>
      watched(bytes, 10).approach(112 * MIB, 10 * MINUTE)?.ms ?? null;
    expect(near(staying([110, 120]))).not.toBeNull();
    expect(near(staying([90, 94], [110, 120]))).toBeNull();
    expect(near(staying([90, 92], [104, 120]))).not.toBeNull();
  });

  test('nor for a single reading', () => {
    const spike = (sample: number): number => (sample === 299 ? 100 : 40) * MIB;
    expect(watched(spike, 25).approach(112 * MIB, 10 * MINUTE)).toBeNull();
  });
});
