import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeLifetime, spreadOf } from '../../../src/policy/lifetime.ts';

const HOUR = 3_600_000;
const lifetime = (given = {}) => ({ ageMs: null, messages: null, jitterPercent: 0, schedule: [], ...given });
const lived = (given = {}) => ({ incarnation: 'shop:0#1', ageMs: 0, acknowledged: null, ...given });

test.each([
  ['nothing is limited', lifetime(), lived({ ageMs: 99 * HOUR, acknowledged: 1e9 }), null],
  ['young', lifetime({ ageMs: HOUR }), lived({ ageMs: HOUR - 1 }), null],
  ['of age', lifetime({ ageMs: HOUR }), lived({ ageMs: HOUR }), 'lifetime.age'],
  ['few messages', lifetime({ messages: 10 }), lived({ acknowledged: 9 }), null],
  ['enough messages', lifetime({ messages: 10 }), lived({ acknowledged: 10 }), 'lifetime.messages'],
  ['nobody counts', lifetime({ messages: 1 }), lived(), null],
])('%s', (_case, limits, life, rule) => expect(judgeLifetime(limits, life)?.rule ?? null).toBe(rule));

test('with jitter it is never later than the limit, never earlier than the limit less the jitter, and the same each time', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 100 }), (incarnation, jitterPercent) => {
      const limits = lifetime({ ageMs: 1_000_000, jitterPercent });
      const isDue = (ageMs: number) => judgeLifetime(limits, lived({ incarnation, ageMs })) !== null;
      expect(isDue(1_000_000)).toBe(true);
      expect(isDue(1_000_000 * (1 - jitterPercent / 100) - 1)).toBe(false);
      const at = 1_000_000 * (1 - (jitterPercent / 100) * spreadOf(incarnation));
      expect([isDue(Math.floor(at) - 1), isDue(Math.ceil(at))]).toEqual([false, true]);
    }),
  );
});

test('the workers of a program, and the lives of a worker, are spread evenly', () => {
  const names = Array.from({ length: 40 }, (_, worker) =>
    Array.from({ length: 25 }, (__, life) => `shop:${worker}#${life}`),
  );
  const spreads = names.flat().map(spreadOf);
  const tenths = Array.from(
    { length: 10 },
    (_, tenth) => spreads.filter((spread) => Math.floor(spread * 10) === tenth).length,
  );
  expect(Math.min(...tenths)).toBeGreaterThan(60);
  expect(Math.max(...tenths)).toBeLessThan(140);
});
