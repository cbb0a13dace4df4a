import { describe, expect, test } from 'vitest';
import { Floors } from '../../../../src/policy/trend/floors.ts';
import { judgeFloors, projectedGrowth } from '../../../../src/policy/trend/window.ts';
import type { Judgement, WindowFigures } from '../../../../src/policy/trend/window.ts';

const MIB = 1024 * 1024;
const floorsOf = (bytes: (slot: number) => number, length: number): Floors => {
  const floors = new Floors(240);
  for (let slot = 0; slot < length; slot += 1) floors.push(slot * 5000, bytes(slot));
  return floors;
};
const judged = (bytes: (slot: number) => number, length = 120): Judgement | null =>
  judgeFloors(floorsOf(bytes, length));
const series = (bytes: (slot: number) => number): WindowFigures => {
  const figures = judged(bytes)?.figures ?? null;
  if (figures === null) throw new Error('no figures');
  return figures;
};

describe('shapes', () => {
  test.each<[string, (slot: number) => number, string]>([
    ['flat', () => 40 * MIB, 'flat'],
    ['a straight leak', (slot) => 40 * MIB + slot * 0.5 * MIB, 'growing'],
    ['less than four chunks', (slot) => 40 * MIB + slot * 0.05 * MIB, 'flat'],
    ['less than a tenth of what it has', (slot) => 400 * MIB + slot * 0.2 * MIB, 'flat'],
    ['a warm-up', (slot) => 40 * MIB + 60 * MIB * (1 - Math.exp(-slot / 20)), 'warmingUp'],
    ['a single step', (slot) => (slot < 20 ? 40 : 90) * MIB, 'flat'],
    ['a single step, and a little one after it', (slot) => (slot < 20 ? 40 : slot < 90 ? 90 : 92) * MIB, 'flat'],
    ['two steps', (slot) => (slot < 40 ? 40 : slot < 80 ? 65 : 90) * MIB, 'climbing'],
    ['jumps of which nothing is given back', (slot) => (40 + 30 * Math.floor(slot / 25)) * MIB, 'climbing'],
    ['teeth of a saw', (slot) => (40 + (slot % 40)) * MIB, 'flat'],
  ])('%s', (_, bytes, shape) => {
    expect(judged(bytes)?.shape).toBe(shape);
  });
});

test('too few floors say nothing', () => {
  expect(judged(() => 1, 0)).toBeNull();
  expect(judged(() => 1, 11)).toBeNull();
});

test('only those from the start on count', () => {
  const floors = floorsOf((slot) => (slot < 60 ? 0 : 40 * MIB), 120);
  expect(judgeFloors(floors, 60)).toEqual({ shape: 'flat', figures: null });
  expect(judgeFloors(floors, 0)?.figures).not.toBeNull();
});

test('a straight line goes on as it is', () => {
  const figures = series((slot) => slot * MIB);
  expect(projectedGrowth(figures, 300_000) / MIB).toBeCloseTo(60, 0);
});

test('a warm-up is carried on no further than where it ends', () => {
  const figures = series((slot) => 100 * MIB * (1 - Math.exp(-slot / 100)));
  const left = 100 * MIB * Math.exp(-119 / 100);
  expect(projectedGrowth(figures, 86_400_000)).toBeLessThan(left * 1.5);
  expect(projectedGrowth(figures, 86_400_000)).toBeGreaterThan(left * 0.5);
});

test('what slows down by next to nothing is carried on as a straight line', () => {
  const figures = { ...series((slot) => 40 * MIB + slot * MIB), halfRatio: 1 - Number.EPSILON };
  expect(projectedGrowth(figures, 202_000) / (figures.slope * 202_000)).toBeCloseTo(1, 6);
});

test('what shrinks grows by nothing', () => {
  expect(
    projectedGrowth(
      series((slot) => (200 - slot) * MIB),
      600_000,
    ),
  ).toBe(0);
});

test('the rises of its first quarter are told apart', () => {
  const figures = series((slot) => (slot < 10 ? 40 : slot < 90 ? 90 : 110) * MIB);
  expect(figures).toMatchObject({ riseBytes: 50 * MIB, laterRiseBytes: 20 * MIB });
});
