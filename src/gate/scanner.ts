/**
 * One direction of a connection: bytes in any chunking → frames. What need not be looked at (message bodies above all) streams
 * through as parts of the chunk it came in, without a copy; a frame that may have to be counted, replaced or dropped is held
 * until it is whole. What goes out is byte for byte what came in, save for what the handler inserts, replaces or drops.
 *
 * A held part of a frame is not sent yet, so another frame may be inserted before it; inside a streamed frame nothing may.
 */
import { FRAME } from './method-ids.ts';

/** What becomes of a held frame: it passes, or these go in its place (none: it is dropped). */
export type Verdict = 'pass' | readonly Buffer[];

export interface FrameHandler {
  isHeld(type: number, channel: number): boolean;
  /** A held frame, whole. It is part of the chunk: keep copies only. */
  onFrame(frame: Buffer): Verdict;
  /** The head of a streamed frame; size is that of its payload. Returns how many of its bytes `onPayload` is to see, none for undefined. */
  onStreamed(type: number, channel: number, size: number): number | undefined;
  /** The next of the bytes that were asked for. They are part of the chunk: keep copies only. */
  onPayload?(bytes: Buffer): void;
  /**
   * The short way: frames of the chunk from `at` on that pass as they are, and `maxHeld`, the largest frame that may be held. Returns
   * where the first begins that is to be judged as any other.
   */
  skim?(chunk: Buffer, at: number, maxHeld: number): number;
  /** Before a frame begins: what goes first, or 'stop' to take no further frame now. */
  onBoundary(): readonly Buffer[] | 'stop';
}

/** The peer does not speak AMQP as agreed: the connection cannot go on. */
export class FramingError extends Error {
  override name = 'FramingError';
}

const NOTHING = Buffer.alloc(0);

export class FrameScanner {
  /** Bytes of a streamed frame that are still to come, its end byte included. */
  #streaming = 0;
  /** Bytes of its payload that the handler is to see yet, and bytes of its head before them. */
  #wanted = 0;
  #skipped = 0;
  /** The beginning of a frame that cannot be judged yet. */
  #partial: Buffer = NOTHING;
  #partialLength = 0;
  #handler: FrameHandler;
  #out: (bytes: Buffer) => void;
  #maxHeld: number;

  constructor(handler: FrameHandler, out: (bytes: Buffer) => void, maxHeld: number) {
    this.#handler = handler;
    this.#out = out;
    this.#maxHeld = maxHeld;
  }

  /** Nothing of an unfinished frame has been sent: another one may go out. */
  get mayInsert(): boolean {
    return this.#streaming === 0;
  }

  /** No unfinished frame at all. */
  get isBetweenFrames(): boolean {
    return this.#streaming === 0 && this.#partialLength === 0;
  }

  /** Largest frame that is ever held, in bytes: agreed with the broker as frame-max. */
  set maxHeld(bytes: number) {
    this.#maxHeld = bytes;
  }

  /** Take a chunk. Returns what the handler's 'stop' left untouched, to be pushed again later. Throws FramingError. */
  push(chunk: Buffer): Buffer {
    let at = this.#partialLength > 0 ? this.#completePartial(chunk) : 0;
    let run = at;
    while (at < chunk.length) {
      if (this.#streaming > 0) {
        at = this.#stream(chunk, at);
        continue;
      }
      const skimmed = this.#handler.skim?.(chunk, at, this.#maxHeld) ?? at;
      if (skimmed > at) {
        at = skimmed;
        continue;
      }
      const first = this.#handler.onBoundary();
      if (first === 'stop') {
        this.#pass(chunk, run, at);
        return chunk.subarray(at);
      }
      if (first.length > 0) {
        this.#pass(chunk, run, at);
        run = at;
        for (const bytes of first) this.#out(bytes);
      }
      const end = this.#wholeFrame(chunk, at);
      if (end === null) {
        this.#pass(chunk, run, at);
        this.#keep(chunk.subarray(at));
        return NOTHING;
      }
      if (end === at) continue;
      const verdict = this.#judge(chunk.subarray(at, end));
      if (verdict !== 'pass') {
        this.#pass(chunk, run, at);
        run = end;
        for (const bytes of verdict) this.#out(bytes);
      }
      at = end;
    }
    this.#pass(chunk, run, at);
    return NOTHING;
  }

  /** End of the held frame that begins at `at`; `at` itself when the frame streams; null when more bytes are needed. */
  #wholeFrame(chunk: Buffer, at: number): number | null {
    if (chunk.length - at < FRAME.head) return null;
    const type = chunk.readUInt8(at);
    const size = chunk.readUInt32BE(at + 3);
    const channel = chunk.readUInt16BE(at + 1);
    if (!this.#isHeld(type, channel, size)) {
      this.#wanted = Math.min(size, this.#handler.onStreamed(type, channel, size) ?? 0);
      this.#skipped = FRAME.head;
      this.#streaming = size + FRAME.overhead;
      return at;
    }
    const end = at + size + FRAME.overhead;
    return end <= chunk.length ? end : null;
  }

  #isHeld(type: number, channel: number, size: number): boolean {
    if (!this.#handler.isHeld(type, channel)) return false;
    if (size + FRAME.overhead > this.#maxHeld) {
      throw new FramingError(`An AMQP frame of ${size} bytes came, the connection agreed on at most ${this.#maxHeld}.`);
    }
    return true;
  }

  #stream(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#streaming);
    if (this.#wanted > 0) this.#show(chunk.subarray(at + this.#skipped, end));
    this.#streaming -= end - at;
    if (this.#streaming === 0) checkEnd(chunk, end);
    return end;
  }

  #show(bytes: Buffer): void {
    this.#skipped = 0;
    const shown = bytes.subarray(0, this.#wanted);
    this.#wanted -= shown.length;
    this.#handler.onPayload?.(shown);
  }

  #judge(frame: Buffer): Verdict {
    checkEnd(frame, frame.length);
    return this.#handler.onFrame(frame);
  }

  /** Fill the partial frame from the chunk; returns how many bytes of the chunk it took. */
  #completePartial(chunk: Buffer): number {
    let at = this.#fill(chunk, 0, FRAME.head);
    if (this.#partialLength < FRAME.head) return at;
    const type = this.#partial.readUInt8(0);
    const size = this.#partial.readUInt32BE(3);
    const channel = this.#partial.readUInt16BE(1);
    if (!this.#isHeld(type, channel, size)) {
      this.#wanted = Math.min(size, this.#handler.onStreamed(type, channel, size) ?? 0);
      this.#skipped = 0;
      this.#out(this.#take());
      this.#streaming = size + 1;
      return at;
    }
    at = this.#fill(chunk, at, size + FRAME.overhead);
    if (this.#partialLength < size + FRAME.overhead) return at;
    const frame = this.#take();
    const verdict = this.#judge(frame);
    for (const bytes of verdict === 'pass' ? [frame] : verdict) this.#out(bytes);
    return at;
  }

  #fill(chunk: Buffer, at: number, wanted: number): number {
    const taken = Math.max(0, Math.min(wanted - this.#partialLength, chunk.length - at));
    this.#reserve(wanted);
    chunk.copy(this.#partial, this.#partialLength, at, at + taken);
    this.#partialLength += taken;
    return at + taken;
  }

  #keep(rest: Buffer): void {
    this.#partialLength = 0;
    this.#fill(rest, 0, rest.length);
  }

  #reserve(wanted: number): void {
    if (this.#partial.length >= wanted) return;
    const grown = Buffer.allocUnsafe(wanted);
    this.#partial.copy(grown, 0, 0, this.#partialLength);
    this.#partial = grown;
  }

  #take(): Buffer {
    const bytes = this.#partial.subarray(0, this.#partialLength);
    this.#partial = NOTHING;
    this.#partialLength = 0;
    return bytes;
  }

  #pass(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#out(to - from === chunk.length ? chunk : chunk.subarray(from, to));
  }
}

function checkEnd(bytes: Buffer, end: number): void {
  if (bytes.readUInt8(end - 1) === FRAME.end) return;
  throw new FramingError('An AMQP frame does not end with 0xCE: the two sides no longer agree where frames begin.');
}
