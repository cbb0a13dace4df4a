/**
 * What was read of one process over its whole life, in a bounded number of rows: when they are full every second one goes, and what
 * comes is taken half as often. The newest hour is fine-grained, a week is not.
 */
export interface PastRow {
  /** Milliseconds. */
  at: number;
  /** With descendants, as all of it. */
  rssBytes: number;
  /** Anonymous memory and swap, and all memory of descendants. */
  ownBytes: number;
  swapBytes: number;
  zendBytes: number | null;
  /** Cumulative. */
  acknowledged: number | null;
}

export const MOST_ROWS = 480;
const FIRST_ROWS = 30;
const COLUMNS = ['at', 'rssBytes', 'ownBytes', 'swapBytes', 'zendBytes', 'acknowledged'] as const;
/** A reading that comes a little early is not skipped. */
const SLACK = 0.9;

export class Past {
  #cells = new Float64Array(FIRST_ROWS * COLUMNS.length);
  #count = 0;
  #stepMs = 0;

  /** In order of time. */
  add(row: PastRow): void {
    if (this.#count > 0 && row.at - this.#cell(this.#count - 1, 0) < this.#stepMs * SLACK) return;
    if (this.#count === MOST_ROWS) this.#thin();
    if (this.#count * COLUMNS.length === this.#cells.length) this.#makeRoom();
    for (const [column, name] of COLUMNS.entries())
      this.#cells[this.#count * COLUMNS.length + column] = row[name] ?? Number.NaN;
    this.#count += 1;
  }

  get length(): number {
    return this.#count;
  }

  /** Oldest first. */
  rows(): PastRow[] {
    return this.#from(0);
  }

  /** The rows of the newest `spanMs`, but never fewer than `least`, if there are so many. */
  newest(spanMs: number, least: number): PastRow[] {
    if (this.#count === 0) return [];
    const since = this.#cell(this.#count - 1, 0) - spanMs;
    let first = this.#count - 1;
    while (first > 0 && (this.#count - first < least || this.#cell(first - 1, 0) >= since)) first -= 1;
    return this.#from(first);
  }

  #from(first: number): PastRow[] {
    return Array.from({ length: this.#count - first }, (_, index) => this.#row(first + index));
  }

  #row(index: number): PastRow {
    const known = (column: number): number | null => {
      const value = this.#cell(index, column);
      return Number.isNaN(value) ? null : value;
    };
    return {
      at: this.#cell(index, 0),
      rssBytes: this.#cell(index, 1),
      ownBytes: this.#cell(index, 2),
      swapBytes: this.#cell(index, 3),
      zendBytes: known(4),
      acknowledged: known(5),
    };
  }

  #cell(index: number, column: number): number {
    return this.#cells[index * COLUMNS.length + column] ?? Number.NaN;
  }

  #thin(): void {
    const width = COLUMNS.length;
    for (let kept = 0; kept * 2 < this.#count; kept += 1)
      this.#cells.copyWithin(kept * width, kept * 2 * width, (kept * 2 + 1) * width);
    this.#count = Math.ceil(this.#count / 2);
    this.#stepMs = (this.#cell(this.#count - 1, 0) - this.#cell(0, 0)) / Math.max(1, this.#count - 1);
  }

  #makeRoom(): void {
    const larger = new Float64Array(Math.min(MOST_ROWS * COLUMNS.length, this.#cells.length * 2));
    larger.set(this.#cells);
    this.#cells = larger;
  }
}
