/**
 * What rises at once and stays: a staircase. After two leaps a third one like them is to be expected, sooner or later, and no window is short
 * enough to foresee it. A ceiling leaves a healthy process a quarter of room (core/futile.ts calls it too low otherwise), so that what
 * has leapt into that room is no table that was loaded once.
 */
import { Returns } from './returns.ts';
import { median } from './statistics.ts';
import { MIN_GROWTH_BYTES } from './window.ts';
import type { WindowFigures } from './window.ts';

const LEAST_LEAPS = 2;
const MOST_LEAPS = 12;
/** A single one after the start tells little of the next: it must stand, and one that is so many times smaller must do, too. */
const ALONE = 2;
/** So long it loads itself: in however many steps, that is one leap, and the next is not like it. */
const START_MS = 45_000;
/** The room begins above this share of a ceiling. */
const ROOM_SHARE = 0.8;

interface Leap {
  at: number;
  bytes: number;
}

export interface Staircase {
  count: number;
  /** The median, without the start. */
  leapBytes: number;
  figures: WindowFigures;
}

export class Leaps {
  /** The last three readings, newest first. */
  #readings: number[] = [];
  #firstAt: number | null = null;
  #at = 0;
  #level: number | null = null;
  #leaps: Leap[] = [];
  readonly #returns = new Returns();

  add(at: number, bytes: number): void {
    this.#readings = [bytes, ...this.#readings.slice(0, 2)];
    this.#returns.add(at, bytes);
    this.#firstAt ??= at;
    this.#at = at;
    const before = this.#level;
    this.#level = this.level;
    const rise = this.#level - (before ?? this.#level);
    if (rise < MIN_GROWTH_BYTES || (this.#leaps.length > 0 && this.isStart(at))) return;
    this.#leaps = [...this.#leaps, { at, bytes: rise }].slice(-MOST_LEAPS);
  }

  /** Memory was given back: what it leapt by counts no more. */
  forget(): void {
    this.#leaps = [];
  }

  /** Whether the process was loading itself then. */
  isStart(at: number): boolean {
    return at - (this.#firstAt ?? at) < START_MS;
  }

  /** Null before the first. */
  get last(): number | null {
    return this.#readings[0] ?? null;
  }

  /** Where it is: two readings say so, or two rises one after the other. A spike is neither. */
  get level(): number {
    return this.lately > 0 ? (this.last ?? 0) : this.#settled;
  }

  /** As low as the last two readings. */
  get #settled(): number {
    const [last = 0, before = last] = this.#readings;
    return Math.min(last, before);
  }

  /** By how much the last two readings rose, one after the other; 0 where one of them did not. */
  get lately(): number {
    const [last = 0, before = last, earlier = before] = this.#readings;
    return last > before && before > earlier ? last - earlier : 0;
  }

  /** Whether what it rose by since then may come back, as it did before. */
  mayComeBack(since: number): boolean {
    return this.#returns.explain(this.level, this.#at - since);
  }

  /** Since when it stands above `bytes`. */
  since(bytes: number): number {
    return this.#returns.since(bytes) ?? this.#at;
  }

  /** Whether the next leap, if it is like those before, goes over `ceilingBytes`. */
  next(ceilingBytes: number): Staircase | null {
    const level = this.level;
    if (this.#leaps.length < LEAST_LEAPS || level <= ROOM_SHARE * ceilingBytes) return null;
    const later = this.#leaps.filter(({ at }) => !this.isStart(at) && !this.mayComeBack(at));
    const leapBytes = median(later.map(({ bytes }) => bytes)) ?? 0;
    const alone = later.length < LEAST_LEAPS;
    if (leapBytes < (alone ? ALONE * (ceilingBytes - this.#settled) : ceilingBytes - level)) return null;
    return { count: this.#leaps.length, leapBytes, figures: this.#figures(level) };
  }

  /** From the foot of the first leap, as a straight line. */
  #figures(level: number): WindowFigures {
    const climbBytes = this.#leaps.reduce((sum, { bytes }) => sum + bytes, 0);
    const spanMs = Math.max(1, this.#at - (this.#leaps[0]?.at ?? this.#at));
    const slope = climbBytes / spanMs;
    const riseBytes = Math.max(...this.#leaps.map(({ bytes }) => bytes));
    const straight = { slope, lateSlope: slope, halfRatio: null, tau: 1, risingShare: 1, fallBytes: 0 };
    return {
      ...straight,
      spanMs,
      climbBytes,
      riseBytes,
      laterRiseBytes: riseBytes,
      firstBytes: level - climbBytes,
      lastBytes: level,
    };
  }
}
