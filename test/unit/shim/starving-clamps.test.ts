import { expect, test } from 'vitest';
import { StarvingClamps } from '../../../src/shim/starving-clamps.ts';

test('a clamp that starved a program is not tried again; a larger one, and other programs, are', () => {
  const clamps = new StarvingClamps();
  expect(clamps.allowed('shop', 5)).toBe(5);
  clamps.starved('shop', 5);
  clamps.starved('shop', 3);
  expect(clamps.allowed('shop', 5)).toBeNull();
  expect(clamps.allowed('shop', 6)).toBe(6);
  expect(clamps.allowed('mail', 5)).toBe(5);
  expect(clamps.allowed('mail', null)).toBeNull();
});
