/** When one log file is rotated, and how. */
import { fstat } from 'node:fs';
import { promisify } from 'node:util';
import { rotateFiles } from '../linux/rotate.ts';
import type { LogCompressor } from './log-compressor.ts';
import type { OpenedLog } from './log-open.ts';
import type { LogTurns } from './log-turns.ts';
import type { LogLimits } from './spawn-spec.ts';

const statOf = promisify(fstat);
const AGAIN_MS = 60_000;

/** What all logs of a shim share. */
export interface LogTools {
  turns: LogTurns;
  compressor: LogCompressor;
}

export class LogRotation {
  limits: LogLimits;
  readonly #path: string;
  readonly #tools: LogTools;
  /** One that failed is not tried again before this time (of performance.now). */
  #againAt = -Infinity;

  constructor(path: string, limits: LogLimits, tools: LogTools) {
    this.#path = path;
    this.limits = limits;
    this.#tools = tools;
  }

  /** How many bytes the file may still take; Infinity: as many as come. */
  room(file: OpenedLog): number {
    const { maxSizeBytes } = this.limits;
    return maxSizeBytes > 0 && this.#isPossible(file) ? maxSizeBytes - file.bytes : Infinity;
  }

  /** What is in the file was written on an earlier day. */
  isDayOver(file: OpenedLog): boolean {
    return this.limits.daily && file.bytes > 0 && Date.now() >= file.dayEnds && this.#isPossible(file);
  }

  /** True: moved aside, open a new one. Rejects when it could not be moved, and then holds back for a while. */
  async rotate(file: OpenedLog): Promise<boolean> {
    const { size } = await statOf(file.descriptor);
    if (size < file.bytes) {
      // Somebody has truncated it (logrotate's copytruncate).
      file.bytes = size;
      return false;
    }
    const { backups, compress } = this.limits;
    try {
      await this.#tools.turns.run(this.#path, () => rotateFiles(this.#path, backups));
    } catch (error) {
      this.#againAt = performance.now() + AGAIN_MS;
      throw error;
    }
    if (compress && backups > 0) this.#tools.compressor.add(this.#path, backups);
    return true;
  }

  #isPossible(file: OpenedLog): boolean {
    return !file.isDevice && performance.now() >= this.#againAt;
  }
}
