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

test('how far apart they lie, from any of them on', () => {
  const bytes = fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(bytes, fc.nat({ max: 59 }), fc.integer({ min: 1, max: 60 }), (all, from, most) => {
      const floors = new Floors(40);
      for (const [time, value] of all.entries()) floors.push(time, value);
      const kept = all.slice(-40).slice(from);
      expect(floors.liesWithin(most, from)).toBe(kept.length === 0 || Math.max(...kept) - Math.min(...kept) < most);
    }),
  );
});
