import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CpuEpisode } from '../../../src/policy/cpu.ts';
import type { CpuFigures } from '../../../src/policy/cpu.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const RULE = { limitPercent: 90, forMs: 5 * MINUTE };

/** One reading a second; `percentAt` null: the counters were not read. Returns each second's figures. */
const run = (percentAt: (second: number) => number | null, seconds: number, rule = RULE): (CpuFigures | null)[] => {
  const episode = new CpuEpisode();
  let ticks = 0;
  return Array.from({ length: seconds }, (_, second) => {
    const percent = percentAt(second);
    ticks += percent ?? 0;
    const known = percent === null ? null : Math.round(ticks);
    return episode.add(
      { at: second * SECOND, userTicks: known, systemTicks: known === null ? null : 0, acknowledged: second * 2 },
      rule,
    );
  });
};

const firstHot = (seen: (CpuFigures | null)[]): number => seen.findIndex((figures) => figures !== null);
const episodes = (seen: (CpuFigures | null)[]): number =>
  seen.filter((figures, at) => figures !== null && (seen[at - 1] ?? null) === null).length;

describe('busy all the time', () => {
  test('passes once nearly all of `for` was seen, with the figures', () => {
    const seen = run(() => 97, 400);
    expect(firstHot(seen)).toBeGreaterThanOrEqual(270);
    expect(firstHot(seen)).toBeLessThanOrEqual(300);
    expect(seen.at(-1)).toMatchObject({ percent: 97, userPercent: 97, systemPercent: 0 });
    expect(seen.at(-1)?.acknowledged).toBeGreaterThan(500);
    expect(episodes(seen)).toBe(1);
  });

  test.each([
    ['a short rest now and then', (second: number) => (second % 60 < 3 ? 10 : 99)],
    ['one dip', (second: number) => (second > 200 && second < 220 ? 0 : 99)],
  ])('%s does not hide it', (_, percentAt) => {
    expect(firstHot(run(percentAt, 900))).toBeGreaterThan(0);
  });
});

describe('not sustained', () => {
  test.each([
    ['just under the limit', () => 89],
    ['a peak', (second: number) => (second === 100 ? 4_000 : 20)],
    ['every other minute', (second: number) => (Math.floor(second / 60) % 2 === 0 ? 100 : 5)],
    ['four of five minutes', (second: number) => (second % 300 < 240 ? 100 : 5)],
  ])('%s', (_, percentAt) => {
    expect(firstHot(run(percentAt, 1_800))).toBe(-1);
  });
});

test('an episode ends when it was cool for half of the time, and another is another', () => {
  const seen = run((second) => (second < 600 || second >= 1_200 ? 99 : 1), 1_800);
  expect(episodes(seen)).toBe(2);
});

test('what was not read is not known: it starts over', () => {
  const seen = run((second) => (second === 200 ? null : 99), 480);
  expect(firstHot(seen)).toBeGreaterThan(200 + 270);
});

test('two readings far apart say too little of what was in between', () => {
  const episode = new CpuEpisode();
  const at = (seconds: number) => ({
    at: seconds * SECOND,
    userTicks: seconds * 100,
    systemTicks: 0,
    acknowledged: null,
  });
  expect([0, 200, 400, 600].map((seconds) => episode.add(at(seconds), RULE))).toEqual([null, null, null, null]);
});

test('a counter that falls is no use', () => {
  const seen = run((second) => (second % 2 === 0 ? 400 : -300), 900);
  expect(firstHot(seen)).toBe(-1);
});

test('whatever the limit and the length: busy above it passes, busy below it never does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 800 }), fc.integer({ min: 2, max: 300 }), (limitPercent, forSeconds) => {
      const rule = { limitPercent, forMs: forSeconds * SECOND };
      const length = forSeconds * 2 + 10;
      expect(firstHot(run(() => limitPercent + 3, length, rule))).toBeGreaterThan(0);
      expect(firstHot(run(() => limitPercent - 3, length, rule))).toBe(-1);
    }),
  );
});
