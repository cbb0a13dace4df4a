import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BROKER_RETRY_MS,
  CRASH_LIMIT,
  CRASH_WINDOW_MS,
  addCrash,
  afterCrash,
  backoffDelay,
  brokerDelay,
  crashLimit,
} from '../../../src/core/backoff.ts';

const policy = { retries: 3, backoffMinMs: 1_000, backoffMaxMs: 60_000 };

describe('backoffDelay', () => {
  test.each([
    { nth: 1, random: 0, delay: 800 },
    { nth: 1, random: 0.5, delay: 900 },
    { nth: 2, random: 0, delay: 1_600 },
    { nth: 3, random: 0, delay: 3_200 },
    { nth: 6, random: 0, delay: 25_600 },
    { nth: 7, random: 0, delay: 48_000 },
    { nth: 8, random: 0, delay: 48_000 },
    { nth: 5_000, random: 0.5, delay: 54_000 },
  ])('delay $nth with random $random is $delay ms', ({ nth, random, delay }) => {
    expect(backoffDelay(policy, nth, random)).toBe(delay);
  });

  test('it grows, stays under the maximum, and only its last fifth is random', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), random, (nth, r) => {
        const delay = backoffDelay(policy, nth, r);
        const full = Math.min(60_000, 1_000 * 2 ** (nth - 1));
        expect(delay).toBeGreaterThanOrEqual(Math.round(0.8 * full));
        expect(delay).toBeLessThanOrEqual(full);
      }),
    );
  });
});

describe('addCrash', () => {
  test('keeps what is inside the window, drops what has left it', () => {
    const now = CRASH_WINDOW_MS + 5;
    expect(addCrash(policy, [4, 5, 6, 7], now)).toEqual([6, 7, now]);
  });

  test('is bounded by one more than the limit', () => {
    const many = Array.from({ length: 100 }, (_, index) => index);
    expect(addCrash(policy, many, 100)).toHaveLength(crashLimit(policy) + 1);
  });
});

describe('afterCrash', () => {
  const times = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
  test.each([
    { retries: 3, crashes: 1, next: { next: 'now' } },
    { retries: 3, crashes: 3, next: { next: 'now' } },
    { retries: 3, crashes: 4, next: { next: 'wait', delayMs: 800 } },
    { retries: 3, crashes: 5, next: { next: 'wait', delayMs: 1_600 } },
    { retries: 3, crashes: 15, next: { next: 'wait', delayMs: 48_000 } },
    { retries: 3, crashes: 16, next: { next: 'give up' } },
    { retries: 0, crashes: 1, next: { next: 'now' } },
    { retries: 0, crashes: 2, next: { next: 'wait', delayMs: 800 } },
    { retries: 0, crashes: CRASH_LIMIT + 1, next: { next: 'give up' } },
  ])('$crashes crashes with $retries retries: $next', ({ retries, crashes, next }) => {
    expect(afterCrash({ ...policy, retries }, times(crashes), 0)).toEqual(next);
  });
});

test.each([
  { backoffMinMs: 100, random: 0, delay: 800 },
  { backoffMinMs: 1_000, random: 0, delay: 1_600 },
  { backoffMinMs: 60_000, random: 0, delay: 4_000 },
  { backoffMinMs: 60_000, random: 0.999, delay: 4_999 },
])(
  'a retry without broker after $delay ms (backoff $backoffMinMs, random $random)',
  ({ backoffMinMs, random, delay }) => {
    expect(brokerDelay({ ...policy, backoffMinMs }, random)).toBe(delay);
    expect(delay).toBeLessThan(BROKER_RETRY_MS);
  },
);
