import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrendWatch } from '../../../../src/policy/trend/trend-watch.ts';
import { MIB, MINUTE, leak, watched } from './watched.ts';

const saw = (sample: number): number => (40 + (sample % 60) / 2) * MIB;

describe('trend', () => {
  test.each([
    ['unknown', leak(5), 0.5],
    ['flat', () => 40 * MIB, 30],
    ['leaking', leak(2), 30],
    ['leaking', leak(0.2), 240],
    ['sawtooth', saw, 60],
    ['warmingUp', (sample: number) => (40 + 60 * (1 - Math.exp(-sample / 40))) * MIB, 12],
    // A fall that goes on until much is given back, and the climb back to where it was.
    ['sawtooth', (sample: number) => (40 + Math.abs(((sample + 150) % 300) - 150) / 3) * MIB, 60],
  ])('%s', (trend, bytes, minutes) => {
    expect(watched(bytes, minutes).trend).toBe(trend);
  });

  test('a leak that sits on a saw is one all the same', () => {
    expect(watched((sample) => saw(sample) + leak(3)(sample), 60).trend).toBe('leaking');
  });

  test('what began lately does not drown in a long flat past', () => {
    const late = (sample: number): number => (sample < 2400 ? 40 : 40 + (sample - 2400) / 4) * MIB;
    expect(watched(late, 200 + 20).trend).toBe('leaking');
  });
});

describe('leaking is said of what matters', () => {
  test('not of a few chunks', () => {
    const few = (sample: number): number => (40 + Math.min(15, sample / 17)) * MIB;
    expect(watched(few, 21).trend).not.toBe('leaking');
    expect(watched((sample) => 2 * few(sample), 21).trend).toBe('leaking');
  });

  test('not of a few readings that lie far apart', () => {
    const sparse = (readings: number): TrendWatch => {
      const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: MINUTE });
      for (let reading = 0; reading < readings; reading += 1) watch.add(reading * MINUTE, (40 + 2 * reading) * MIB);
      return watch;
    };
    expect(sparse(55).leak).toBeNull();
    expect(sparse(110).leak).not.toBeNull();
  });

  test('a leak below the top of a spike', () => {
    const spiked = (sample: number): number => (sample === 20 ? 300 : 40 + sample / 6) * MIB;
    expect(watched(spiked, 30).trend).toBe('leaking');
  });
});

describe('whatever comes', () => {
  test('what stays within a few chunks is no leak and nears no ceiling', () => {
    const band = fc.array(fc.integer({ min: 0, max: 7 * MIB }), { minLength: 30, maxLength: 400 });
    fc.assert(
      fc.property(band, fc.integer({ min: 1, max: 3 * MIB }), (readings, room) => {
        const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
        for (const [sample, bytes] of readings.entries()) {
          watch.add(sample * 5000, 40 * MIB + bytes);
          expect(watch.leak).toBeNull();
          expect(watch.approach(47 * MIB + room, 10 * MINUTE)).toBeNull();
        }
        expect(['unknown', 'flat', 'sawtooth']).toContain(watch.trend);
      }),
      { numRuns: 60 },
    );
  });

  test('when the clock began does not matter', () => {
    const steps = fc.array(fc.integer({ min: -2, max: 4 }), { minLength: 60, maxLength: 300 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1e9 }), (rises, began) => {
        const verdict = (from: number): unknown => {
          const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
          let bytes = 40 * MIB;
          for (const [sample, rise] of rises.entries()) watch.add(from + sample * 5000, (bytes += (rise * MIB) / 4));
          return { trend: watch.trend, near: watch.approach(bytes + 20 * MIB, 10 * MINUTE)?.ms ?? null };
        };
        expect(verdict(began)).toEqual(verdict(0));
      }),
      { numRuns: 60 },
    );
  });

  test('a ceiling that is higher is never nearer', () => {
    const rates = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 100, maxLength: 300 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 40 }), (rises, room) => {
        const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
        let bytes = 40 * MIB;
        for (const [sample, rise] of rises.entries()) watch.add(sample * 5000, (bytes += (rise * MIB) / 8));
        const low = watch.approach(bytes + room * MIB, 10 * MINUTE);
        const high = watch.approach(bytes + (room + 30) * MIB, 10 * MINUTE);
        if (high !== null) expect(high.ms).toBeGreaterThanOrEqual(low?.ms ?? Infinity);
      }),
      { numRuns: 60 },
    );
  });
});
