import { expect, test } from 'vitest';
import { TIER_LENGTH, Tier } from '../../../../src/policy/trend/tier.ts';

const kept = ({ floors }: Tier): [number, number][] =>
  Array.from({ length: floors.length }, (_, index) => [floors.timeAt(index), floors.bytesAt(index)]);

test('a slot keeps its lowest reading, and is told once it is complete', () => {
  const tier = new Tier(1000);
  expect([tier.add(0, 5), tier.add(500, 3), tier.add(900, 9)]).toEqual([false, false, false]);
  expect(kept(tier)).toEqual([]);
  expect(tier.add(1000, 7)).toBe(true);
  expect(kept(tier)).toEqual([[0, 3]]);
});

test('the oldest slot goes', () => {
  const tier = new Tier(1000);
  for (let slot = 0; slot < TIER_LENGTH + 10; slot += 1) tier.add(slot * 1000, slot);
  expect(tier.floors).toHaveLength(TIER_LENGTH);
  expect(kept(tier)[0]).toEqual([9_000, 9]);
});
