/** What a listener writes to its standard error: a file of bounded size with a few backups. */
import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import { rotateFilesSync } from '../../linux/rotate.ts';

const MAX_BYTES = 10 * 1024 * 1024;
const BACKUPS = 3;
/** A full disk is not asked for every line. */
const AGAIN_MS = 10_000;

export class ErrorLog {
  readonly path: string;
  #descriptor: number | null = null;
  #bytes = 0;
  #trouble: string | null = null;
  #retryAt = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Why it cannot be written; null while it can. What comes meanwhile is lost. */
  get trouble(): string | null {
    return this.#trouble;
  }

  write(chunk: Buffer): void {
    if (this.#trouble !== null && Date.now() < this.#retryAt) return;
    try {
      if (this.#bytes + chunk.length > MAX_BYTES) this.#rotate();
      this.#descriptor ??= this.#open();
      this.#bytes += writeSync(this.#descriptor, chunk);
      this.#trouble = null;
    } catch (error) {
      this.#trouble = `${this.path} cannot be written (${(error as Error).message}); what the listener says there is lost`;
      this.#retryAt = Date.now() + AGAIN_MS;
      this.close();
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#bytes = 0;
  }

  #open(): number {
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const descriptor = openSync(this.path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o640);
    this.#bytes = fstatSync(descriptor).size;
    return descriptor;
  }

  #rotate(): void {
    this.close();
    rotateFilesSync(this.path, BACKUPS);
  }
}
