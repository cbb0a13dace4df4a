import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Leaps } from '../../../../src/policy/trend/leaps.ts';

const MIB = 1024 * 1024;

/** What is read of a process while it loads itself. */
const START = Array.from({ length: 10 }, () => 20);

const readFromStart = (mib: readonly number[]): Leaps => {
  const leaps = new Leaps();
  for (const [index, value] of mib.entries()) leaps.add(index * 5_000, value * MIB);
  return leaps;
};
const read = (mib: readonly number[]): Leaps => readFromStart([...START, ...mib]);
const next = (mib: readonly number[], ceilingMib: number): number | null =>
  read(mib).next(ceilingMib * MIB)?.count ?? null;

/** Two leaps of 40 MiB, each read twice. */
const STAIRS = [20, 20, 60, 60, 100, 100];

describe('a staircase', () => {
  test.each([
    ['its next step leads over the ceiling', STAIRS, 120, 2],
    ['it fits below it', STAIRS, 141, null],
    ['it stands where a healthy process may stand', STAIRS, 125, null],
    ['one leap is none', [20, 20, 100, 100], 120, null],
    ['steps of less than four chunks are none', [20, 27, 27, 34, 34, 41, 41], 45, null],
    ['the last one is read only once', [20, 20, 60, 60, 100], 120, null],
    ['it rises reading by reading', [20, 30, 50, 70, 95], 110, 3],
    ['one small step among large ones is not typical', [...STAIRS, 140, 140, 150, 150], 185, 4],
  ])('%s', (_, mib, ceiling, count) => {
    expect(next(mib, ceiling)).toBe(count);
  });

  test('tells of its leaps by their median, and from where to where they led', () => {
    const stairs = read([20, 20, 50, 50, 90, 90, 92, 142, 142]).next(150 * MIB);
    expect(stairs).toMatchObject({ count: 3, leapBytes: 40 * MIB });
    expect(stairs?.figures).toMatchObject({ lastBytes: 142 * MIB, climbBytes: 122 * MIB, spanMs: 25_000 });
  });

  test.each([
    ['the start is no staircase, in however many steps', [20, 60, 60, 100, 100], 110, null],
    ['it is one leap, and another follows', [20, 60, 60, ...Array.from({ length: 9 }, () => 60), 100, 100], 120, 2],
    ['of which half would do', [20, 60, 60, ...Array.from({ length: 9 }, () => 60), 100, 100], 121, null],
    ['and which is read twice', [20, 60, 60, ...Array.from({ length: 8 }, () => 60), 61, 101], 121, null],
    ['but what follows is not like it', [10, 80, 80, ...Array.from({ length: 9 }, () => 80), 90, 90], 110, null],
  ])('%s', (_, mib, ceiling, count) => {
    expect(readFromStart(mib).next(ceiling * MIB)?.count ?? null).toBe(count);
  });

  test('what has been so high before and came back may come back again', () => {
    expect(next([20, 20, 115, 20, ...STAIRS], 120)).toBeNull();
    expect(next([20, 20, 60, 20, ...STAIRS], 120)).toBe(2);
  });

  test('but not for ever', () => {
    expect(next([20, 20, 115, 20, ...STAIRS, 100, 100, 100, 100], 120)).toBe(2);
  });

  test('what was given back does not count', () => {
    const leaps = read(STAIRS);
    leaps.forget();
    expect(leaps.next(120 * MIB)).toBeNull();
  });
});

test('it acts in the last fifth below a ceiling and nowhere else, whatever it reads', () => {
  const readings = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(readings, fc.integer({ min: 1, max: 600 }), (mib, ceiling) => {
      const found = next(mib, ceiling);
      if (found !== null) expect(Math.max(...mib.slice(-2))).toBeGreaterThan(0.8 * ceiling);
    }),
  );
});
