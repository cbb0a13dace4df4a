/** What a rule is worth on a corpus: the confusion table, the lead before the ceiling, and every series it got wrong. */
import { judgeSoft } from '../../../src/policy/soft.ts';
import { judged } from '../../corpus/generate.ts';
import type { Row, Series } from '../../corpus/generate.ts';
import type { LeakRule } from './rules.ts';

export interface Score {
  rule: string;
  healthy: number;
  healthyRecycled: number;
  stationary: number;
  stationaryCalledLeaking: number;
  leaks: number;
  leaksCalledLeaking: number;
  /** Leaks that pass their ceiling within the series, and those of them that were recycled before. */
  reaching: number;
  caught: number;
  /** Of the missed ones those that gave no sign: until they leapt over it, a healthy worker might have done the same. */
  unannounced: number;
  /** Seconds between the recycle and the ceiling, of leaks that take half an hour or more to it, and of all. */
  leads: number[];
  slowLeads: number[];
  /** Of the latter those that were read every 5 s. */
  usualLeads: number[];
  wrong: string[];
}

const SLOW_SECONDS = 1_800;
const USUAL_INTERVAL = 5;
/** A healthy worker stands below this share of its ceiling (`ceilingFor`), and leaps up no oftener (`levelSteps`, `steps`). */
const HEALTHY_SHARE = 0.8;
const HEALTHY_LEAPS = 4;
const LEAP_BYTES = 8 * 1024 * 1024;

export const scoreOf = (rule: LeakRule, corpus: readonly Series[]): Score => {
  const score: Score = {
    rule: rule.name,
    healthy: 0,
    healthyRecycled: 0,
    stationary: 0,
    stationaryCalledLeaking: 0,
    leaks: 0,
    leaksCalledLeaking: 0,
    reaching: 0,
    caught: 0,
    unannounced: 0,
    leads: [],
    slowLeads: [],
    usualLeads: [],
    wrong: [],
  };
  for (const series of corpus) count(score, rule, series);
  return score;
};

const count = (score: Score, rule: LeakRule, series: Series): void => {
  const { actedAt, leaking } = rule.judge(series);
  const say = (what: string): void =>
    void score.wrong.push(`${what}: ${series.name}, ${describe(series)}, acted at ${actedAt ?? '-'} s`);
  if (series.label === 'leak') {
    const passed = passes(series);
    score.leaks += 1;
    if (leaking) score.leaksCalledLeaking += 1;
    if (passed === null) return;
    score.reaching += 1;
    const passedAt = passed.seconds;
    if (actedAt === null || actedAt >= passedAt) {
      const { leaps, share } = before(series, passedAt);
      const unannounced = leaps <= HEALTHY_LEAPS && share <= HEALTHY_SHARE;
      if (unannounced) score.unannounced += 1;
      const stood = `it stood at ${Math.round(100 * share)} % of it after ${leaps} leaps`;
      return say(`missed${unannounced ? ' without a sign' : ''} (ceiling passed at ${passedAt} s; ${stood})`);
    }
    score.caught += 1;
    score.leads.push(passedAt - actedAt);
    if (passedAt < SLOW_SECONDS) return;
    score.slowLeads.push(passedAt - actedAt);
    if (series.rows[1]?.seconds === USUAL_INTERVAL) score.usualLeads.push(passedAt - actedAt);
    return;
  }
  score.healthy += 1;
  if (actedAt !== null) {
    score.healthyRecycled += 1;
    say('healthy, and recycled');
  }
  if (series.label !== 'stationary') return;
  score.stationary += 1;
  if (!leaking) return;
  score.stationaryCalledLeaking += 1;
  if (actedAt === null) say('stationary, and called leaking');
};

/** The first reading over the ceiling of those by which it counts as passed: as for living workers, five of six. */
const passes = ({ rows, softBytes }: Series): Row | null => {
  let bits = 0;
  for (const [index, row] of rows.entries()) {
    const next = judgeSoft(bits, judged(row) > softBytes);
    bits = next.bits;
    if (next.passed) return rows.slice(Math.max(0, index - 5)).find((of) => judged(of) > softBytes) ?? row;
  }
  return null;
};

/** What could be seen before it passed: how often it leapt up, and the highest share of the ceiling where two readings found it. */
const before = ({ rows, softBytes }: Series, passedAt: number): { leaps: number; share: number } => {
  let [leaps, most, rising] = [0, 0, false];
  let last = rows[0] === undefined ? 0 : judged(rows[0]);
  for (const row of rows) {
    if (row.seconds >= passedAt) break;
    const bytes = judged(row);
    most = Math.max(most, Math.min(last, bytes));
    const leapt = bytes - last >= LEAP_BYTES;
    if (leapt && !rising) leaps += 1;
    [rising, last] = [leapt, bytes];
  }
  return { leaps, share: most / softBytes };
};

const describe = ({ rows, softBytes }: Series): string => {
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`;
  const most = Math.max(...rows.map(judged));
  return `${rows.length} samples of ${(rows[1]?.seconds ?? 0) - (rows[0]?.seconds ?? 0)} s, ${mib(judged(rows[0] as never))} to ${mib(most)} MiB, ceiling ${mib(softBytes)} MiB`;
};
