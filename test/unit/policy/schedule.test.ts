import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACK_MS, LATE_MS, look, wind } from '../../../src/policy/schedule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Each day at four. */
const atFour = (wall: number): number => Math.floor((wall - 4 * HOUR) / DAY + 1) * DAY + 4 * HOUR;

/** The times at which it fired, of a clock that shows these one after the other. */
const run = (...walls: number[]): { fired: number[]; missed: number[] } => {
  const [first = 0, ...rest] = walls;
  let wound = wind(first, atFour);
  const [fired, missed]: [number[], number[]] = [[], []];
  for (const wall of rest) {
    const seen = look(wound, wall, atFour);
    wound = seen.wound;
    if (seen.due !== null) fired.push(wall);
    if (seen.missed !== null) missed.push(seen.missed);
  }
  return { fired, missed };
};
const NOON = 100 * DAY + 12 * HOUR;
const FOUR = 101 * DAY + 4 * HOUR;

test.each([
  ['when it is time', [NOON, FOUR - 1, FOUR + 400], { fired: [FOUR + 400], missed: [] }],
  ['once', [NOON, FOUR, FOUR + 1, FOUR + 500], { fired: [FOUR], missed: [] }],
  ['not for a time before it was wound', [FOUR, FOUR + 1], { fired: [], missed: [] }],
  ['not what was missed', [NOON, FOUR + LATE_MS + 1], { fired: [], missed: [FOUR] }],
  [
    'not twice when the clock is set back an hour',
    [NOON, FOUR, FOUR - HOUR, FOUR, FOUR + 1],
    { fired: [FOUR], missed: [] },
  ],
  ['anew when the clock was a year ahead', [NOON + 365 * DAY, NOON, FOUR], { fired: [FOUR], missed: [] }],
])('fires %s', (_case, walls, expected) => expect(run(...walls)).toEqual(expected));

test('whatever the clock does, short of being set back by a day, no time fires twice', () => {
  const jump = fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: -BACK_MS / 8, max: 2 * DAY }));
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 7 }), (jumps) => {
      const walls = [NOON];
      for (const by of jumps) walls.push((walls.at(-1) ?? 0) + by);
      const slots = run(...walls).fired.map((wall) => atFour(wall) - DAY);
      expect(new Set(slots).size).toBe(slots.length);
    }),
  );
});
