import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { roomOf, scoreAdjOf } from '../../../src/policy/oom.ts';

test.each([
  { base: 0, suspect: 150, goingAway: 300, room: null },
  { base: -500, suspect: -350, goingAway: -200, room: null },
  { base: 700, suspect: 850, goingAway: 1000, room: null },
  { base: 800, suspect: 950, goingAway: 1000, room: null },
  { base: 900, suspect: 950, goingAway: 1000, room: 100 },
  { base: 1000, suspect: 1000, goingAway: 1000, room: 0 },
])('base $base: suspect $suspect, going away $goingAway', ({ base, suspect, goingAway, room }) => {
  expect([scoreAdjOf(base, 'ordinary'), scoreAdjOf(base, 'suspect'), scoreAdjOf(base, 'goingAway')]).toEqual([
    base,
    suspect,
    goingAway,
  ]);
  expect(roomOf(base)).toBe(room);
});

test('the order of states stays, within the scale', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 1000 }), (base) => {
      const [ordinary, suspect, goingAway] = (['ordinary', 'suspect', 'goingAway'] as const).map((standing) =>
        scoreAdjOf(base, standing),
      );
      expect([base, ordinary ?? 0, suspect ?? 0, goingAway ?? 0, 1000]).toEqual(
        [base, ordinary ?? 0, suspect ?? 0, goingAway ?? 0, 1000].toSorted((a, b) => a - b),
      );
    }),
  );
});
