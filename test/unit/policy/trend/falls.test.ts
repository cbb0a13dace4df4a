import { expect, test } from 'vitest';
import { Falls } from '../../../../src/policy/trend/falls.ts';

const MB = 1e6;
const feed = (values: readonly number[]): Falls => {
  const falls = new Falls();
  for (const [index, value] of values.entries()) falls.add(index * 1000, value * MB);
  return falls;
};

test('nothing fell: no climb is explained', () => {
  expect(feed([10, 20, 30, 40]).explain(0)).toBe(false);
});

test('a climb after a fall is explained up to the earlier peak and a bit, and no further', () => {
  expect(feed([10, 20, 30, 40, 12, 20, 42]).explain(4000)).toBe(true);
  expect(feed([10, 20, 30, 40, 12, 20, 44]).explain(4000)).toBe(false);
});

test('what is seen from before the fall on is not explained by it', () => {
  expect(feed([10, 20, 30, 40, 12, 20, 30]).explain(0)).toBe(false);
});

test('a climb that takes far longer than the one before is another matter', () => {
  const slow = Array.from({ length: 20 }, (_, index) => 12 + index);
  expect(feed([10, 20, 30, 40, ...slow.slice(0, 10)]).explain(4000)).toBe(true);
  expect(feed([10, 20, 30, 40, ...slow]).explain(4000)).toBe(false);
});

test('a spike explains no climb below its top', () => {
  expect(feed([10, 10, 10, 90, 10, 12, 14, 16, 18, 20]).explain(4000)).toBe(false);
});

test('a dip of a fraction of the climb is no fall', () => {
  expect(feed([10, 40, 30, 35]).count).toBe(0);
  expect(feed([10, 12, 10, 12, 10]).count).toBe(0);
  expect(feed([10, 40, 12, 40, 12]).count).toBe(2);
});
