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
  readonly #statm: LazyFile;
  readonly #status: LazyFile;
  readonly #stat: LazyFile;
  readonly #schedstat: LazyFile;
  readonly #children: LazyFile;
  readonly #oomScore: LazyFile;
  readonly #oomScoreAdj: LazyFile;

  constructor(identity: ProcessIdentity) {
    this.identity = identity;
    const folder = `/proc/${identity.pid}`;
    this.#statm = new LazyFile(`${folder}/statm`);
    this.#status = new LazyFile(`${folder}/status`);
    this.#stat = new LazyFile(`${folder}/stat`);
    this.#schedstat = new LazyFile(`${folder}/schedstat`);
    this.#children = new LazyFile(`${folder}/task/${identity.pid}/children`);
    this.#oomScore = new LazyFile(`${folder}/oom_score`);
    this.#oomScoreAdj = new LazyFile(`${folder}/oom_score_adj`);
  }

  /** statm; false once the process is gone or a zombie (it then has no memory). */
  readMemory(): boolean {
    const length = this.#statm.read();
    if (length === null || !parseStatm(buffer, length, statm) || statm.residentPages === 0) return false;
    this.rssBytes = statm.residentPages * pageBytes;
    this.sharedBytes = statm.sharedPages * pageBytes;
    this.virtualBytes = statm.sizePages * pageBytes;
    return true;
  }

  /** How often the first thread gave up its processor or lost it, as of `readStatus`. */
  get switches(): number {
    return (this.status.voluntarySwitches ?? 0) + (this.status.involuntarySwitches ?? 0);
  }

  /** status, which tells the figures of statm as well; false as `readMemory`. */
  readStatus(): boolean {
    const length = this.#status.read();
    if (length === null) return false;
    parseStatus(buffer, length, this.status);
    const { rssBytes, anonBytes, virtualBytes } = this.status;
    if (rssBytes === null || rssBytes === 0) return false;
    this.rssBytes = rssBytes;
    if (anonBytes !== null) this.sharedBytes = rssBytes - anonBytes;
    this.virtualBytes = virtualBytes;
    return true;
  }

  /** False when this is not, or no longer, the process it was opened for. */
  readStat(): boolean {
    const length = this.#stat.read();
    return length !== null && parseStat(buffer, length, this.stat) && this.stat.startTime === this.identity.startTime;
  }

  /**
   * How often the first thread was given a processor so far (schedstat, third figure); null: gone, or this kernel does not count. The
   * same number at two readings says that it ran not once in between. The cheapest of all these files.
   */
  readRuns(): number | null {
    const length = this.#schedstat.read();
    if (length === null) return null;
    digits.reset(buffer, length, 0);
    digits.skip(2);
    const runs = digits.number();
    // What lives has run: zero is a kernel that does not count.
    return runs === 0 ? null : runs;
  }

  /** Pids of the children, appended to `into`. */
  readChildren(into: number[]): void {
    const length = this.#children.read();
    if (length !== null) parseChildren(buffer, length, into);
  }

  readOomScore(): number | null {
    return onlyNumber(this.#oomScore.read());
  }

  readOomScoreAdj(): number | null {
    return onlyNumber(this.#oomScoreAdj.read());
  }

  close(): void {
    for (const file of [this.#statm, this.#status, this.#stat, this.#schedstat, this.#children]) file.close();
    for (const file of [this.#oomScore, this.#oomScoreAdj]) file.close();
  }
}

/** A /proc file of this process, opened when it is first read. */
class LazyFile {
  readonly #path: string;
  /** Undefined: not opened yet; null: cannot be. */
  #file: ProcFile | null | undefined = undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Into the shared buffer; the number of bytes, or null. */
  read(): number | null {
    if (this.#file === undefined) this.#file = openProcFile(this.#path);
    return this.#file === null ? null : this.#file.read(buffer);
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
  }
}

function onlyNumber(length: number | null): number | null {
  if (length === null) return null;
  digits.reset(buffer, length, 0);
  return digits.number();
}
