const NEWLINE = 10;
/** A line longer than this is passed on in pieces. */
export const PIECE_BYTES = 64 * 1024;
/** A line longer than this no longer keeps other writers waiting: something is writing bytes, not lines. */
export const LONGEST_LINE_BYTES = 1024 * 1024;

/**
 * How a block ends. `line`: with a newline. `piece`: in the middle of a long line, other writers wait for its end. `partial`: in the
 * middle of a line that may never be finished, other writers may go on.
 */
export type BlockEnd = 'line' | 'piece' | 'partial';

export interface Block {
  bytes: Buffer;
  end: BlockEnd;
}

/** Cuts one output stream into blocks of whole lines, so that several streams can share a file. Pure; memory bound PIECE_BYTES. */
export class LineAssembler {
  #parts: Buffer[] = [];
  #partBytes = 0;
  #passedOn = 0;
  /** The last block was a piece: whoever shares the file waits for what follows it. */
  #keepsWaiting = false;

  /** Whether a line is unfinished that is held back here, or that keeps other writers waiting. */
  get holds(): boolean {
    return this.#partBytes > 0 || this.#keepsWaiting;
  }

  /** The blocks that `chunk` completes. */
  push(chunk: Buffer): Block[] {
    const blocks: Block[] = [];
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      blocks.push({ bytes: this.#join(chunk.subarray(0, end)), end: 'line' });
      this.#passedOn = 0;
      this.#keepsWaiting = false;
    }
    // A copy: a view would keep the whole chunk in memory for as long as its last line is unfinished.
    if (end < chunk.length) this.#hold(Buffer.from(chunk.subarray(end)));
    if (this.#partBytes > PIECE_BYTES) blocks.push(...this.#passOn('piece'));
    return blocks;
  }

  /** Give up waiting for the end of the line (a timer, or the end of the stream). */
  flush(): Block[] {
    this.#keepsWaiting = false;
    return this.#partBytes === 0 ? [] : this.#passOn('partial');
  }

  #passOn(end: BlockEnd): Block[] {
    const bytes = this.#join(null);
    this.#passedOn += bytes.length;
    const isEndless = this.#passedOn > LONGEST_LINE_BYTES;
    this.#keepsWaiting = end === 'piece' && !isEndless;
    return [{ bytes, end: isEndless ? 'partial' : end }];
  }

  #hold(part: Buffer): void {
    this.#parts.push(part);
    this.#partBytes += part.length;
  }

  #join(last: Buffer | null): Buffer {
    if (this.#parts.length === 0 && last !== null) return last;
    const joined = Buffer.concat(last === null ? this.#parts : [...this.#parts, last]);
    this.#parts = [];
    this.#partBytes = 0;
    return joined;
  }
}
