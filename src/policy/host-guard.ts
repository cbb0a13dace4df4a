/**
 * When the host is short of memory. Pure. A reading a second; what counts is what lasted for `for`, and a figure that is not known is never
 * taken for a shortage. Stall alone is none: it comes from disks and compressed swap as well, with most of the memory available.
 */
import type { Evidence } from '../core/types.ts';

export interface HostReading {
  at: number;
  totalBytes: number | null;
  availableBytes: number | null;
  swapInBytesPerSecond: number | null;
  swapOutBytesPerSecond: number | null;
  /** Share of the time since the last reading in which some task waited for memory. */
  stallPercent: number | null;
}

export interface HostRules {
  reserveBytes: number;
  swapInBytesPerSecond: number | null;
  pressurePercent: number | null;
  forMs: number;
}

/** `host.low`: below host.reserve. */
export type HostRule = 'host.low' | 'host.swapIn' | 'host.pressure';

/** The key of workers.yaml that each follows from. */
export const HOST_KEYS: Readonly<Record<HostRule, string>> = {
  'host.low': 'host.reserve',
  'host.swapIn': 'host.swapIn',
  'host.pressure': 'host.pressure',
};

/** `stallAlone`: there is a stall, but memory is available and nothing is swapped. `easing`: it is short, and gets better by itself. */
export type HostVerdict =
  | { state: 'fine' }
  | { state: 'short'; rule: HostRule; evidence: Evidence }
  | { state: 'easing' }
  | { state: 'stallAlone'; evidence: Evidence };

const SEEN_SHARE = 0.9;
const OVER_SHARE = 0.8;
/** MemAvailable below this share of all memory is low. */
const LOW_SHARE = 0.1;
/** A thousand pages a second, in and out. */
const SWAP_TRAFFIC = 4_096_000;
/** A last third so much lower than the first: the trouble goes away by itself. */
const EASING = 0.85;
/** An hour of `for`, the most that may be asked for, at a reading a second. */
const MOST_READINGS = 3_601;

export class HostWindow {
  #readings: HostReading[] = [];

  add(reading: HostReading, forMs: number): void {
    this.#readings.push(reading);
    // The last one before the window stays: readings come a little late, and without it a short window would never be seen whole.
    const first = this.#readings.findLastIndex(({ at }) => at <= reading.at - forMs);
    this.#readings = this.#readings.slice(Math.max(0, first)).slice(-MOST_READINGS);
  }

  /** What was read before an action says nothing of what came of it. */
  clear(): void {
    this.#readings = [];
  }

  judge(rules: HostRules): HostVerdict {
    const [first, last] = [this.#readings[0], this.#readings.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < rules.forMs * SEEN_SHARE)
      return { state: 'fine' };
    return this.#reserve(rules) ?? this.#swapIn(rules) ?? this.#pressure(rules) ?? { state: 'fine' };
  }

  #reserve({ reserveBytes, forMs }: HostRules): HostVerdict | null {
    if (!this.#lasts(({ availableBytes }) => availableBytes !== null && availableBytes < reserveBytes)) return null;
    const [first, last] = [this.#readings[0]?.availableBytes ?? 0, this.#readings.at(-1)?.availableBytes ?? 0];
    if (first < last * EASING) return { state: 'easing' };
    return { state: 'short', rule: 'host.low', evidence: { ...this.#figures(forMs), reserveBytes } };
  }

  #swapIn({ swapInBytesPerSecond: limit, forMs }: HostRules): HostVerdict | null {
    if (limit === null || !this.#lasts(({ swapInBytesPerSecond: rate }) => rate !== null && rate > limit)) return null;
    if (this.#eases(({ swapInBytesPerSecond }) => swapInBytesPerSecond)) return { state: 'easing' };
    return { state: 'short', rule: 'host.swapIn', evidence: { ...this.#figures(forMs), limitBytesPerSecond: limit } };
  }

  #pressure({ pressurePercent: limit, reserveBytes, forMs }: HostRules): HostVerdict | null {
    const stall = this.#mean(({ stallPercent }) => stallPercent);
    const now = this.#readings.at(-1)?.stallPercent ?? null;
    if (limit === null || stall === null || now === null || stall <= limit || now <= limit) return null;
    const isLow = this.#lasts(
      ({ availableBytes, totalBytes }) =>
        availableBytes !== null && availableBytes < Math.max(reserveBytes, (totalBytes ?? 0) * LOW_SHARE),
    );
    const traffic = this.#mean(({ swapInBytesPerSecond: into, swapOutBytesPerSecond: out }) =>
      into === null || out === null ? null : into + out,
    );
    const evidence = { ...this.#figures(forMs), limitPercent: limit };
    if (!isLow && (traffic === null || traffic < SWAP_TRAFFIC)) return { state: 'stallAlone', evidence };
    if (this.#eases(({ stallPercent }) => stallPercent)) return { state: 'easing' };
    return { state: 'short', rule: 'host.pressure', evidence };
  }

  #figures(forMs: number): Evidence {
    const last = this.#readings.at(-1);
    const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));
    return {
      forMs,
      availableBytes: last?.availableBytes ?? null,
      totalBytes: last?.totalBytes ?? null,
      stallPercent: rounded(this.#mean(({ stallPercent }) => stallPercent)),
      swapInBytesPerSecond: rounded(this.#mean(({ swapInBytesPerSecond }) => swapInBytesPerSecond)),
      swapOutBytesPerSecond: rounded(this.#mean(({ swapOutBytesPerSecond }) => swapOutBytesPerSecond)),
    };
  }

  /** In most readings, and in the last one. */
  #lasts(holds: (reading: HostReading) => boolean): boolean {
    const last = this.#readings.at(-1);
    const times = this.#readings.filter(holds).length;
    return last !== undefined && holds(last) && times >= this.#readings.length * OVER_SHARE;
  }

  #mean(figure: (reading: HostReading) => number | null, readings = this.#readings): number | null {
    const known = readings.map(figure).filter((value) => value !== null);
    return known.length < readings.length * OVER_SHARE || known.length === 0
      ? null
      : known.reduce((sum, value) => sum + value, 0) / known.length;
  }

  #eases(figure: (reading: HostReading) => number | null): boolean {
    const third = Math.floor(this.#readings.length / 3);
    const early = this.#mean(figure, this.#readings.slice(0, third));
    const late = this.#mean(figure, this.#readings.slice(-third));
    return third > 0 && early !== null && late !== null && late < early * EASING;
  }
}
