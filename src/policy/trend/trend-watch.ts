/**
 * One figure of one process over its life: readings in, trend out. Windows from a minute to half a day see fast and slow leaks by the
 * same code; what a window says counts once it has said it three times in a row.
 *
 *     unknown ── enough readings ──▶ flat · warmingUp · sawtooth ── a long window grows, three times ──▶ leaking
 */
import type { Approach } from './approach.ts';
import { Falls } from './falls.ts';
import { TIER_LENGTH, Tier } from './tier.ts';
import { JudgedWindow } from './judged-window.ts';
import { Leaps } from './leaps.ts';
import { MIN_GROWTH_BYTES, projectedGrowth } from './window.ts';
import type { Judgement, WindowFigures } from './window.ts';

export type Trend = 'unknown' | 'flat' | 'warmingUp' | 'sawtooth' | 'leaking';

export interface TrendOptions {
  /** How far back growth is judged first of all; slow leaks in six and thirty-six times of it. */
  windowMs: number;
  /** Between two readings. */
  intervalMs: number;
}

const FACTORS = [1 / 6, 1, 6, 36];
/** Of a resolution the newest so many floors are judged, so that what began lately does not drown in the past. */
const SHORT = [12, 24];
const LONG = [60, 120, TIER_LENGTH];
/** `leaking` is said of windows that are at least so much of `windowMs` long; shorter ones only tell of a ceiling that is near. */
const SHOWN_SHARE = 0.8;
/** And that many readings. */
const SHOWN_READINGS = 90;
const SHOWN_GROWTH_BYTES = 2 * MIN_GROWTH_BYTES;
/** So near to a ceiling one more rise like the last ones is evidence enough. */
const NEAR_SHARE = 0.85;
const NEAR_WINDOW = 24;
/** Zend takes memory in chunks of 2 MiB: the slowest leak passes a ceiling with one of them, whatever the horizon says. */
const TWO_CHUNKS = 4 * 1024 * 1024;
/**
 * Growth is carried on for no longer than this share of the time it was seen: a minute says nothing about the next ten. What was not yet seen
 * for a whole window may be something that fills in a straight line, and what was seen for less than a sixth of it a start.
 */
const AHEAD_SHARE = { start: 0.2, part: 0.4, whole: 0.6 };
const START_SHARE = 1 / 6;
/** A window of floors is a little shorter than what it is named by. */
const WHOLE_SHARE = 0.98;
/** What climbs in jumps is carried on half as far. */
const CLIMBING_SHARE = 0.5;

const GROWTH = { kind: 'growth' } as const;

/** How long a growth must be seen before it is called a leak. */
export const shownAfterMs = ({ windowMs, intervalMs }: TrendOptions): number =>
  Math.max(windowMs * SHOWN_SHARE, intervalMs * SHOWN_READINGS);

export class TrendWatch {
  readonly #tiers: Tier[];
  readonly #windows: JudgedWindow[];
  /** The newest readings: what leaps is seen there. */
  readonly #newest: JudgedWindow | undefined;
  readonly #windowMs: number;
  readonly #shownMs: number;
  readonly #falls = new Falls();
  readonly #leaps = new Leaps();

  constructor({ windowMs, intervalMs }: TrendOptions) {
    this.#windowMs = windowMs;
    this.#shownMs = shownAfterMs({ windowMs, intervalMs });
    const slots = FACTORS.map((factor) => (windowMs * factor) / TIER_LENGTH);
    // A resolution finer than the readings says nothing that the next one does not.
    const base = Math.max(
      0,
      slots.findLastIndex((slot) => slot <= intervalMs),
    );
    this.#tiers = slots.slice(base).map((slot) => new Tier(slot));
    this.#windows = this.#tiers.flatMap((tier, index) =>
      (index === 0 ? [...SHORT, ...LONG] : LONG).map((length) => new JudgedWindow(tier, length)),
    );
    this.#newest = this.#windows.find(({ length }) => length === NEAR_WINDOW);
  }

  /** `at` in milliseconds, in order. */
  add(at: number, bytes: number): void {
    this.#takeFall(at, bytes);
    this.#leaps.add(at, bytes);
    for (const tier of this.#tiers) {
      if (!tier.add(at, bytes)) continue;
      for (const window of this.#windows) if (window.tier === tier) window.judge(at);
    }
  }

  get trend(): Trend {
    if (this.leak !== null) return 'leaking';
    if (this.#windows.every(({ judgement }) => judgement === null)) return 'unknown';
    if (this.#falls.count >= 2) return 'sawtooth';
    return this.#windows.every(({ judgement }) => (judgement?.shape ?? 'flat') === 'flat') ? 'flat' : 'warmingUp';
  }

  /** The figures that make it a leak; null where it is none. */
  get leak(): WindowFigures | null {
    for (const { confirmed, figures } of this.#unexplained())
      if (confirmed === 'growing' && figures.spanMs >= this.#shownMs && figures.climbBytes >= SHOWN_GROWTH_BYTES)
        return figures;
    return null;
  }

  /** Whether its growth takes it past `ceilingBytes` within `horizonMs`; the nearest such time, or null. */
  approach(ceilingBytes: number, horizonMs: number): Approach | null {
    const { last } = this.#leaps;
    // Over the ceiling already: that is the ceiling's own rule.
    if (last === null || last >= ceilingBytes) return null;
    return this.projected(ceilingBytes, horizonMs) ?? this.#oneMoreRise(ceilingBytes, horizonMs);
  }

  /** Whether growth that was confirmed, carried on, does. */
  projected(ceilingBytes: number, horizonMs: number): Approach | null {
    const room = ceilingBytes - (this.#leaps.last ?? 0);
    const found = this.#unexplained().flatMap(({ confirmed, figures }): Approach[] => {
      const ahead = Math.min(
        horizonMs,
        this.#aheadOf(figures.spanMs) * (confirmed === 'climbing' ? CLIMBING_SHARE : 1),
      );
      if (projectedGrowth(figures, ahead) < room) return [];
      return [{ ms: reachedAfter(figures, room, ahead), figures, sign: GROWTH }];
    });
    return found.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
  }

  #aheadOf(spanMs: number): number {
    const seen = spanMs / this.#windowMs;
    return spanMs * AHEAD_SHARE[seen < START_SHARE ? 'start' : seen < WHOLE_SHARE ? 'part' : 'whole'];
  }

  /** What leaps leaves no time for a trend. */
  #oneMoreRise(ceilingBytes: number, horizonMs: number): Approach | null {
    const stairs = this.#leaps.next(ceilingBytes);
    if (stairs !== null) {
      const { figures, ...leaps } = stairs;
      return { ms: horizonMs, figures, sign: { kind: 'leaps', ...leaps } };
    }
    const { level } = this.#leaps;
    if (level < NEAR_SHARE * ceilingBytes) return null;
    const room = ceilingBytes - level;
    const leap = this.#leap(room);
    if (leap !== null) return { ...leap, ms: Math.min(horizonMs, leap.ms) };
    const jumping = this.#unexplained().find(
      ({ confirmed, figures }) => room <= Math.max(TWO_CHUNKS, confirmed === 'climbing' ? figures.laterRiseBytes : 0),
    );
    return jumping === undefined ? null : { ms: horizonMs, figures: jumping.figures, sign: GROWTH };
  }

  /** Whether it lately rose by as much as there is `room`: in two readings, or within the newest window. */
  #leap(room: number): Approach | null {
    const { judgement = null, from = 0 } = this.#newest ?? {};
    const figures = judgement?.figures ?? null;
    if (judgement === null || figures === null || this.#falls.explain(from)) return null;
    const { level, lately } = this.#leaps;
    // A step that is seen from the start of the process on is the start.
    const starts = judgement.shape !== 'growing' && this.#leaps.isStart(from);
    const within = starts ? 0 : onceMore(judgement, level - figures.firstBytes);
    const rise = Math.max(lately, within);
    if (rise < Math.max(MIN_GROWTH_BYTES, room)) return null;
    return { ms: (room / rise) * figures.spanMs, figures, sign: GROWTH };
  }

  /** What was given back was no leak: a window that saw nothing but this one climb has said nothing. */
  #takeFall(at: number, bytes: number): void {
    const { lastAt } = this.#falls;
    if (!this.#falls.add(at, bytes)) return;
    this.#leaps.forget();
    for (const window of this.#windows) {
      if (window.from >= lastAt) window.withdraw();
    }
  }

  /** What windows confirm, but for what is only the way back up. Asked at every reading, and mostly nothing. */
  #unexplained(): Confirmed[] {
    const found: Confirmed[] = [];
    for (const { confirmed, from, judgement } of this.#windows) {
      const figures = judgement?.figures ?? null;
      if (confirmed !== null && figures !== null && !this.#falls.explain(from)) found.push({ confirmed, figures });
    }
    return found;
  }
}

interface Confirmed {
  confirmed: 'growing' | 'climbing';
  figures: WindowFigures;
}

/** By how much it may rise once more: a jump as it did, what slows down less, a warm-up not at all. */
const onceMore = ({ shape, figures }: Judgement, rise: number): number => {
  if (shape === 'warmingUp') return 0;
  return shape === 'growing' ? rise * Math.min(1, figures?.halfRatio ?? 1) : rise;
};

/** By halving: the projection has no simple inverse. */
const reachedAfter = (figures: WindowFigures, room: number, ahead: number): number => {
  let [low, high] = [0, ahead];
  for (let halving = 0; halving < 30; halving += 1) {
    const middle = (low + high) / 2;
    if (projectedGrowth(figures, middle) >= room) high = middle;
    else low = middle;
  }
  return high;
};
