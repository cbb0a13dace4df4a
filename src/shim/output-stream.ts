import { closeSync } from 'node:fs';
import type { Fifo } from './fifo.ts';
import { unlinkFifo } from './fifo.ts';
import { AnsiStripper } from './ansi.ts';
import { LineAssembler } from './line-assembler.ts';
import type { Block } from './line-assembler.ts';
import type { Forwarder } from './forwarder.ts';
import type { LogFile } from './log-file.ts';
import { formatOf } from './log-format.ts';
import type { LineFormat, LineSource } from './log-format.ts';
import type { LogStyle } from './spawn-spec.ts';
import { shimLog } from './shim-log.ts';

const PARTIAL_LINE_MS = 1000;

export interface StreamParts {
  fifo: Fifo;
  log: LogFile;
  /** Null: lines go into the log only. */
  forwarder: Forwarder | null;
  style: LogStyle;
  source: LineSource;
  /** Is told each block of lines, as the worker wrote them. */
  said: (bytes: Buffer) => void;
}

/** One output stream of one incarnation, from its FIFO into a log. */
export class OutputStream {
  readonly #fifo: Fifo;
  readonly #log: LogFile;
  readonly #forwarder: Forwarder | null;
  readonly #assembler = new LineAssembler();
  readonly #stripper: AnsiStripper | null;
  readonly #format: LineFormat | null;
  readonly #ended: () => void;
  readonly #said: (bytes: Buffer) => void;
  #partialTimer: NodeJS.Timeout | null = null;
  #writeEndOpen = true;

  /** `ended` is called once, when every writer is gone and everything was handed to the log. */
  constructor({ fifo, log, forwarder, style, source, said }: StreamParts, ended: () => void) {
    this.#fifo = fifo;
    this.#log = log;
    this.#forwarder = forwarder;
    this.#stripper = style.stripAnsi ? new AnsiStripper() : null;
    this.#format = formatOf(style, source);
    this.#ended = ended;
    this.#said = said;
    fifo.reader.on('data', (chunk: Buffer) => this.#read(chunk));
    fifo.reader.on('error', (error) =>
      shimLog(`Output of a worker could not be read (${fifo.path}): ${error.message}`),
    );
    fifo.reader.once('close', () => this.#end());
  }

  /** The worker is gone: what is still in the pipe is read, then the stream ends, unless a descendant keeps it open. */
  workerGone(): void {
    if (!this.#writeEndOpen) return;
    this.#writeEndOpen = false;
    // At once, not in the thread pool: the exit waits for the end of the stream, and closing a FIFO does not block.
    closeSync(this.#fifo.writeEnd);
  }

  #read(chunk: Buffer): void {
    const bytes = this.#stripper?.push(chunk) ?? chunk;
    const hasRoom = this.#write(this.#assembler.push(bytes));
    this.#armPartialTimer();
    if (hasRoom) return;
    this.#fifo.reader.pause();
    this.#log.onRoom(() => this.#fifo.reader.resume());
  }

  /** False: pause until the log has room. */
  #write(blocks: readonly Block[]): boolean {
    let hasRoom = true;
    const wall = this.#format === null ? 0 : Date.now();
    for (const block of blocks) {
      this.#said(block.bytes);
      for (const shown of this.#format?.format(block, wall) ?? [block]) hasRoom = this.#pass(shown) && hasRoom;
    }
    return hasRoom;
  }

  #pass(block: Block): boolean {
    this.#forwarder?.push(this, block);
    return this.#log.push(this, block);
  }

  #armPartialTimer(): void {
    if (!this.#assembler.holds) {
      if (this.#partialTimer !== null) clearTimeout(this.#partialTimer);
      this.#partialTimer = null;
      return;
    }
    this.#partialTimer ??= setTimeout(() => {
      this.#partialTimer = null;
      this.#giveUpLine(false);
    }, PARTIAL_LINE_MS);
  }

  #giveUpLine(isLast: boolean): void {
    this.#write(this.#assembler.flush());
    for (const block of this.#format?.giveUp(isLast, Date.now()) ?? []) this.#pass(block);
    this.#log.release(this);
    this.#forwarder?.release(this);
  }

  #end(): void {
    if (this.#partialTimer !== null) clearTimeout(this.#partialTimer);
    this.#giveUpLine(true);
    unlinkFifo(this.#fifo.path);
    this.#ended();
  }
}
