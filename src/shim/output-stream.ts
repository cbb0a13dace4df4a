import { closeSync } from 'node:fs';
import type { Fifo } from './fifo.ts';
import { unlinkFifo } from './fifo.ts';
import { LineAssembler } from './line-assembler.ts';
import type { LogFile } from './log-file.ts';
import { shimLog } from './shim-log.ts';

const PARTIAL_LINE_MS = 1000;

/** One output stream of one incarnation, from its FIFO into a log. */
export class OutputStream {
  readonly #fifo: Fifo;
  readonly #log: LogFile;
  readonly #assembler = new LineAssembler();
  readonly #ended: () => void;
  #partialTimer: NodeJS.Timeout | null = null;
  #writeEndOpen = true;

  /** `ended` is called once, when every writer is gone and everything was handed to the log. */
  constructor(fifo: Fifo, log: LogFile, ended: () => void) {
    this.#fifo = fifo;
    this.#log = log;
    this.#ended = ended;
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
    let room = true;
    for (const block of this.#assembler.push(chunk)) room = this.#log.push(this, block) && room;
    this.#armPartialTimer();
    if (room) return;
    this.#fifo.reader.pause();
    this.#log.onRoom(() => this.#fifo.reader.resume());
  }

  #armPartialTimer(): void {
    if (!this.#assembler.holds) {
      if (this.#partialTimer !== null) clearTimeout(this.#partialTimer);
      this.#partialTimer = null;
      return;
    }
    this.#partialTimer ??= setTimeout(() => {
      this.#partialTimer = null;
      this.#flushPartial();
    }, PARTIAL_LINE_MS);
  }

  #flushPartial(): void {
    for (const block of this.#assembler.flush()) this.#log.push(this, block);
    this.#log.release(this);
  }

  #end(): void {
    if (this.#partialTimer !== null) clearTimeout(this.#partialTimer);
    this.#flushPartial();
    unlinkFifo(this.#fifo.path);
    this.#ended();
  }
}
