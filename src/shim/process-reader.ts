import { openProcFile } from '../linux/proc-file.ts';
import type { ProcFile } from '../linux/proc-file.ts';
import { parseChildren } from '../linux/proc-children.ts';
import { emptyStat, parseStat } from '../linux/proc-stat.ts';
import type { ProcStat } from '../linux/proc-stat.ts';
import { emptyStatus, parseStatus } from '../linux/proc-status.ts';
import type { ProcStatus } from '../linux/proc-status.ts';
import { parseStatm } from '../linux/proc-statm.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { AsciiReader } from '../linux/ascii.ts';
import { readPageBytes } from '../linux/auxv.ts';

const pageBytes = readPageBytes();
// Shared by all readers: a reading is parsed before the next one begins.
const buffer = Buffer.allocUnsafe(64 * 1024);
const statm = { sizePages: 0, residentPages: 0, sharedPages: 0 };
const digits = new AsciiReader(buffer, 0);

/** The figures of one process, read through files that are opened once. */
export class ProcessReader {
  readonly identity: ProcessIdentity;
  rssBytes = 0;
  /** Resident pages of files and shared memory. */
  sharedBytes = 0;
  virtualBytes: number | null = null;
  readonly status: ProcStatus = emptyStatus();
  readonly stat: ProcStat = emptyStat();
  readonly #folder: string;
  readonly #files = new Map<string, ProcFile | null>();

  constructor(identity: ProcessIdentity) {
    this.identity = identity;
    this.#folder = `/proc/${identity.pid}`;
  }

  /** statm; false once the process is gone or a zombie (it then has no memory). */
  readMemory(): boolean {
    const length = this.#read('statm');
    if (length === null || !parseStatm(buffer, length, statm)) return false;
    this.rssBytes = statm.residentPages * pageBytes;
    this.sharedBytes = statm.sharedPages * pageBytes;
    this.virtualBytes = statm.sizePages * pageBytes;
    return statm.residentPages > 0;
  }

  readStatus(): void {
    const length = this.#read('status');
    if (length !== null) parseStatus(buffer, length, this.status);
  }

  /** False when this is not, or no longer, the process it was opened for. */
  readStat(): boolean {
    const length = this.#read('stat');
    return length !== null && parseStat(buffer, length, this.stat) && this.stat.startTime === this.identity.startTime;
  }

  /** Pids of the children, appended to `into`. */
  readChildren(into: number[]): void {
    const length = this.#read(`task/${this.identity.pid}/children`);
    if (length !== null) parseChildren(buffer, length, into);
  }

  readNumber(name: 'oom_score' | 'oom_score_adj'): number | null {
    const length = this.#read(name);
    if (length === null) return null;
    digits.reset(buffer, length, 0);
    return digits.number();
  }

  close(): void {
    for (const file of this.#files.values()) file?.close();
    this.#files.clear();
  }

  #read(name: string): number | null {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = openProcFile(`${this.#folder}/${name}`);
      this.#files.set(name, file);
    }
    return file === null ? null : file.read(buffer);
  }
}
