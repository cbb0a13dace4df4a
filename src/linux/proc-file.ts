import { closeSync, openSync, readSync } from 'node:fs';

/** Whether an error says that the process is no more (or its file with it). */
export function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ESRCH' || code === 'ENOENT';
}

/** The `code` of a system error (`ENOENT`, …), or null. */
export function errorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/**
 * A /proc file kept open: reading it again costs a tenth of opening it, and once its process is gone it answers ESRCH, so it never
 * shows a stranger that got the same pid.
 */
export class ProcFile {
  readonly #descriptor: number;
  #open = true;

  /** Throws as open(2) does. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  /** Read from the start into `buffer`; the number of bytes, or null once the process is gone. */
  read(buffer: Buffer): number | null {
    try {
      return readSync(this.#descriptor, buffer, 0, buffer.length, 0);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#descriptor);
  }
}

/** Open a kept /proc file; null when the process is gone, or this kernel or our rights do not give the file. */
export function openProcFile(path: string): ProcFile | null {
  try {
    return new ProcFile(path);
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return null;
    throw error;
  }
}
