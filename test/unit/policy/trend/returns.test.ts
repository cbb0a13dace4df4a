import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Returns } from '../../../../src/policy/trend/returns.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000;

/** One reading a second. */
const read = (mib: readonly number[]): Returns => {
  const returns = new Returns();
  for (const [index, value] of mib.entries()) returns.add(index * SECOND, value * MIB);
  return returns;
};
const explains = (mib: readonly number[], level: number, agoSeconds = 1): boolean =>
  read(mib).explain(level * MIB, agoSeconds * SECOND);

describe('a rise that may come back', () => {
  test.each([
    ['nothing ever came back', [40, 40, 80, 80, 80], 80, false],
    ['it was as high before, and came back', [40, 80, 40], 80, true],
    ['a tenth of that rise higher', [40, 80, 40], 83, true],
    ['more than that', [40, 80, 40], 85, false],
    ['what came back step by step is one rise', [40, 60, 80, 100, 80, 60, 40], 105, true],
    ['it came back half of the way only', [40, 100, 70], 100, true],
    ['noise came back', [40, 47, 40, 47, 40], 47, false],
    ['it fell below where it began: nothing had risen', [80, 80, 40], 80, false],
    ['and rose from there', [80, 40, 60, 40], 61, true],
  ])('%s', (_, mib, level, explained) => {
    expect(explains(mib, level)).toBe(explained);
  });

  test('not when it stays far longer than the longest one did', () => {
    const threeSeconds = [40, 80, 80, 80, 40];
    expect(explains(threeSeconds, 80, 12)).toBe(true);
    expect(explains(threeSeconds, 80, 13)).toBe(false);
  });

  test('on what the process holds all the time, too', () => {
    expect(explains([20, 120, 120, 160, 120], 160)).toBe(true);
  });

  test('a figure out of all bounds costs no more than any other', () => {
    expect(explains([40, 2 ** 40, 40], 2 ** 40)).toBe(true);
  });
});

test('since when it stands above a level', () => {
  const returns = read([40, 40, 60, 60, 80, 80]);
  expect(returns.since(40 * MIB)).toBe(2 * SECOND);
  expect(returns.since(60 * MIB)).toBe(4 * SECOND);
  expect(returns.since(80 * MIB)).toBeNull();
  expect(read([40, 80, 80, 40, 80]).since(40 * MIB)).toBe(4 * SECOND);
});

test('whatever was read: never above a tenth more than the highest reading', () => {
  const readings = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(readings, fc.integer({ min: 1, max: 600 }), (mib, level) => {
      if (explains(mib, level, 0)) expect(level).toBeLessThanOrEqual(1.1 * Math.max(...mib));
    }),
  );
});
