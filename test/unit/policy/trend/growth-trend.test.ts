import { describe, expect, test } from 'vitest';
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

describe('a part of it that is hidden by the ups and downs of the other', () => {
  /** 60 MiB up in a quarter of an hour, and down at once. */
  const saw = (sample: number): number => 10 + ((sample % 180) / 180) * 60;
  const leaking = (sample: number): number => 20 + sample / 12;
  const grown = (minutes: number, of: (sample: number) => { php: number | null; native: number }): GrowthTrend => {
    const watch = new GrowthTrend({ windowMs: 20 * MINUTE, intervalMs: 5_000 });
    for (let sample = 0; sample < minutes * 12; sample += 1) {
      const { php, native } = of(sample);
      const ownBytes = (native + (php ?? saw(sample))) * MIB;
      const zendBytes = php === null ? null : php * MIB;
      const row = { rssBytes: ownBytes, ownBytes, swapBytes: 0, zendBytes, acknowledged: sample * 2 };
      watch.add({ at: sample * 5_000, ...row });
    }
    return watch;
  };

  test.each([
    ['native', (sample: number) => ({ php: saw(sample), native: leaking(sample) })],
    ['php', (sample: number) => ({ php: leaking(sample), native: saw(sample) })],
  ])('%s', (part, of) => {
    const { trend, leak } = grown(25, of);
    expect(trend).toBe('leaking');
    expect(leak?.part).toBe(part);
    expect((leak?.figures.slope ?? 0) * MINUTE).toBeCloseTo(MIB, -4);
    expect(leak?.bytesPerMessage).toBeCloseTo(MIB / 24, -3);
  });

  test('it is not seen so soon where nobody can read the heap, and is nothing where both go up and down', () => {
    expect(grown(25, (sample) => ({ php: null, native: leaking(sample) })).trend).not.toBe('leaking');
    expect(grown(240, (sample) => ({ php: saw(sample), native: saw(sample + 90) })).trend).toBe('sawtooth');
  });
});

test('with a leak goes where it grows', () => {
  const { leak } = watched(40, (sample) => ({ mib: 40 + sample / 6, acknowledged: sample * 2 }));
  expect(leak).toMatchObject({ zendBytesPerMinute: 0, bytesPerMessage: Math.round(MIB / 12) });
});

describe('a ceiling, by messages', () => {
  const HORIZON = 10 * MINUTE;
  /** 52 KiB a message, sixty a minute by day (seven hours of each twelve), none by night. */
  const shop = (sample: number): Second => {
    const minutes = sample / 12;
    const days = Math.floor(minutes / 720);
    const acknowledged = Math.floor(60 * (days * 420 + Math.min(420, minutes % 720)));
    return { mib: 40 + (acknowledged * 52) / 1024, acknowledged };
  };
  const NIGHT = 720 + 700;
  const night = watched(NIGHT, shop);
  const standsAt = shop(NIGHT * 12).mib;

  test('an idle worker is left, however near it is', () => {
    expect(night.approach((standsAt + 20) * MIB, HORIZON)).toBeNull();
  });

  test('with the first messages of the morning it is seen, and said by which numbers', () => {
    const morning = watched(1_442, shop);
    const near = morning.approach((standsAt + 25) * MIB, HORIZON);
    expect(near?.sign).toMatchObject({ kind: 'messages' });
    if (near?.sign.kind !== 'messages') return;
    expect(near.sign.perMinute).toBeCloseTo(60, 0);
    expect(near.sign.bytesPerMessage / 1024).toBeCloseTo(52, 0);
    expect(near.ms / MINUTE).toBeCloseTo(6.5, 0);
    expect(morning.approach((standsAt + 60) * MIB, HORIZON)).toBeNull();
  });

  test('who does not count messages sees it later', () => {
    const uncounted = watched(1_442, (sample) => ({ ...shop(sample), acknowledged: null }));
    expect(uncounted.approach((standsAt + 25) * MIB, HORIZON)).toBeNull();
  });

  test('what messages fill up once and what they do not touch is not carried on', () => {
    const cache = (sample: number): Second => {
      const { acknowledged } = shop(sample);
      return { mib: 40 + Math.min(60, (acknowledged ?? 0) / 100), acknowledged };
    };
    for (const minutes of [400, 1_442]) expect(watched(minutes, cache).approach(110 * MIB, HORIZON)).toBeNull();
  });
});
