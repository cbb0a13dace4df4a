import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FloorRing } from '../../../src/shim/floor-ring.ts';
import type { Floor } from '../../../src/shim/floor-ring.ts';
import { decodePast, encodePast } from '../../../src/shim/samples.ts';

const SECOND = 1_000;
const floorOf = (at: number, ownBytes: number): Floor => ({
  at,
  rssBytes: ownBytes + 20,
  ownBytes,
  swapBytes: 0,
  zendBytes: null,
  acknowledged: 7,
});

/** A reading a second. */
const fill = (seconds: number, bytesAt: (second: number) => number): readonly Floor[] => {
  const ring = new FloorRing();
  for (let second = 0; second < seconds; second += 1) {
    const bytes = bytesAt(second);
    ring.add(second * SECOND, bytes, () => floorOf(second * SECOND, bytes));
  }
  return ring.floors;
};

test('each slot keeps its lowest reading: what a job holds for a moment is none', () => {
  expect(fill(20, (second) => (second % 5 === 3 ? 100 : 400)).map(({ ownBytes }) => ownBytes)).toEqual([
    100, 100, 100, 100,
  ]);
});

test('the past gets coarser, never shorter, and stays in order', () => {
  const floors = fill(24 * 3_600, (second) => 100 + second);
  expect(floors.length).toBeGreaterThanOrEqual(60);
  expect(floors.length).toBeLessThanOrEqual(120);
  expect(floors[0]).toEqual(floorOf(0, 100));
  expect(floors.at(-1)?.at).toBeGreaterThan(23.5 * 3_600 * SECOND);
  expect(floors.map(({ at }) => at)).toEqual(floors.map(({ at }) => at).toSorted((a, b) => a - b));
});

test('the lowest reading of all is never lost', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 3_000 }), (bytes) => {
      const floors = fill(bytes.length, (second) => bytes[second] ?? 0);
      expect(Math.min(...floors.map(({ ownBytes }) => ownBytes))).toBe(Math.min(...bytes));
    }),
  );
});

test('it survives the way to the controller; rows that are none are left out', () => {
  const floors = [...fill(30, (second) => second), { ...floorOf(99_000, 5), zendBytes: 3, acknowledged: null }];
  expect(decodePast(JSON.parse(JSON.stringify(encodePast(floors))) as (number | null)[][])).toEqual(floors);
  expect(decodePast([[], [null, 1, 2], [5, 1]])).toEqual([]);
});
