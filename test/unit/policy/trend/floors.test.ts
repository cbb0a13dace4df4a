import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Floors } from '../../../../src/policy/trend/floors.ts';

test('it keeps the newest, in order, however many there were', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 1_000 }), (most, count) => {
      const floors = new Floors(most);
      const all = Array.from({ length: count }, (_, index): [number, number] => [index, index * 7]);
      for (const [time, bytes] of all) floors.push(time, bytes);
      const kept = Array.from({ length: floors.length }, (_, index) => [floors.timeAt(index), floors.bytesAt(index)]);
      expect(kept).toEqual(all.slice(-most));
    }),
  );
});

test('there is nothing beyond its ends', () => {
  const floors = new Floors(5);
  expect(floors.length).toBe(0);
  floors.push(1, 2);
  expect(floors.timeAt(-1)).toBeNaN();
});
