import { describe, expect, test } from 'vitest';
import { replay } from '../../../src/policy/replay.ts';
import type { ReplayPolicy, TraceRow } from '../../../src/policy/replay.ts';
import { madeSeries, recordedSeries } from '../../corpus/corpus.ts';
import type { Series } from '../../corpus/generate.ts';

const MIB = 1024 * 1024;
const POLICY: ReplayPolicy = {
  softBytes: 256 * MIB,
  hardBytes: 512 * MIB,
  killBytes: 640 * MIB,
  metric: 'rss',
  growth: { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' },
};
const rows = (mib: (sample: number) => number, length: number): TraceRow[] =>
  Array.from({ length }, (_, sample) => {
    const bytes = mib(sample) * MIB;
    const anonBytes = Math.max(0, bytes - 20 * MIB);
    return { seconds: sample * 5, rssBytes: bytes, anonBytes, swapBytes: 0, zendBytes: null, acknowledged: null };
  });

test('a leak is recycled some eight to ten minutes before its ceiling', () => {
  const found = replay(
    rows((sample) => 60 + sample / 6, 1200),
    POLICY,
  );
  expect(found.verdict).toBe('leaking');
  expect(found.first).toMatchObject({ action: 'recycle', rule: 'memory.growth' });
  const passes = (256 - 60) * 6 * 5;
  expect(passes - (found.first?.atSeconds ?? 0)).toBeGreaterThan(480);
  expect(passes - (found.first?.atSeconds ?? 0)).toBeLessThanOrEqual(610);
});

describe('the ceilings, where growth does not foresee them', () => {
  const jump = (to: number): TraceRow[] => rows((sample) => (sample < 100 ? 60 : to), 120);
  test.each([
    [300, 'memory.soft', 525],
    [600, 'memory.hard', 500],
    [700, 'memory.kill', 500],
  ])('a jump to %i MiB', (to, rule, atSeconds) => {
    expect(replay(jump(to), POLICY).first).toMatchObject({ rule, atSeconds: rule === 'memory.soft' ? 520 : atSeconds });
  });

  test('a single reading over soft does nothing', () => {
    expect(
      replay(
        rows((sample) => (sample === 50 ? 300 : 60), 120),
        POLICY,
      ).first,
    ).toBeNull();
  });
});

describe('a hard ceiling alone', () => {
  const hardAlone = (bytes: number): ReplayPolicy => ({
    ...POLICY,
    softBytes: null,
    hardBytes: bytes,
    killBytes: bytes * 1.25,
  });
  const softAlone = (bytes: number): ReplayPolicy => ({
    ...POLICY,
    softBytes: bytes,
    hardBytes: null,
    killBytes: null,
  });

  test.each([
    ['made from seeds', (): Series[] => madeSeries(60, 20_000)],
    ['recorded from PHP', (): Series[] => recordedSeries().filter((_, index) => index % 12 === 0)],
  ])(
    'is looked ahead to as a soft one is, and a healthy worker never comes to it: series %s',
    { timeout: 60_000 },
    (_, make) => {
      const series = make().filter(({ rows: { length } }) => length <= 800);
      let ahead = 0;
      for (const { rows: recorded, softBytes, label, name } of series) {
        const hard = replay(recorded, hardAlone(softBytes)).first;
        const soft = replay(recorded, softAlone(softBytes)).first;
        if (label !== 'leak') expect([name, hard]).toEqual([name, null]);
        if (soft?.rule !== 'memory.growth') continue;
        ahead += 1;
        // One reading over the hard one is enough, where the soft one waits for more.
        if (hard?.rule === 'memory.growth') expect([name, hard]).toEqual([name, { ...soft, ceiling: 'hard' }]);
        else expect([name, (hard?.bytes ?? 0) > softBytes]).toEqual([name, true]);
      }
      expect(series.length).toBeGreaterThan(20);
      expect(ahead).toBeGreaterThan(5);
    },
  );

  test.each([
    [511, null],
    [513, 'memory.hard'],
    [641, 'memory.kill'],
  ])('one reading of %i MiB: %s', (mib, rule) => {
    const spike = rows((sample) => (sample === 50 ? mib : 60), 120);
    expect(replay(spike, hardAlone(512 * MIB)).first?.rule ?? null).toBe(rule);
  });

  test('a wall alone is nothing to be in time for', () => {
    const wall: ReplayPolicy = { ...POLICY, softBytes: null, hardBytes: null, killBytes: 256 * MIB };
    expect(
      replay(
        rows((sample) => 60 + sample / 6, 1100),
        wall,
      ),
    ).toMatchObject({ verdict: 'leaking', first: null });
  });
});

test('action warn warns', () => {
  const policy = { ...POLICY, growth: { windowMs: 1_200_000, horizonMs: 600_000, action: 'warn' as const } };
  expect(
    replay(
      rows((sample) => 60 + sample / 6, 1100),
      policy,
    ).first?.action,
  ).toBe('warn');
});

test('without a growth policy only ceilings act, and the trend is told all the same', () => {
  const found = replay(
    rows((sample) => 60 + sample / 6, 1100),
    { ...POLICY, growth: null },
  );
  expect(found).toMatchObject({ verdict: 'leaking', first: null });
});

test('swap counts', () => {
  const swapped = rows(() => 60, 120).map((row) => ({ ...row, swapBytes: 300 * MIB }));
  expect(replay(swapped, POLICY).first?.rule).toBe('memory.soft');
});

test('no row at all', () => {
  expect(replay([], POLICY)).toMatchObject({ verdict: 'unknown', first: null });
});
