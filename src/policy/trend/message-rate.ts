/**
 * How many messages come now, of one process: a worker that is at work again is expected to be as busy as in its busiest hour, long before
 * the last minutes show it; one that is idle gets none.
 */
const MINUTE_MS = 60_000;
const RECENT_MS = 5 * MINUTE_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** With this share of what the busiest hour had the day has begun. */
const AWAKE_SHARE = 0.1;

interface Mark {
  at: number;
  acknowledged: number;
}

export class MessageRate {
  /** One a minute, of the last hour and the one before. */
  #marks: Mark[] = [];
  #newest: Mark | null = null;
  /** Messages per millisecond. */
  #busiestHour = 0;

  /** In order of time; `acknowledged` is cumulative. */
  add(at: number, acknowledged: number): void {
    this.#newest = { at, acknowledged };
    const last = this.#marks.at(-1);
    if (last !== undefined && at - last.at < MINUTE_MS) return;
    this.#marks.push(this.#newest);
    while ((this.#marks[1]?.at ?? at) <= at - HOUR_MS) this.#marks.shift();
    const [first = this.#newest] = this.#marks;
    if (at - first.at >= HOUR_MS) this.#busiestHour = Math.max(this.#busiestHour, rateOf(first, this.#newest));
  }

  /** Messages per millisecond; 0 where none came within five minutes. */
  get perMs(): number {
    const newest = this.#newest;
    if (newest === null) return 0;
    const since = this.#marks.findLast(({ at }) => at <= newest.at - RECENT_MS) ?? this.#marks[0] ?? newest;
    const recent = rateOf(since, newest);
    return recent < AWAKE_SHARE * this.#busiestHour ? recent : Math.max(recent, this.#busiestHour);
  }
}

const rateOf = (from: Mark, to: Mark): number =>
  to.at > from.at ? (to.acknowledged - from.acknowledged) / (to.at - from.at) : 0;
