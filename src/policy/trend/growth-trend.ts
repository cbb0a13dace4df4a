/**
 * The growth of one process: over time; for each message that it acknowledged, since what leaks with the work stands still at night; and
 * of PHP's own heap and what lies outside of it each by itself, since one goes up and down and hides what the other does. With every
 * verdict go the parts of what grows.
 */
import type { Approach } from './approach.ts';
import { MessageRate } from './message-rate.ts';
import { bytesOf, partsOf } from './parts.ts';
import type { Part, Parts } from './parts.ts';
import { Past } from './past.ts';
import type { PastRow } from './past.ts';
import { TrendWatch, shownAfterMs } from './trend-watch.ts';
import type { Trend } from './trend-watch.ts';
import type { WindowFigures } from './window.ts';
import type { TrendOptions } from './windows.ts';

/** A message stands for a second: windows of 200 to 43,200 messages. */
const MESSAGE_MS = 1_000;
const BY_MESSAGE: TrendOptions = { windowMs: 1_200 * MESSAGE_MS, intervalMs: 5 * MESSAGE_MS };
const LEAST_ROWS = 24;

/** What leaks natively is asked for first: the heap of PHP goes up and down by itself. */
const PARTS = ['native', 'php'] as const;

interface Found {
  /** By time, also where it was seen by messages. */
  figures: WindowFigures;
  /** What the figures are of. */
  part: Part;
}

export type Leak = Found & Parts;

export class GrowthTrend {
  readonly #byTime: TrendWatch;
  readonly #byMessage = new TrendWatch(BY_MESSAGE);
  /** Made when PHP's own heap is read for the first time. */
  readonly #byPart = new Map<Part, TrendWatch>();
  readonly #rate = new MessageRate();
  readonly #options: TrendOptions;
  readonly #past = new Past();
  #acknowledged = 0;
  /** Undefined: not asked since the last reading. */
  #found: Found | null | undefined = undefined;

  constructor(options: TrendOptions) {
    this.#byTime = new TrendWatch(options);
    this.#options = options;
  }

  /** In order of time. */
  add(row: PastRow): void {
    this.#found = undefined;
    this.#past.add(row);
    this.#byTime.add(row.at, row.ownBytes);
    this.#addParts(row);
    if (row.acknowledged === null) return;
    this.#rate.add(row.at, row.acknowledged);
    if (row.acknowledged <= this.#acknowledged) return;
    this.#acknowledged = row.acknowledged;
    this.#byMessage.add(row.acknowledged * MESSAGE_MS, row.ownBytes);
  }

  get past(): Past {
    return this.#past;
  }

  get trend(): Trend {
    return this.#leaking === null ? this.#byTime.trend : 'leaking';
  }

  /** Null where it is none. */
  get leak(): Leak | null {
    const found = this.#leaking;
    return found === null ? null : this.leakOf(found.figures, found.part);
  }

  /** With what grew within the span of the figures, and with each message. */
  leakOf(figures: WindowFigures, part: Part): Leak {
    return { figures, part, ...partsOf(this.#past.newest(figures.spanMs, LEAST_ROWS), part) };
  }

  /** Whether its growth takes it past `ceilingBytes` within `horizonMs`. */
  approach(ceilingBytes: number, horizonMs: number): Approach | null {
    return this.#byTime.approach(ceilingBytes, horizonMs) ?? this.#approachByMessage(ceilingBytes, horizonMs);
  }

  get #leaking(): Found | null {
    if (this.#found !== undefined) return this.#found;
    const figures = this.#byTime.leak ?? this.#leakByMessage();
    this.#found = figures === null ? this.#leakByPart() : { figures, part: null };
    return this.#found;
  }

  #addParts(row: PastRow): void {
    for (const part of PARTS) {
      const bytes = bytesOf(row, part);
      if (bytes === null) return;
      const watch = this.#byPart.get(part) ?? new TrendWatch(this.#options);
      this.#byPart.set(part, watch);
      watch.add(row.at, bytes);
    }
  }

  #leakByPart(): Found | null {
    for (const [part, { leak }] of this.#byPart) if (leak !== null) return { figures: leak, part };
    return null;
  }

  /** What each message leaves behind, times those to come: what stood still all night is near its ceiling in the morning. */
  #approachByMessage(ceilingBytes: number, horizonMs: number): Approach | null {
    const { perMs } = this.#rate;
    if (perMs === 0) return null;
    const leak = this.#leakByMessage();
    const found = leak === null ? null : this.#byMessage.projected(ceilingBytes, horizonMs * perMs * MESSAGE_MS);
    if (leak === null || found === null) return null;
    const { spanMs, slope } = found.figures;
    const count = Math.round(spanMs / MESSAGE_MS);
    const sign = { kind: 'messages', count, bytesPerMessage: slope * MESSAGE_MS, perMinute: perMs * 60_000 } as const;
    return { ms: found.ms / MESSAGE_MS / perMs, figures: leak, sign };
  }

  /** It must have been seen for as long as any other: a thousand messages may be a second's work. */
  #leakByMessage(): WindowFigures | null {
    const figures = this.#byMessage.leak;
    if (figures === null) return null;
    const since = this.#acknowledged - figures.spanMs / MESSAGE_MS;
    const rows = this.#past.rows();
    const [last, first] = [
      rows.at(-1),
      rows.findLast(({ acknowledged }) => acknowledged !== null && acknowledged <= since),
    ];
    const spanMs = (last?.at ?? 0) - (first?.at ?? last?.at ?? 0);
    if (spanMs < shownAfterMs(this.#options)) return null;
    const perMs = figures.spanMs / spanMs;
    return { ...figures, spanMs, slope: figures.slope * perMs, lateSlope: figures.lateSlope * perMs };
  }
}
