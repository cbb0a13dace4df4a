import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TrendWatch } from '../../../../src/policy/trend/trend-watch.ts';

const MIB = 1024 * 1024;
const MINUTE = 60_000;

const watched = (bytes: (sample: number) => number, minutes: number): TrendWatch => {
  const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
  for (let sample = 0; sample < minutes * 12; sample += 1) watch.add(sample * 5000, bytes(sample));
  return watch;
};

const leak = (mibPerMinute: number) => (sample: number) => (40 + (sample * mibPerMinute) / 12) * MIB;
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

describe('what leaps', () => {
  const stairs =
    (step: number, every: number) =>
    (sample: number): number =>
      (40 + step * Math.floor(sample / every)) * MIB;

  test('close below the ceiling, one more rise like the last is enough', () => {
    const watch = watched(stairs(12, 60), 25.5);
    expect(watch.approach(112 * MIB, 10 * MINUTE)?.ms).toBeGreaterThan(0);
  });

  test('it is not where two such rises fit below it', () => {
    expect(watched(stairs(12, 60), 25.5).approach(130 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('the slowest leak passes with its next chunk', () => {
    const chunks = (sample: number): number => (40 + 2 * Math.floor(sample / 300)) * MIB;
    const watch = watched(chunks, 600);
    expect(watch.approach(89 * MIB, 10 * MINUTE)?.ms).toBe(10 * MINUTE);
    expect(watch.approach(95 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('nor where it rose long ago', () => {
    const once = (sample: number): number => (sample < 60 ? 40 : 100) * MIB;
    expect(watched(once, 30).approach(112 * MIB, 10 * MINUTE)).toBeNull();
  });

  test('nor, after five minutes, by the start of a process that stands there, with a little step now and then', () => {
    const starts = fc.record({ tau: fc.integer({ min: 1, max: 9 }), level: fc.integer({ min: 86, max: 95 }) });
    fc.assert(
      fc.property(starts, fc.integer({ min: 20, max: 60 }), ({ tau, level }, loads) => {
        const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
        for (let sample = 0; sample < 1_500; sample += 1) {
          const share = level - loads * Math.exp(-sample / tau) + Math.floor(sample / 400);
          watch.add(sample * 5000, share * 2 * MIB);
          if (sample >= 60) expect(watch.approach(200 * MIB, 10 * MINUTE)).toBeNull();
        }
      }),
      { numRuns: 15 },
    );
  });

  test('nor for a single reading', () => {
    const spike = (sample: number): number => (sample === 299 ? 100 : 40) * MIB;
    expect(watched(spike, 25).approach(112 * MIB, 10 * MINUTE)).toBeNull();
  });
});

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
