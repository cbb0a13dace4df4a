/** A recorded series through the rules that judge living workers: what they would have said and done, when and why. */
import { judgeSoft } from './soft.ts';
import type { Sign } from './trend/approach.ts';
import { GrowthTrend } from './trend/growth-trend.ts';
import type { Leak } from './trend/growth-trend.ts';
import type { PastRow } from './trend/past.ts';
import type { Trend } from './trend/trend-watch.ts';

export interface TraceRow {
  seconds: number;
  rssBytes: number;
  anonBytes: number | null;
  swapBytes: number | null;
  zendBytes: number | null;
  /** Cumulative. */
  acknowledged: number | null;
}

export interface ReplayPolicy {
  softBytes: number | null;
  hardBytes: number | null;
  killBytes: number | null;
  metric: 'rss' | 'pss' | 'anon';
  /** Null: growth is not judged. */
  growth: { windowMs: number; horizonMs: number; action: 'recycle' | 'warn' } | null;
}

export type Rule = 'memory.growth' | 'memory.soft' | 'memory.hard' | 'memory.kill';

export interface Deed {
  action: 'recycle' | 'warn';
  rule: Rule;
  atSeconds: number;
  bytes: number;
  /** Which was passed, or would be by this growth. */
  ceiling: 'soft' | 'hard' | 'kill';
  ceilingBytes: number;
  /** Seconds until the ceiling, of a growth. */
  reachesAfterSeconds: number | null;
  growth: Leak | null;
  /** By what a growth was foreseen. */
  sign: Sign | null;
}

export interface Replay {
  verdict: Trend;
  /** The last trend that was not `leaking`, when it was first called leaking, and by which figures. */
  leakingAt: number | null;
  leak: Leak | null;
  first: Deed | null;
}

const anonOf = (row: TraceRow): number => (row.anonBytes ?? row.rssBytes) + (row.swapBytes ?? 0);
const judgedOf = (row: TraceRow, metric: ReplayPolicy['metric']): number =>
  metric === 'anon' ? anonOf(row) : row.rssBytes + (row.swapBytes ?? 0);

const pastOf = (row: TraceRow): PastRow => ({
  at: row.seconds * 1000,
  rssBytes: row.rssBytes,
  ownBytes: anonOf(row),
  swapBytes: row.swapBytes ?? 0,
  zendBytes: row.zendBytes,
  acknowledged: row.acknowledged,
});

/** Rows in order of time. */
export const replay = (rows: readonly TraceRow[], policy: ReplayPolicy): Replay => {
  const watch = new GrowthTrend({ windowMs: policy.growth?.windowMs ?? 1_200_000, intervalMs: intervalOf(rows) });
  const found: Replay = { verdict: 'unknown', leakingAt: null, leak: null, first: null };
  let over = 0;
  for (const row of rows) {
    watch.add(pastOf(row));
    const soft = judgeSoft(over, policy.softBytes !== null && judgedOf(row, policy.metric) > policy.softBytes);
    over = soft.bits;
    found.leak ??= watch.leak;
    if (found.leak !== null) found.leakingAt ??= row.seconds;
    found.first ??= deedAt(row, policy, { watch, overSoft: soft.passed });
  }
  const leaking = found.leakingAt !== null || found.first?.rule === 'memory.growth';
  return { ...found, verdict: leaking ? 'leaking' : watch.trend };
};

/** In the order of urgency. */
const deedAt = (row: TraceRow, policy: ReplayPolicy, seen: { watch: GrowthTrend; overSoft: boolean }): Deed | null => {
  const bytes = judgedOf(row, policy.metric);
  const deed = { atSeconds: row.seconds, bytes, reachesAfterSeconds: null, growth: null, sign: null };
  const { softBytes, hardBytes, killBytes } = policy;
  if (killBytes !== null && bytes > killBytes)
    return { ...deed, action: 'recycle', rule: 'memory.kill', ceiling: 'kill', ceilingBytes: killBytes };
  if (hardBytes !== null && bytes > hardBytes)
    return { ...deed, action: 'recycle', rule: 'memory.hard', ceiling: 'hard', ceilingBytes: hardBytes };
  if (softBytes !== null && seen.overSoft)
    return { ...deed, action: 'recycle', rule: 'memory.soft', ceiling: 'soft', ceilingBytes: softBytes };
  // As for living workers: nobody recycles in time for a wall alone.
  const ceilingBytes = softBytes ?? hardBytes;
  if (policy.growth === null || ceilingBytes === null) return null;
  const approach = seen.watch.approach(ceilingBytes - (bytes - anonOf(row)), policy.growth.horizonMs);
  if (approach === null) return null;
  const { ms, figures, sign } = approach;
  return {
    ...deed,
    action: policy.growth.action,
    rule: 'memory.growth',
    ceiling: softBytes === null ? 'hard' : 'soft',
    ceilingBytes,
    reachesAfterSeconds: ms / 1000,
    growth: seen.watch.leakOf(figures, null),
    sign,
  };
};

/** Median distance of two readings, milliseconds. */
const intervalOf = (rows: readonly TraceRow[]): number => {
  const distances = rows.slice(1).map((row, index) => (row.seconds - (rows[index]?.seconds ?? 0)) * 1000);
  return distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 1_000;
};
