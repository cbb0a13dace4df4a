import { describe, expect, test } from 'vitest';
import { fastestGrowth, nextCeiling, nextInterval, pastHalf, reached } from '../../../src/shim/ceilings.ts';
import { GrowthRing } from '../../../src/shim/growth-ring.ts';
import type { Ceilings } from '../../../src/shim/spawn-spec.ts';

const MEBIBYTE = 1024 * 1024;
const ceilings = (hardBytes: number | null, killBytes: number | null): Ceilings => ({
  softBytes: null,
  hardBytes,
  killBytes,
  metric: 'rss',
});

function ringOf(...points: [seconds: number, mebibytes: number][]): GrowthRing {
  const ring = new GrowthRing();
  for (const [seconds, mebibytes] of points) ring.add(seconds * 1000, mebibytes * MEBIBYTE);
  return ring;
}

describe('GrowthRing', () => {
  test.each<[string, [number, number][], number | null, number | null]>([
    ['nothing', [], null, null],
    ['one point', [[0, 50]], null, null],
    [
      'flat',
      [
        [0, 50],
        [1, 50],
        [2, 50],
      ],
      null,
      null,
    ],
    [
      'falling',
      [
        [0, 50],
        [1, 40],
      ],
      null,
      null,
    ],
    [
      'steady',
      [
        [0, 50],
        [1, 75],
        [2, 100],
      ],
      25,
      2,
    ],
    [
      'flat, then steady',
      [
        [0, 50],
        [100, 50],
        [101, 75],
        [102, 100],
      ],
      25,
      2,
    ],
    [
      'a saw tooth counts from its last foot',
      [
        [0, 50],
        [5, 200],
        [6, 50],
        [8, 100],
      ],
      25,
      2,
    ],
    [
      'a small dip does not end a climb',
      [
        [0, 0],
        [1, 25],
        [2, 24.5],
        [4, 100],
      ],
      25,
      4,
    ],
  ])('%s', (_, points, rate, seconds) => {
    const growth = ringOf(...points).growth();
    expect(growth === null ? null : growth.bytesPerSecond / MEBIBYTE).toBe(rate);
    expect(growth?.seconds ?? null).toBe(seconds);
  });

  test('a long climb keeps its foot although the ring is bounded', () => {
    const ring = new GrowthRing();
    for (let second = 0; second <= 5000; second += 1) ring.add(second * 1000, second * MEBIBYTE);
    const growth = ring.growth();
    expect((growth?.bytesPerSecond ?? 0) / MEBIBYTE).toBeCloseTo(1);
    expect(growth?.seconds).toBeGreaterThan(4500);
  });
});

describe('ceilings', () => {
  test.each([
    [99, 100, 200, null],
    [100, 100, 200, 'hard'],
    [199, 100, 200, 'hard'],
    [200, 100, 200, 'kill'],
    [200, null, 200, 'kill'],
    [1e12, null, null, null],
  ])('%d against hard %s and kill %s: %s', (bytes, hard, kill, expected) => {
    expect(reached(bytes, ceilings(hard, kill))).toBe(expected);
  });

  test.each([
    [10, 100],
    [100, 200],
    [200, null],
  ])('above %d the next is %s', (bytes, expected) => {
    expect(nextCeiling(bytes, ceilings(100, 200))).toBe(expected);
  });

  test('past half of the way', () => {
    expect(pastHalf(50, ceilings(100, 200))).toBe(false);
    expect(pastHalf(51, ceilings(100, 200))).toBe(true);
    expect(pastHalf(1e12, ceilings(null, null))).toBe(false);
  });

  test.each([
    ['no growth', 10, 0, 250],
    ['slow growth', 10, 0.01, 250],
    ['fast growth', 80, 0.1, 100],
    ['very fast growth', 99, 10, 50],
    ['above every ceiling', 300, 10, 250],
  ])('with %s the next look is due in time', (_, bytes, rate, expected) => {
    expect(nextInterval(bytes, ceilings(100, 200), rate, 250)).toBe(expected);
  });

  test('the fastest growth is kept for a while and then forgotten', () => {
    expect(fastestGrowth(0, 100, 10)).toBe(10);
    expect(fastestGrowth(10, 0, 30_000)).toBe(5);
    expect(fastestGrowth(10, -1e9, 1)).toBeCloseTo(10, 2);
    expect(fastestGrowth(10, 5, 0)).toBe(10);
  });
});
