import type { Block } from './line-assembler.ts';

const NEWLINE = 10;

/** Counts the lines that found no room, and sees to it that a line is dropped whole once its beginning was. */
export class LogDrops {
  readonly #inside = new WeakSet<object>();
  /** Since the last notice in the file. */
  #sinceNotice = 0;
  /** Since the last report to the controller. */
  #sinceReport = 0;

  get untold(): number {
    return this.#sinceReport;
  }

  get unwritten(): number {
    return this.#sinceNotice;
  }

  /** Drop a whole block. */
  drop(writer: object, block: Block): void {
    let lines = block.end === 'line' ? 0 : 1;
    for (let at = block.bytes.indexOf(NEWLINE); at >= 0; at = block.bytes.indexOf(NEWLINE, at + 1)) lines += 1;
    // The line whose beginning was dropped is already counted.
    if (this.#inside.has(writer)) lines -= 1;
    this.#count(Math.max(0, lines));
    if (block.end === 'line') this.#inside.delete(writer);
    else this.#inside.add(writer);
  }

  /** What of this block may be kept now that there is room: null while it still belongs to a dropped line. */
  keep(writer: object, block: Block): Block | null {
    if (!this.#inside.has(writer)) return block;
    const end = block.bytes.indexOf(NEWLINE) + 1;
    if (end === 0) return null;
    this.#inside.delete(writer);
    return end === block.bytes.length ? null : { bytes: block.bytes.subarray(end), end: block.end };
  }

  /** The line to write once there is room again; null when nothing was dropped. */
  takeNotice(): string | null {
    if (this.#sinceNotice === 0) return null;
    const lines = this.#sinceNotice === 1 ? '1 line' : `${this.#sinceNotice} lines`;
    this.#sinceNotice = 0;
    return `[ackwarden] ${lines} dropped here: this log could not be written.`;
  }

  takeUntold(): number {
    const untold = this.#sinceReport;
    this.#sinceReport = 0;
    return untold;
  }

  #count(lines: number): void {
    this.#sinceNotice += lines;
    this.#sinceReport += lines;
  }
}
