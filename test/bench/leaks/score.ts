/** What a rule is worth on a corpus: the confusion table, the lead before the ceiling, and every series it got wrong. */
import { judgeSoft } from '../../../src/policy/soft.ts';
import { judged } from '../../corpus/generate.ts';
import type { Series } from '../../corpus/generate.ts';
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
  /** Seconds between the recycle and the ceiling, of leaks that take half an hour or more to it, and of all. */
  leads: number[];
  slowLeads: number[];
  wrong: string[];
}

const SLOW_SECONDS = 1_800;

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
    leads: [],
    slowLeads: [],
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
    const passedAt = passesAt(series);
    score.leaks += 1;
    if (leaking) score.leaksCalledLeaking += 1;
    if (passedAt === null) return;
    score.reaching += 1;
    if (actedAt === null || actedAt >= passedAt) return say(`missed (ceiling passed at ${passedAt} s)`);
    score.caught += 1;
    score.leads.push(passedAt - actedAt);
    if (passedAt >= SLOW_SECONDS) score.slowLeads.push(passedAt - actedAt);
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

/** When the ceiling counts as passed: as for living workers, five of the last six samples. */
const passesAt = ({ rows, softBytes }: Series): number | null => {
  let bits = 0;
  for (const row of rows) {
    const next = judgeSoft(bits, judged(row) > softBytes);
    if (next.passed) return row.seconds;
    bits = next.bits;
  }
  return null;
};

const describe = ({ rows, softBytes }: Series): string => {
  const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)}`;
  const most = Math.max(...rows.map(judged));
  return `${rows.length} samples of ${(rows[1]?.seconds ?? 0) - (rows[0]?.seconds ?? 0)} s, ${mib(judged(rows[0] as never))} to ${mib(most)} MiB, ceiling ${mib(softBytes)} MiB`;
};
