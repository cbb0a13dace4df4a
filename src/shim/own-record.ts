/** The record that one process writes about itself (record.ts), from before it is there until it is removed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../linux/clock.ts';
import { readRecord, recordName } from './record.ts';
import type { SpawnRecord } from './record.ts';
import { shimLog } from './shim-log.ts';

/** How often to look for what the exec chain writes within milliseconds, and when to give it up. */
const FIRST_LOOK_MS = 3;
const FACTOR = 1.5;
export const RECORD_DEADLINE_MS = 30_000;

export class OwnRecord {
  readonly path: string;
  readonly #incarnation: string;

  constructor(folder: string, incarnation: string) {
    this.path = join(folder, recordName(incarnation));
    this.#incarnation = incarnation;
  }

  /** Null: not there yet. */
  read(): SpawnRecord | null {
    try {
      return readRecord(this.path);
    } catch (error) {
      shimLog(`The record of ${this.#incarnation} could not be read: ${String(error)}`);
      return null;
    }
  }

  /** Ask `isDone` again and again; false: not within the deadline. */
  async comes(isDone: () => boolean): Promise<boolean> {
    const began = monotonicMs();
    for (let wait = FIRST_LOOK_MS; ; wait *= FACTOR) {
      await sleep(wait);
      if (isDone()) return true;
      if (monotonicMs() - began >= RECORD_DEADLINE_MS) return false;
    }
  }

  remove(): void {
    try {
      rmSync(this.path, { force: true });
    } catch (error) {
      shimLog(`The record of ${this.#incarnation} could not be removed: ${String(error)}`);
    }
  }
}
