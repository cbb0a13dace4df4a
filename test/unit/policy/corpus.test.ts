/** The judgement of growth on a small piece of the corpus; `npm run bench:leaks` prints all of it, with every error by name. */
import { expect, test } from 'vitest';
import { RULES } from '../../bench/leaks/rules.ts';
import { scoreOf } from '../../bench/leaks/score.ts';
import { makeSeries } from '../../corpus/generate.ts';

test('no healthy worker is recycled, and nearly every leak is before its ceiling', { timeout: 120_000 }, () => {
  const corpus = Array.from({ length: 120 }, (_, index) => makeSeries(10_000 + index)).filter(
    ({ rows }) => rows.length < 1_500,
  );
  const [ours] = RULES;
  if (ours === undefined) throw new Error('there is no rule');
  const score = scoreOf(ours, corpus);
  expect(score.healthy).toBeGreaterThan(30);
  expect(score.reaching).toBeGreaterThan(20);
  expect(score.wrong.filter((line) => line.startsWith('healthy'))).toEqual([]);
  expect(score.caught / score.reaching).toBeGreaterThanOrEqual(0.95);
});

test('the same seed makes the same series, another seed another', () => {
  expect(makeSeries(7)).toEqual(makeSeries(7));
  expect(makeSeries(7).rows).not.toEqual(makeSeries(8).rows);
});
