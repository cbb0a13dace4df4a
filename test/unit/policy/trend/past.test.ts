import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MOST_ROWS, Past } from '../../../../src/policy/trend/past.ts';
import type { PastRow } from '../../../../src/policy/trend/past.ts';

const row = (at: number, more: Partial<PastRow> = {}): PastRow => ({
  at,
  rssBytes: at + 1,
  ownBytes: at + 2,
  swapBytes: 0,
  zendBytes: null,
  acknowledged: null,
  ...more,
});

test('what was read is told again, and what was unknown stays unknown', () => {
  const past = new Past();
  const rows = [row(0), row(5, { zendBytes: 7, acknowledged: 0 }), row(9, { swapBytes: 3 })];
  for (const each of rows) past.add(each);
  expect(past.rows()).toEqual(rows);
});

test('a long life fits, from its beginning to near its end, in order and evenly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12_000 }), fc.integer({ min: 1, max: 60_000 }), (count, intervalMs) => {
      const past = new Past();
      for (let index = 0; index < count; index += 1) past.add(row(index * intervalMs));
      const times = past.rows().map(({ at }) => at);
      expect(times.length).toBeLessThanOrEqual(MOST_ROWS);
      expect(times.length).toBeGreaterThanOrEqual(Math.min(count, MOST_ROWS / 2));
      expect(times[0]).toBe(0);
      const distances = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      const [least, most] = [Math.min(...distances), Math.max(...distances)];
      expect(times.length < 3 || most <= 2 * least).toBe(true);
      expect((count - 1) * intervalMs - (times.at(-1) ?? 0)).toBeLessThanOrEqual(Math.max(0, ...distances));
    }),
    { numRuns: 40 },
  );
});

test('the newest by time, or so many at least', () => {
  const past = new Past();
  for (let index = 0; index < 100; index += 1) past.add(row(index * 10));
  expect(past.newest(50, 1).map(({ at }) => at)).toEqual([940, 950, 960, 970, 980, 990]);
  expect(past.newest(50, 20)).toHaveLength(20);
  expect(past.newest(50, 2_000)).toHaveLength(100);
  expect(new Past().newest(50, 5)).toEqual([]);
});
