/**
 * Traces of the last few deliveries of a channel, in one piece of memory that is used again and again: nearly all of them are settled
 * by a worker that lives, and never looked at.
 */
import { FRAME } from './method-ids.ts';
import type { Trace } from './trace.ts';

const SLOTS = 16;
/** Longer ones are not kept here. */
const SLOT_BYTES = 1_024;

export class TraceSlots {
  #bytes: Buffer | null = null;
  /** Of the delivery in each slot; 0: none. */
  #tags = new Float64Array(SLOTS);
  #ends = new Uint16Array(SLOTS);
  #queues: (string | null)[] = Array.from({ length: SLOTS }, () => null);

  /** Which delivery the slot of this one holds, settled or not; 0: none. */
  holderOf(tag: number): number {
    return this.#tags[tag % SLOTS] ?? 0;
  }

  /**
   * Keep the bytes from `from` to `to`: whole method and header frames, and after them the head of a body frame and what is to be kept
   * of its payload, or nothing. False where they are too many.
   */
  keep(tag: number, queue: string | null, { chunk, from, to }: { chunk: Buffer; from: number; to: number }): boolean {
    if (to - from > SLOT_BYTES) return false;
    this.#bytes ??= Buffer.allocUnsafeSlow(SLOTS * SLOT_BYTES);
    const slot = tag % SLOTS;
    chunk.copy(this.#bytes, slot * SLOT_BYTES, from, to);
    this.#tags[slot] = tag;
    this.#ends[slot] = to - from;
    this.#queues[slot] = queue;
    return true;
  }

  forget(tag: number): void {
    if (this.holderOf(tag) === tag) this.#tags[tag % SLOTS] = 0;
  }

  /** A copy of what is kept; null: nothing is. */
  read(tag: number): Trace | null {
    if (this.#bytes === null || this.holderOf(tag) !== tag) return null;
    const slot = tag % SLOTS;
    const start = slot * SLOT_BYTES;
    const bytes = Buffer.from(this.#bytes.subarray(start, start + (this.#ends[slot] ?? 0)));
    const header = frameEnd(bytes, 0);
    const body = frameEnd(bytes, header);
    return {
      method: bytes.subarray(0, header),
      header: bytes.subarray(header, body),
      prefix: bytes.subarray(body + FRAME.head),
      redelivered: false,
      queue: this.#queues[slot] ?? null,
    };
  }
}

const frameEnd = (bytes: Buffer, at: number): number => at + bytes.readUInt32BE(at + 3) + FRAME.overhead;
