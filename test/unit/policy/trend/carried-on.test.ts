import { describe, expect, test } from 'vitest';
import { TrendWatch } from '../../../../src/policy/trend/trend-watch.ts';
import { MIB, MINUTE, leak, watched } from './watched.ts';

describe('how near a ceiling is', () => {
  test('a steady leak: as long as the straight line takes', () => {
    const near = watched(leak(5), 30).approach(230 * MIB, 10 * MINUTE);
    expect(near?.ms).toBeGreaterThan(7 * MINUTE);
    expect(near?.ms).toBeLessThan(9 * MINUTE);
  });

  test('beyond the horizon it is not near', () => {
    expect(watched(leak(5), 30).approach(300 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('two minutes of growth say nothing about the next ten', () => {
    expect(watched(leak(20), 2).approach(200 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('what fills in a straight line for some minutes is not carried on as far as what was seen for a whole window', () => {
    const filled = (sample: number): number => (13 + 34 * Math.min(1, sample / 96)) * MIB;
    for (let minutes = 1; minutes < 12; minutes += 0.5)
      expect(watched(filled, minutes).approach(64 * MIB, 10 * MINUTE)).toBeNull();
    expect(watched(leak(5), 21).approach(192 * MIB, 10 * MINUTE)?.ms).toBeGreaterThan(9 * MINUTE);
  });

  test('a warm-up that will end below the ceiling does not near it', () => {
    const warm = (sample: number): number => (40 + 60 * (1 - Math.exp(-sample / 60))) * MIB;
    for (let minutes = 1; minutes < 20; minutes += 1)
      expect(watched(warm, minutes).approach(125 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('the next tooth of a saw does not near it', () => {
    const tall = (sample: number): number => (40 + (sample % 240) / 4) * MIB;
    const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
    for (let sample = 0; sample < 240 * 4; sample += 1) {
      watch.add(sample * 5000, tall(sample));
      if (sample > 240) expect(watch.approach(105 * MIB, 10 * MINUTE)).toBeNull();
    }
  });
});
