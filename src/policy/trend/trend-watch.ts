/**
 * One figure of one process over its life: readings in, trend out. What its windows say counts once they have said it three times in a row.
 *
 *     unknown ── enough readings ──▶ flat · warmingUp · sawtooth ── a long window grows, three times ──▶ leaking
 *
 * Whether a ceiling is near is another question: growth that was confirmed is carried on (carried-on.ts), and what leaps leaves no time
 * for that (one-more-rise.ts).
 */
import type { Approach } from './approach.ts';
import { carriedOn } from './carried-on.ts';
import { Leaps } from './leaps.ts';
import { oneMoreRise } from './one-more-rise.ts';
import { MIN_GROWTH_BYTES } from './window.ts';
import type { WindowFigures } from './window.ts';
import { Windows } from './windows.ts';
import type { TrendOptions } from './windows.ts';

export type Trend = 'unknown' | 'flat' | 'warmingUp' | 'sawtooth' | 'leaking';

/** `leaking` is said of windows that are at least so much of `windowMs` long; shorter ones only tell of a ceiling that is near. */
const SHOWN_SHARE = 0.8;
/** And that many readings. */
const SHOWN_READINGS = 90;
const SHOWN_GROWTH_BYTES = 2 * MIN_GROWTH_BYTES;

/** How long a growth must be seen before it is called a leak. */
export const shownAfterMs = ({ windowMs, intervalMs }: TrendOptions): number =>
  Math.max(windowMs * SHOWN_SHARE, intervalMs * SHOWN_READINGS);

export class TrendWatch {
  readonly #windows: Windows;
  readonly #leaps = new Leaps();
  readonly #windowMs: number;
  readonly #shownMs: number;

  constructor(options: TrendOptions) {
    this.#windows = new Windows(options);
    this.#windowMs = options.windowMs;
    this.#shownMs = shownAfterMs(options);
  }

  /** `at` in milliseconds, in order. */
  add(at: number, bytes: number): void {
    if (this.#windows.add(at, bytes)) this.#leaps.forget();
    this.#leaps.add(at, bytes);
  }

  get trend(): Trend {
    if (this.leak !== null) return 'leaking';
    const { judgements, falls } = this.#windows;
    if (judgements.length === 0) return 'unknown';
    if (falls >= 2) return 'sawtooth';
    return judgements.every(({ shape }) => shape === 'flat') ? 'flat' : 'warmingUp';
  }

  /** The figures that make it a leak; null where it is none. */
  get leak(): WindowFigures | null {
    for (const { confirmed, figures } of this.#windows.confirmed())
      if (confirmed === 'growing' && figures.spanMs >= this.#shownMs && figures.climbBytes >= SHOWN_GROWTH_BYTES)
        return figures;
    return null;
  }

  /** Whether its growth takes it past `ceilingBytes` within `horizonMs`; the nearest such time, or null. */
  approach(ceilingBytes: number, horizonMs: number): Approach | null {
    const { last } = this.#leaps;
    // Over the ceiling already: that is the ceiling's own rule.
    if (last === null || last >= ceilingBytes) return null;
    const seen = { windows: this.#windows, leaps: this.#leaps };
    return this.projected(ceilingBytes, horizonMs) ?? oneMoreRise(seen, { ceilingBytes, horizonMs });
  }

  /** Whether growth that was confirmed, carried on, does. */
  projected(ceilingBytes: number, horizonMs: number): Approach | null {
    const room = ceilingBytes - (this.#leaps.last ?? 0);
    return carriedOn(this.#windows.confirmed(), { room, horizonMs, windowMs: this.#windowMs });
  }
}
