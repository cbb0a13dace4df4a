/** `npm run bench:leaks [-- --count N --seed N --list]`: our judgement of growth against what peers use, on a labelled corpus. */
import { parseArgs } from 'node:util';
import { median } from '../../../src/policy/trend/statistics.ts';
import { makeSeries } from '../../corpus/generate.ts';
import { RULES } from './rules.ts';
import { scoreOf } from './score.ts';
import type { Score } from './score.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1200' },
    seed: { type: 'string', default: '1' },
    list: { type: 'boolean' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!(count > 0) || !Number.isInteger(seed)) {
  console.error('bench:leaks: --count is a number above 0 and --seed a whole number.');
  process.exit(2);
}

const share = (part: number, of: number): string =>
  `${part}/${of} (${of === 0 ? '-' : ((100 * part) / of).toFixed(1)} %)`;
const minutes = (seconds: readonly number[]): string => {
  const sorted = seconds.toSorted((a, b) => a - b);
  const low = sorted[Math.floor(sorted.length / 10)];
  return low === undefined ? '-' : `${((median(sorted) ?? 0) / 60).toFixed(1)} (${(low / 60).toFixed(1)})`;
};
const cells = (score: Score): string[] => [
  score.rule,
  share(score.healthyRecycled, score.healthy),
  share(score.stationaryCalledLeaking, score.stationary),
  share(score.leaksCalledLeaking, score.leaks),
  share(score.caught, score.reaching),
  minutes(score.leads),
  minutes(score.slowLeads),
];

const corpus = Array.from({ length: count }, (_, index) => makeSeries(seed + index));
const samples = corpus.reduce((sum, { rows }) => sum + rows.length, 0);
console.log(`${count} series, ${samples} samples, seeds ${seed} to ${seed + count - 1}`);
const scores = RULES.map((rule) => scoreOf(rule, corpus));
const head = [
  'rule',
  'healthy recycled',
  'stationary called leaking',
  'leaks called leaking',
  'caught before the ceiling',
  'lead, min: median (p10)',
  'of leaks over 30 min',
];
const table = [head, ...scores.map(cells)];
const widths = head.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
for (const line of table)
  console.log(
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
console.log(
  `\nackwarden, every series that it got wrong:\n${(scores[0]?.wrong ?? []).map((line) => `  ${line}`).join('\n') || '  none'}`,
);
if (values.list === true)
  for (const { rule, wrong } of scores.slice(1))
    console.log(`\n${rule}:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
