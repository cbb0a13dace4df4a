/**
 * One figure of one process over its life: readings in, trend out. Windows from a minute to half a day see fast and slow leaks by the
 * same code; what a window says counts once it has said it three times in a row.
 *
 *     unknown ── enough readings ──▶ flat · warmingUp · sawtooth ── a long window grows, three times ──▶ leaking
 */
import { Falls } from './falls.ts';
import { TIER_LENGTH, Tier } from './tier.ts';
import { BUCKETS, figuresOf, projectedGrowth, shapeOf } from './window.ts';
import type { Shape, WindowFigures } from './window.ts';

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
/** A tier's window is judged from this share of its length on. */
const FILLED = 0.6;
const CONFIRMATIONS = 3;
/** Judged again after this share of the window, within bounds. */
const AGAIN_SHARE = 1 / 12;
const AGAIN_MIN_MS = 1_000;
const AGAIN_MAX_MS = 30_000;
const MIN_SPAN_MS = 10_000;
/** `leaking` is said of windows that are at least so much of `windowMs` long; shorter ones only tell of a ceiling that is near. */
const SHOWN_SHARE = 0.45;
/** A growth is carried on for no longer than this share of the time it was seen: a minute says nothing about the next ten. */
const AHEAD_SHARE = { growing: 0.5, climbing: 0.25 };

interface Window {
  tier: Tier;
  length: number;
  judgedAt: number;
  from: number;
  figures: WindowFigures | null;
  shape: Shape;
  /** Judgements in a row that said `growing`, or at least `climbing`. */
  grew: number;
  climbed: number;
}

/** When a ceiling is reached if it goes on like this. */
export interface Approach {
  ms: number;
  figures: WindowFigures;
}

export class TrendWatch {
  readonly #tiers: Tier[];
  readonly #windows: Window[];
  readonly #shownMs: number;
  readonly #falls = new Falls();
  #last: { at: number; bytes: number } | null = null;

  constructor({ windowMs, intervalMs }: TrendOptions) {
    this.#shownMs = windowMs * SHOWN_SHARE;
    const slots = FACTORS.map((factor) => (windowMs * factor) / TIER_LENGTH);
    // A resolution finer than the readings says nothing that the next one does not.
    const base = Math.max(
      0,
      slots.findLastIndex((slot) => slot <= intervalMs),
    );
    this.#tiers = slots.slice(base).map((slot) => new Tier(slot));
    this.#windows = this.#tiers.flatMap((tier, index) =>
      (index === 0 ? [...SHORT, ...LONG] : LONG).map((length) => newWindow(tier, length)),
    );
  }

  /** `at` in milliseconds, in order. */
  add(at: number, bytes: number): void {
    this.#last = { at, bytes };
    this.#takeFall(at, bytes);
    for (const tier of this.#tiers) {
      if (!tier.add(at, bytes)) continue;
      for (const window of this.#windows) if (window.tier === tier) judgeAgain(window, at);
    }
  }

  get trend(): Trend {
    if (this.leak !== null) return 'leaking';
    const judged = this.#windows.filter(({ figures }) => figures !== null);
    if (judged.length === 0) return 'unknown';
    if (this.#falls.count >= 2) return 'sawtooth';
    return judged.some(({ shape }) => shape !== 'flat') ? 'warmingUp' : 'flat';
  }

  /** The figures that make it a leak; null where it is none. */
  get leak(): WindowFigures | null {
    const found = this.#unexplained().find(
      ({ grew, figures }) => grew >= CONFIRMATIONS && figures !== null && figures.spanMs >= this.#shownMs,
    );
    return found?.figures ?? null;
  }

  /** Whether its growth takes it past `ceilingBytes` within `horizonMs`; the nearest such time, or null. */
  approach(ceilingBytes: number, horizonMs: number): Approach | null {
    const last = this.#last;
    if (last === null) return null;
    const room = ceilingBytes - last.bytes;
    // Over the ceiling already: that is the ceiling's own rule.
    if (room <= 0) return null;
    const found = this.#unexplained().flatMap(({ grew, climbed, figures }) => {
      if (figures === null || climbed < CONFIRMATIONS) return [];
      const share = grew >= CONFIRMATIONS ? AHEAD_SHARE.growing : AHEAD_SHARE.climbing;
      const ahead = Math.min(horizonMs, share * figures.spanMs);
      return projectedGrowth(figures, ahead) >= room ? [{ ms: reachedAfter(figures, room, ahead), figures }] : [];
    });
    return found.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
  }

  /** What was given back was no leak: a window that saw nothing but this one climb has said nothing. */
  #takeFall(at: number, bytes: number): void {
    const { lastAt } = this.#falls;
    if (!this.#falls.add(at, bytes)) return;
    for (const window of this.#windows) {
      if (window.from < lastAt) continue;
      window.grew = 0;
      window.climbed = 0;
    }
  }

  #unexplained(): Window[] {
    return this.#windows.filter(({ climbed, from }) => climbed > 0 && !this.#falls.explain(from));
  }
}

const newWindow = (tier: Tier, length: number): Window => ({
  tier,
  length,
  judgedAt: -Infinity,
  from: 0,
  figures: null,
  shape: 'flat',
  grew: 0,
  climbed: 0,
});

const judgeAgain = (window: Window, at: number): void => {
  const floors = window.tier.floors.slice(-window.length);
  const first = floors[0];
  if (first === undefined || floors.length < window.length * FILLED) return;
  const span = at - first.at;
  const again = Math.min(AGAIN_MAX_MS, Math.max(AGAIN_MIN_MS, span * AGAIN_SHARE));
  if (span < MIN_SPAN_MS || at - window.judgedAt < again) return;
  window.judgedAt = at;
  // A fall within the first bucket is hidden by the bucket's own floor.
  window.from = floors[Math.ceil(floors.length / BUCKETS)]?.at ?? first.at;
  window.figures = figuresOf(floors);
  window.shape = window.figures === null ? 'flat' : shapeOf(window.figures);
  window.grew = window.shape === 'growing' ? window.grew + 1 : 0;
  window.climbed = window.shape === 'growing' || window.shape === 'climbing' ? window.climbed + 1 : 0;
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
