/** The judgement of growth on a part of the corpus; `npm run bench:leaks` prints all of it, with every error by name. */
import { expect, test } from 'vitest';
import { median } from '../../../src/policy/trend/statistics.ts';
import { RULES } from '../../bench/leaks/rules.ts';
import { scoreOf } from '../../bench/leaks/score.ts';
import type { Score } from '../../bench/leaks/score.ts';
import { madeSeries, recordedSeries } from '../../corpus/corpus.ts';
import { makeForeign } from '../../corpus/foreign.ts';
import { makeSeries } from '../../corpus/generate.ts';
import type { Series } from '../../corpus/generate.ts';
import { makeNear } from '../../corpus/near.ts';

const MOST_SAMPLES = 1_500;
const MIB = 1024 * 1024;

const judge = (series: readonly Series[]): Score => {
  const [ours] = RULES;
  if (ours === undefined) throw new Error('there is no rule');
  return scoreOf(
    ours,
    series.filter(({ rows }) => rows.length <= MOST_SAMPLES),
  );
};
const wrongly = (score: Score, what: string): string[] => score.wrong.filter((line) => line.startsWith(what));
const missed = (score: Score): string[] =>
  wrongly(score, 'missed').filter((line) => !line.startsWith('missed without a sign'));

const recorded = recordedSeries();

test.each<[string, () => Series[]]>([
  ['recorded from PHP', () => recorded.filter((_, index) => index % 5 === 0)],
  ['made from seeds', () => madeSeries(110, 10_000)],
  ['unlike those', () => Array.from({ length: 80 }, (_, index) => makeForeign(11_000 + index))],
])(
  '%s: no healthy worker is recycled, every leak that gives a sign is before its ceiling',
  { timeout: 120_000 },
  (_, series) => {
    const score = judge(series());
    expect(score.healthy).toBeGreaterThan(25);
    expect(score.reaching).toBeGreaterThan(15);
    expect(wrongly(score, 'healthy')).toEqual([]);
    expect(wrongly(score, 'stationary')).toEqual([]);
    expect(missed(score)).toEqual([]);
  },
);

test('of healthy workers that stand close below their ceiling few are recycled', { timeout: 60_000 }, () => {
  const score = judge(Array.from({ length: 80 }, (_, index) => makeNear(12_000 + index)));
  expect(score.healthy).toBeGreaterThan(50);
  expect(score.healthyRecycled).toBeLessThan(0.2 * score.healthy);
});

test('a leak that takes half an hour to its ceiling is recycled some ten minutes before', () => {
  const leads = [6, 4, 3, 2].flatMap((mibPerMinute) => {
    const rows = Array.from({ length: 1_500 }, (_, sample) => {
      const bytes = (60 + (sample * mibPerMinute) / 12 + (sample % 7) / 4) * MIB;
      const figures = { rssBytes: bytes, anonBytes: bytes, swapBytes: 0, zendBytes: 0, acknowledged: 0 };
      return { seconds: sample * 5, ...figures };
    });
    return judge([{ name: 'straight', kind: 'straight', label: 'leak', softBytes: 256 * MIB, rows }]).leads;
  });
  expect(leads).toHaveLength(4);
  expect(median(leads)).toBeGreaterThan(540);
  expect(median(leads)).toBeLessThan(720);
});

test('the whole has a thousand series of 60 to 3,600 samples, half of them healthy, many recorded', () => {
  expect(recorded.length).toBeGreaterThanOrEqual(400);
  expect(new Set(recorded.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(20);
  const whole = [...recorded, ...madeSeries(700, 1)];
  const healthy = whole.filter(({ label }) => label !== 'leak').length;
  expect(whole.length).toBeGreaterThanOrEqual(1_000);
  expect(healthy / whole.length).toBeGreaterThan(0.45);
  expect(healthy / whole.length).toBeLessThan(0.55);
  for (const { rows } of whole) {
    expect(rows.length).toBeGreaterThanOrEqual(60);
    expect(rows.length).toBeLessThanOrEqual(3_600);
  }
});

test('the same seed makes the same series, another seed another', () => {
  expect(makeSeries(7)).toEqual(makeSeries(7));
  expect(makeSeries(7).rows).not.toEqual(makeSeries(8).rows);
});
