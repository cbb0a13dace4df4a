/**
 * Lines on their way to the controller, which prints them: the output of a container. One queue for all streams. No worker ever waits
 * for it: while no controller is there, or what it prints to takes nothing, BUFFER_BYTES are kept, then whole lines are dropped and
 * counted. What a controller has not confirmed goes again to the next one, so that its death costs no line (and may show one twice).
 */
import type { Block } from './line-assembler.ts';
import { LogDrops } from './log-drops.ts';
import type { LogTrouble } from './log-open.ts';
import { LogQueue } from './log-queue.ts';
import type { Writer } from './log-queue.ts';

export const BUFFER_BYTES = 1024 * 1024;
/** Told and not confirmed: little, because samples and facts share the socket. */
const WINDOW_BYTES = 128 * 1024;
const MESSAGE_BYTES = 32 * 1024;
const FIRST_REPORT_MS = 1_000;
const REPORT_EVERY_MS = 60_000;
const NEWLINE_BYTES = Buffer.from('\n');

export interface ForwarderLinks {
  /** Tell the controller; false: there is none. */
  send: (seq: number, bytes: string) => boolean;
  report: (trouble: LogTrouble) => void;
}

export class Forwarder {
  readonly #links: ForwarderLinks;
  readonly #queue = new LogQueue();
  readonly #drops = new LogDrops();
  #told: { seq: number; bytes: Buffer }[] = [];
  #toldBytes = 0;
  #lastSeq = 0;
  /** Whether a controller is there that prints. */
  #isWanted = false;
  #turn: NodeJS.Immediate | null = null;
  #reportTimer: NodeJS.Timeout | null = null;
  #hasReported = false;
  #emptyListeners: (() => void)[] = [];

  constructor(links: ForwarderLinks) {
    this.#links = links;
  }

  push(writer: Writer, block: Block): void {
    if (this.#queue.bytes + this.#toldBytes + block.bytes.length > BUFFER_BYTES) {
      this.#drops.drop(writer, block);
      this.#queue.breakLine(writer);
      this.#reportSoon();
      return;
    }
    const kept = this.#drops.keep(writer, block);
    if (kept !== null) this.#queue.push(writer, kept.end === 'partial' ? endedLine(kept) : kept);
    this.#tellSoon();
  }

  /** The writer will not finish its line. */
  release(writer: Writer): void {
    this.#queue.release(writer);
    this.#tellSoon();
  }

  /** Another controller is there; it says itself whether it prints. */
  attached(): void {
    this.#isWanted = false;
    if (this.#told.length > 0) this.#queue.putBack(Buffer.concat(this.#told.map(({ bytes }) => bytes)));
    this.#told = [];
    this.#toldBytes = 0;
  }

  /** The controller has printed what it was told up to `seq`, and takes more. */
  taken(seq: number): void {
    this.#isWanted = true;
    while (this.#told[0] !== undefined && this.#told[0].seq <= seq)
      this.#toldBytes -= this.#told.shift()?.bytes.length ?? 0;
    this.#tell();
    if (!this.#queue.isEmpty || this.#told.length > 0) return;
    // It is over: what was not said yet is said now.
    if (this.#drops.untold > 0) this.#report();
    this.#tellEmpty();
  }

  /** Resolves once everything is printed; at once where nobody prints. */
  flushed(): Promise<void> {
    if (!this.#isWanted || (this.#queue.isEmpty && this.#told.length === 0)) return Promise.resolve();
    return new Promise((settle) => this.#emptyListeners.push(settle));
  }

  /** What many workers print in one turn of the event loop goes in one message. */
  #tellSoon(): void {
    if (this.#turn !== null) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#tell();
    });
  }

  #tell(): void {
    while (this.#isWanted && !this.#queue.isEmpty && this.#toldBytes < WINDOW_BYTES) {
      const bytes = Buffer.concat(this.#queue.take(MESSAGE_BYTES, true) ?? []);
      if (!this.#links.send(this.#lastSeq + 1, bytes.toString('latin1'))) {
        this.#queue.putBack(bytes);
        this.#isWanted = false;
        return;
      }
      this.#lastSeq += 1;
      this.#told.push({ seq: this.#lastSeq, bytes });
      this.#toldBytes += bytes.length;
    }
  }

  #reportSoon(): void {
    this.#reportTimer ??= setTimeout(() => this.#report(), this.#hasReported ? REPORT_EVERY_MS : FIRST_REPORT_MS);
  }

  #report(): void {
    if (this.#reportTimer !== null) clearTimeout(this.#reportTimer);
    this.#reportTimer = null;
    this.#hasReported = true;
    const text = this.#isWanted
      ? 'What the workers print comes faster than the output of ackwarden run takes it; their files are not affected'
      : 'No controller was there to print what the workers print; their files are not affected';
    if (this.#drops.untold > 0) this.#links.report({ path: 'forward', text, droppedLines: this.#drops.takeUntold() });
  }

  #tellEmpty(): void {
    const listeners = this.#emptyListeners;
    this.#emptyListeners = [];
    for (const listener of listeners) listener();
  }
}

/** Others print as well: a line that is not waited for any longer ends here, and its rest begins another. */
function endedLine({ bytes }: Block): Block {
  return { bytes: Buffer.concat([bytes, NEWLINE_BYTES]), end: 'line' };
}
