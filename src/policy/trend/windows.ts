/**
 * One figure of one process, judged over windows from a minute to half a day, so that fast and slow leaks are seen by the same code; and
 * what of it was given back, because the way back up to an earlier peak is no growth.
 */
import { Falls } from './falls.ts';
import { JudgedWindow } from './judged-window.ts';
import { TIER_LENGTH, Tier } from './tier.ts';
import type { Judgement, WindowFigures } from './window.ts';

export interface TrendOptions {
  /** How far back growth is judged first of all; slow leaks in six and thirty-six times of it. */
  windowMs: number;
  /** Between two readings. */
  intervalMs: number;
}

/** What a window has said three times in a row. */
export interface Confirmed {
  confirmed: 'growing' | 'climbing';
  figures: WindowFigures;
}

const FACTORS = [1 / 6, 1, 6, 36];
/** Of a resolution the newest so many floors are judged, so that what began lately does not drown in the past. */
const SHORT = [12, 24];
const LONG = [60, 120, TIER_LENGTH];
/** The newest readings: what rose within minutes is seen there. */
const NEWEST = 24;

export class Windows {
  readonly #tiers: Tier[];
  readonly #windows: JudgedWindow[];
  readonly #newest: JudgedWindow | undefined;
  readonly #falls = new Falls();

  constructor({ windowMs, intervalMs }: TrendOptions) {
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
    this.#newest = this.#windows.find(({ length }) => length === NEWEST);
  }

  /** `at` in milliseconds, in order. Returns whether this reading ends a climb by a fall. */
  add(at: number, bytes: number): boolean {
    const fell = this.#takeFall(at, bytes);
    for (const tier of this.#tiers) {
      if (!tier.add(at, bytes)) continue;
      for (const window of this.#windows) if (window.tier === tier) window.judge(at);
    }
    return fell;
  }

  /** How often it fell. */
  get falls(): number {
    return this.#falls.count;
  }

  /** What each window that saw enough has said last. */
  get judgements(): Judgement[] {
    return this.#windows.flatMap(({ judgement }) => judgement ?? []);
  }

  /** What the newest readings say, and since when; null where there are too few, they are level, or it is only the way back up. */
  get newest(): { judgement: Judgement; figures: WindowFigures; from: number } | null {
    const { judgement = null, from = 0 } = this.#newest ?? {};
    const figures = judgement?.figures ?? null;
    if (judgement === null || figures === null || this.#falls.explain(from)) return null;
    return { judgement, figures, from };
  }

  /** What they confirm, but for what is only the way back up. Asked at every reading, and mostly nothing. */
  confirmed(): Confirmed[] {
    const found: Confirmed[] = [];
    for (const { confirmed, from, judgement } of this.#windows) {
      const figures = judgement?.figures ?? null;
      if (confirmed !== null && figures !== null && !this.#falls.explain(from)) found.push({ confirmed, figures });
    }
    return found;
  }

  /** What was given back was no leak: a window that saw nothing but this one climb has said nothing. */
  #takeFall(at: number, bytes: number): boolean {
    const { lastAt } = this.#falls;
    if (!this.#falls.add(at, bytes)) return false;
    for (const window of this.#windows) if (window.from >= lastAt) window.withdraw();
    return true;
  }
}
