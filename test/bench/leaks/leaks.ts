/**
 * `npm run bench:leaks [-- --count N --seed N --foreign N --near N --kinds --list]`: our judgement of growth against what peers use, on the labelled
 * corpus: what was recorded from PHP, and `count` series made from seeds; with `--foreign` or `--near`, only on so many that
 * are unlike those, or stand close below their ceiling.
 */
import { parseArgs } from 'node:util';
import { madeSeries, recordedSeries } from '../../corpus/corpus.ts';
import { makeForeign } from '../../corpus/foreign.ts';
import { makeNear } from '../../corpus/near.ts';
import type { Series } from '../../corpus/generate.ts';
import { RULES } from './rules.ts';
import { scoreOf } from './score.ts';
import { kindTable, ruleTable } from './tables.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '700' },
    seed: { type: 'string', default: '1' },
    foreign: { type: 'string', default: '0' },
    near: { type: 'string', default: '0' },
    kinds: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const [foreign, near] = [Number(values.foreign), Number(values.near)];
if (!(count >= 0) || !(foreign >= 0) || !(near >= 0) || !Number.isInteger(seed)) {
  console.error('bench:leaks: --count, --foreign and --near are numbers of series and --seed a whole number.');
  process.exit(2);
}

const corpusOf = (): Series[] => {
  if (foreign > 0) return Array.from({ length: foreign }, (_, index) => makeForeign(seed + index));
  if (near > 0) return Array.from({ length: near }, (_, index) => makeNear(seed + index));
  return [...recordedSeries(new URL('../../corpus/recorded.ndjson.gz', import.meta.url)), ...madeSeries(count, seed)];
};

const corpus = corpusOf();
const samples = corpus.reduce((sum, { rows }) => sum + rows.length, 0);
const recorded = corpus.filter(({ name }) => name.startsWith('recorded/')).length;
console.log(`${corpus.length} series, ${recorded} recorded, the others from seed ${seed} on; ${samples} samples\n`);
const scores = RULES.map((rule) => scoreOf(rule, corpus));
console.log(ruleTable(scores));
const [ours] = RULES;
if (values.kinds === true && ours !== undefined) console.log(`\nackwarden, by kind:\n${kindTable(ours, corpus)}`);
for (const { rule, wrong } of values.list === true ? scores : scores.slice(0, 1))
  console.log(`\n${rule}, every series that it got wrong:\n${wrong.map((line) => `  ${line}`).join('\n') || '  none'}`);
