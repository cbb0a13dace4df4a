/**
 * Sustained CPU use of a worker with its descendants. Pure. Counters of CPU time only grow, so the mean between two readings is exact,
 * whatever lies between them. A rule is passed when the mean was over the limit, and most slices of the time too (so that no peak does it), and
 * nearly all of that time was seen.
 *
 *     cool ── over in four fifths of `for` ──▶ hot ── not even for half of it ──▶ cool
 */

/** Counters as read; null: not known. Ticks are hundredths of a second. */
export interface CpuReading {
  at: number;
  userTicks: number | null;
  systemTicks: number | null;
  /** Messages acknowledged so far; null without a gate. */
  acknowledged: number | null;
}

export interface CpuFigures {
  percent: number;
  userPercent: number;
  systemPercent: number;
  forMs: number;
  /** Messages acknowledged meanwhile; null: nobody counts them. */
  acknowledged: number | null;
}

/** What was used from one reading to the next. */
interface Stretch {
  from: CpuReading;
  to: CpuReading;
}

const SLICES = 60;
const ENOUGH_SHARE = 0.9;
const OVER_SHARE = 0.8;
const COOL_SHARE = 0.5;
/** Two readings so far apart (a share of `for`) say too little of what was in between. */
const GAP_SHARE = 0.5;
const LEAST_GAP_MS = 3_000;
const MS_PER_TICK = 10;

export class CpuEpisode {
  /** Oldest first; they cover the last `for`, and there are SLICES + 2 at most. */
  #stretches: Stretch[] = [];
  #last: CpuReading | null = null;
  #state: 'cool' | 'hot' = 'cool';

  get isHot(): boolean {
    return this.#state === 'hot';
  }

  /** One more reading. Returns the figures while the use is over the limit, else null. */
  add(reading: CpuReading, rule: { limitPercent: number; forMs: number }): CpuFigures | null {
    const last = this.#last;
    if (reading.userTicks === null || reading.systemTicks === null) return this.#begin(null);
    if (last === null || reading.at - last.at > Math.max(LEAST_GAP_MS, rule.forMs * GAP_SHARE))
      return this.#begin(reading);
    if (reading.at - last.at < rule.forMs / SLICES) return this.#judge(rule);
    this.#last = reading;
    this.#stretches.push({ from: last, to: reading });
    while ((this.#stretches[1]?.from.at ?? Infinity) <= reading.at - rule.forMs) this.#stretches.shift();
    return this.#judge(rule);
  }

  #begin(reading: CpuReading | null): null {
    this.#last = reading;
    this.#stretches = [];
    this.#state = 'cool';
    return null;
  }

  #judge({ limitPercent, forMs }: { limitPercent: number; forMs: number }): CpuFigures | null {
    const [first, last] = [this.#stretches[0], this.#stretches.at(-1)];
    if (first === undefined || last === undefined) return null;
    const seenMs = last.to.at - first.from.at;
    const overMs = this.#stretches
      .filter((stretch) => percentOf(stretch) > limitPercent)
      .reduce((sum, { from, to }) => sum + to.at - from.at, 0);
    const mean = percentOf({ from: first.from, to: last.to });
    const isOver = mean > limitPercent && overMs >= seenMs * OVER_SHARE && seenMs >= forMs * ENOUGH_SHARE;
    if (this.#state === 'cool' && isOver) this.#state = 'hot';
    else if (this.#state === 'hot' && overMs < seenMs * COOL_SHARE) this.#state = 'cool';
    return this.#state === 'hot' ? figuresOf(first.from, last.to) : null;
  }
}

const percentOf = ({ from, to }: Stretch): number => shareOf(from, to, 'userTicks') + shareOf(from, to, 'systemTicks');

/** Percent of one processor. A child that was never waited for takes its time with it: then a counter falls, and nothing was seen. */
const shareOf = (from: CpuReading, to: CpuReading, figure: 'userTicks' | 'systemTicks'): number =>
  (100 * Math.max(0, (to[figure] ?? 0) - (from[figure] ?? 0)) * MS_PER_TICK) / (to.at - from.at);

const figuresOf = (from: CpuReading, to: CpuReading): CpuFigures => {
  const [userPercent, systemPercent] = [shareOf(from, to, 'userTicks'), shareOf(from, to, 'systemTicks')];
  return {
    percent: Math.round(userPercent + systemPercent),
    userPercent: Math.round(userPercent),
    systemPercent: Math.round(systemPercent),
    forMs: Math.round(to.at - from.at),
    acknowledged: from.acknowledged === null || to.acknowledged === null ? null : to.acknowledged - from.acknowledged,
  };
};
