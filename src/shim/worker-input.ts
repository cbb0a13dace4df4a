/** The standard input of a worker that wants one (`stdin: open`): a FIFO that stays open until the worker is gone. */
import { chownSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Account } from '../linux/passwd.ts';
import { errorCode } from '../linux/proc-file.ts';
import { unlinkFifo } from './fifo.ts';
import type { SpawnSpec } from './spawn-spec.ts';
import type { SpawnContext } from './spawn-context.ts';

/** PIPE_BUF (pipe(7)): so much is written as a whole or not at all. */
export const MAX_INPUT_BYTES = 4096;

export class WorkerInput {
  readonly #path: string;
  readonly #incarnation: string;
  /** Open for both, so that the worker never sees an end of file and we never a broken pipe. */
  readonly #ours: number;
  /** The worker's descriptor 0; ours to close once it is handed over. */
  readonly descriptor: number;
  #isOpen = true;

  /** Null: the spec wants none. Rejects with a sentence. */
  static async open(spec: SpawnSpec, account: Account | null, context: SpawnContext): Promise<WorkerInput | null> {
    return spec.stdin === 'open' ? new WorkerInput(await context.fifos.take(), spec.incarnation, account) : null;
  }

  private constructor(path: string, incarnation: string, account: Account | null) {
    this.#path = path;
    this.#incarnation = incarnation;
    if (account !== null && account.uid !== process.geteuid?.()) chownSync(path, account.uid, account.gid);
    this.#ours = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      this.descriptor = openSync(path, constants.O_RDONLY);
    } catch (error) {
      closeSync(this.#ours);
      throw error;
    }
  }

  /** All of it or, with a sentence thrown, nothing. Never blocks. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (bytes.length > MAX_INPUT_BYTES)
      throw new Error(
        `stdin of ${this.#incarnation} takes at most ${MAX_INPUT_BYTES} bytes at once, not ${bytes.length}.`,
      );
    if (!this.#isOpen) throw new Error(`stdin of ${this.#incarnation} is closed: its process is gone.`);
    try {
      writeSync(this.#ours, bytes);
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
      throw new Error(`stdin of ${this.#incarnation} is full: the worker does not read it.`, { cause: error });
    }
  }

  /** The worker is gone, or was never started. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#ours);
    closeSync(this.descriptor);
    unlinkFifo(this.#path);
  }
}
