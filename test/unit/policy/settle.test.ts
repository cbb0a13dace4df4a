import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FRESH_MS, Settling, isDoubtful } from '../../../src/policy/settle.ts';

const SECOND = 1_000;

/** What is told of a process read four times a second, with the age at which it was told. */
const run = (bytesAt: (age: number) => number, untilMs = FRESH_MS): { age: number; floor: number }[] => {
  const settling = new Settling();
  const told = [];
  for (let age = 250; age <= untilMs; age += 250) {
    const floor = settling.add(age, bytesAt(age));
    if (floor !== null) told.push({ age, floor });
  }
  return told;
};

describe('a process settles', () => {
  test('that is flat, soon after it was loaded', () => {
    expect(run(() => 100)).toEqual([{ age: 5_000, floor: 100 }]);
  });

  test('where its warm-up ends, and is told anew then', () => {
    const told = run((age) => (age < 40 * SECOND ? 30 : 240));
    expect(told.map(({ floor }) => floor)).toEqual([30, 240]);
    expect(told[1]?.age).toBeLessThan(75 * SECOND);
  });

  test('at its floors, not at what a job holds for a moment', () => {
    expect(run((age) => (age % 2_000 < 500 ? 180 : 100)).map(({ floor }) => floor)).toEqual([100]);
  });
});

test('a leak never settles near where it ends', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.12, max: 50, noNaN: true }),
      fc.integer({ min: 10, max: 100 }),
      (mibPerSecond, base) => {
        const told = run((age) => base + (age / SECOND) * mibPerSecond);
        for (const { floor } of told) expect(floor).toBeLessThan(base * 1.2 + 5);
      },
    ),
  );
});

test('what happens later in its life says nothing of a fresh one', () => {
  expect(run((age) => (age < FRESH_MS ? 100 : 400), FRESH_MS + 60 * SECOND).map(({ floor }) => floor)).toEqual([100]);
});

test.each([
  { what: 'just over, and no more', seen: { ageMs: 9_000, overMs: 0, firstBytes: 260, bytes: 260 }, doubtful: true },
  { what: 'it grew on', seen: { ageMs: 9_000, overMs: 500, firstBytes: 260, bytes: 274 }, doubtful: false },
  { what: 'long enough', seen: { ageMs: 30_000, overMs: 20_000, firstBytes: 260, bytes: 260 }, doubtful: false },
  { what: 'no longer young', seen: { ageMs: 60_000, overMs: 0, firstBytes: 260, bytes: 260 }, doubtful: false },
])('$what: worth waiting for: $doubtful', ({ seen, doubtful }) => {
  expect(isDoubtful(seen)).toBe(doubtful);
});
