import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { kendallTau, median, theilSen } from '../../../../src/policy/trend/statistics.ts';

const line = (slope: number, length = 12): { x: number; y: number }[] =>
  Array.from({ length }, (_, x) => ({ x, y: 5 + slope * x }));

test('a straight line has its own slope, and one outlier does not change it', () => {
  expect(theilSen(line(3))).toBe(3);
  expect(theilSen(line(3).map((point, index) => (index === 4 ? { ...point, y: 1e9 } : point)))).toBe(3);
});

test('too few points have no slope', () => {
  expect(theilSen([])).toBeNull();
  expect(theilSen([{ x: 1, y: 1 }])).toBeNull();
  expect(median([])).toBeNull();
});

test('tau: 1 rising, -1 falling, 0 where all is equal', () => {
  expect([kendallTau(line(2)), kendallTau(line(-2)), kendallTau(line(0))]).toEqual([1, -1, 0]);
});

test('tau lies between -1 and 1 and turns with the series', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 2, maxLength: 12 }), (values) => {
      const points = values.map((y, x) => ({ x, y }));
      const tau = kendallTau(points);
      const turned = kendallTau(values.toReversed().map((y, x) => ({ x, y })));
      expect(Math.abs(tau)).toBeLessThanOrEqual(1);
      expect(turned).toBeCloseTo(-tau);
    }),
  );
});
