/**
 * What waits to be written to one log file: blocks of several writers, in an order in which no line is torn apart by another writer.
 * Pure. A writer whose last block ended inside a line holds the end of the queue: after a `piece` the others' blocks wait behind it,
 * after a `partial` the first other block finishes that line with a newline.
 */
import type { Block } from './line-assembler.ts';

const NEWLINE = 10;
const NEWLINE_BYTES = Buffer.from('\n');
const MAX_BATCH_BYTES = 256 * 1024;

/** Identity of a writer; only compared. */
export type Writer = object;

interface Held {
  writer: Writer;
  waits: boolean;
}

export class LogQueue {
  #ready: Buffer[] = [];
  #waiting: { writer: Writer; block: Block }[] = [];
  #readyBytes = 0;
  #waitingBytes = 0;
  #held: Held | null = null;

  /** Bytes in memory. */
  get bytes(): number {
    return this.#readyBytes + this.#waitingBytes;
  }

  /** Whether something can be written now. */
  get isEmpty(): boolean {
    return this.#readyBytes === 0;
  }

  push(writer: Writer, block: Block): void {
    if (this.#held !== null && this.#held.writer !== writer) {
      if (this.#held.waits) {
        this.#waiting.push({ writer, block });
        this.#waitingBytes += block.bytes.length;
        return;
      }
      this.#append(NEWLINE_BYTES);
    }
    this.#append(block.bytes);
    this.#held = block.end === 'line' ? null : { writer, waits: block.end === 'piece' };
    if (this.#held?.waits !== true) this.#letIn();
  }

  /** The writer will not finish its line (its stream ended, or its line was dropped): others need not wait. */
  release(writer: Writer): void {
    if (this.#held?.writer !== writer || !this.#held.waits) return;
    this.#held = { writer, waits: false };
    this.#letIn();
  }

  /** The rest of the writer's unfinished line was dropped: end it, so that what comes next begins a line. */
  breakLine(writer: Writer): void {
    if (this.#held?.writer !== writer) return;
    this.#append(NEWLINE_BYTES);
    this.#held = null;
    this.#letIn();
  }

  /**
   * Take up to `room` bytes to write (at most 256 KiB a time), cut behind a line. Null: the next line is longer than `room`, rotate
   * first. `whole`: the file is empty, so a line that is too long goes in all the same.
   */
  take(room: number, whole: boolean): Buffer[] | null {
    const batch: Buffer[] = [];
    let bytes = 0;
    const limit = Math.min(room, MAX_BATCH_BYTES);
    for (let head = this.#ready[0]; head !== undefined; head = this.#ready[0]) {
      if (bytes + head.length > limit) break;
      batch.push(head);
      bytes += head.length;
      this.#ready.shift();
    }
    const head = this.#ready[0];
    if (bytes === 0 && head !== undefined) {
      const cut = whole ? head.indexOf(NEWLINE) + 1 || head.length : head.lastIndexOf(NEWLINE, limit - 1) + 1;
      if (cut === 0 || limit < 1) return null;
      batch.push(head.subarray(0, cut));
      bytes = cut;
      if (cut === head.length) this.#ready.shift();
      else this.#ready[0] = head.subarray(cut);
    }
    this.#readyBytes -= bytes;
    return batch;
  }

  /** Put back what could not be written, in front. */
  putBack(rest: Buffer): void {
    this.#ready.unshift(rest);
    this.#readyBytes += rest.length;
  }

  #append(bytes: Buffer): void {
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
  }

  #letIn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const { writer, block } of waiting) this.push(writer, block);
  }
}
