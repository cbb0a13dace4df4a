/** What `bench:leaks` prints: rules side by side, and ours kind by kind. */
import { median } from '../../../src/policy/trend/statistics.ts';
import type { Series } from '../../corpus/generate.ts';
import { scoreOf } from './score.ts';
import type { LeakRule } from './rules.ts';
import type { Score } from './score.ts';

const share = (part: number, of: number): string =>
  of === 0 ? '-' : `${part}/${of} (${((100 * part) / of).toFixed(1)} %)`;

const minutes = (seconds: readonly number[]): string => {
  const sorted = seconds.toSorted((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length / 10)];
  return low === undefined ? '-' : `${((median(sorted) ?? 0) / 60).toFixed(1)} (${(low / 60).toFixed(1)})`;
};

const HEAD = [
  'healthy recycled',
  'stationary called leaking',
  'leaks called leaking',
  'caught before the ceiling',
  'of those that gave a sign',
  'lead, min: median (p10)',
  'of leaks over 30 min',
  'of those at 5 s',
];

const cells = (score: Score): string[] => [
  share(score.healthyRecycled, score.healthy),
  share(score.stationaryCalledLeaking, score.stationary),
  share(score.leaksCalledLeaking, score.leaks),
  share(score.caught, score.reaching),
  share(score.caught, score.reaching - score.unannounced),
  minutes(score.leads),
  minutes(score.slowLeads),
  minutes(score.usualLeads),
];

export const ruleTable = (scores: readonly Score[]): string =>
  table([['rule', ...HEAD], ...scores.map((score) => [score.rule, ...cells(score)])]);

export const kindTable = (rule: LeakRule, corpus: readonly Series[]): string => {
  const kindOf = ({ kind, label }: Series): string => `${label}  ${kind.split('+')[0]}`;
  const kinds = [...new Set(corpus.map(kindOf))].toSorted();
  const scoreOfKind = (kind: string): Score =>
    scoreOf(
      rule,
      corpus.filter((series) => kindOf(series) === kind),
    );
  return table([['kind', ...HEAD], ...kinds.map((kind) => [kind, ...cells(scoreOfKind(kind))])]);
};

const table = (lines: readonly string[][]): string => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return padded.join('\n');
};
