import { expect, test } from 'vitest';
import { GrowthTrend } from '../../../../src/policy/trend/growth-trend.ts';

const MIB = 1024 * 1024;
const MINUTE = 60_000;

interface Second {
  mib: number;
  acknowledged: number | null;
}

/** A reading every five seconds. */
const watched = (minutes: number, of: (sample: number) => Second): GrowthTrend => {
  const watch = new GrowthTrend({ windowMs: 20 * MINUTE, intervalMs: 5_000 });
  for (let sample = 0; sample < minutes * 12; sample += 1) {
    const { mib, acknowledged } = of(sample);
    const figures = { rssBytes: mib * MIB, ownBytes: mib * MIB, swapBytes: 0, zendBytes: 2 * MIB };
    watch.add({ at: sample * 5_000, ...figures, acknowledged });
  }
  return watch;
};

/** Five minutes of work, then an hour of none. */
const nights = (messages: number): ((sample: number) => Second) => {
  let acknowledged = 0;
  return (sample) => {
    if (sample % 780 < 60) acknowledged += messages;
    return { mib: 40 + acknowledged * 0.02, acknowledged };
  };
};

test('a leak that stands still whenever nothing comes is seen by its messages', () => {
  const { leak, trend } = watched(300, nights(8));
  expect(trend).toBe('leaking');
  expect(leak?.bytesPerMessage).toBeCloseTo(0.02 * MIB, -2);
  expect(leak?.figures.spanMs).toBeGreaterThan(60 * MINUTE);
});

test('without a count of messages the same is no leak to us', () => {
  const count = nights(8);
  expect(watched(300, (sample) => ({ ...count(sample), acknowledged: null })).trend).not.toBe('leaking');
});

test('a thousand messages within seconds are no long experience', () => {
  const burst = (sample: number): Second => ({
    mib: 40 + Math.min(sample, 30),
    acknowledged: Math.min(sample, 30) * 1_000,
  });
  expect(watched(10, burst).trend).not.toBe('leaking');
});

test('with a leak goes where it grows', () => {
  const { leak } = watched(40, (sample) => ({ mib: 40 + sample / 6, acknowledged: sample * 2 }));
  expect(leak).toMatchObject({ zendBytesPerMinute: 0, bytesPerMessage: Math.round(MIB / 12) });
});
