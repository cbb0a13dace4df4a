import { expect, test } from 'vitest';
import { monotonicMs, offsetOf } from '../../../src/linux/clock.ts';

test('the offset is that of the tries in which nothing came in between', () => {
  let clock = 1_000;
  let readings = 0;
  const read = (offset: number): number => {
    readings += 1;
    // The machine does something else for a while, at every fourth reading.
    clock += readings % 4 === 0 ? 80 : 0.001;
    return clock + offset;
  };
  const offset = offsetOf({ now: () => read(0), hrtimeMs: () => read(5_000) });
  expect(Math.abs(offset - 5_000)).toBeLessThan(0.01);
});

test('it is the clock of every process of this boot', () => {
  const before = Number(process.hrtime.bigint()) / 1e6;
  const now = monotonicMs();
  const after = Number(process.hrtime.bigint()) / 1e6;
  expect(now).toBeGreaterThanOrEqual(before - 1);
  expect(now).toBeLessThanOrEqual(after + 1);
});
