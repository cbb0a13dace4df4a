/** What the sampler knows of one incarnation: the worker itself, its descendants, and how near it is to its ceilings. */
import { SLEEPING } from '../linux/proc-stat.ts';
import { readStat } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import type { ZendHeap } from '../linux/zend-heap.ts';
import { ZendReader } from '../linux/zend-reader.ts';
import { fastestGrowth, nextInterval, pastHalf } from './ceilings.ts';
import type { Ceiling } from './ceilings.ts';
import { FloorRing } from './floor-ring.ts';
import { GrowthRing } from './growth-ring.ts';
import { ProcessReader } from './process-reader.ts';
import type { Sample } from './protocol.ts';
import type { Ceilings } from './spawn-spec.ts';
import type { Proportional } from './pss.ts';

const MAX_DESCENDANTS = 4096;
/** How long the PSS of a tree is carried forward by its growth. */
const TREE_PSS_MS = 5_000;
/** Every so many full readings everything is read, also of a worker that sleeps. */
const ALL_EVERY = 10;
/** Children that come or go between two full looks are caught by the next one. */
const pids: number[] = [];

/** What is judged: metric plus swap, of the worker and its descendants. */
export interface Judged {
  bytes: number;
  rssBytes: number;
  swapBytes: number | null;
  /** Whether `bytes` may count shared pages twice and so needs a confirmation by PSS. */
  isUpperBound: boolean;
}

export class TrackedWorker {
  readonly handle: number;
  readonly main: ProcessReader;
  readonly descendants = new Map<number, ProcessReader>();
  readonly ring = new GrowthRing();
  readonly past = new FloorRing();
  ceilings: Ceilings;
  /** Ceilings acted upon since they were set. */
  readonly acted = new Set<Ceiling>();
  pssBytes: number | null = null;
  oomScore: number | null = null;
  oomScoreAdj: number | null = null;
  zendHeap: ZendHeap | null = null;
  lastReadAt: number | null = null;
  /** When to look again before the next tick; null: the tick is soon enough. */
  urgentAt: number | null = null;
  confirming = false;
  /** A reading failed in a way that should not happen; it has been said. */
  troubled = false;
  /** Below this upper bound, and before this time, PSS cannot have crossed: set by a confirmation that failed. */
  doubtUntil: { bytes: number; at: number } | null = null;
  readonly #zend: ZendReader;
  #judged: Judged | null = null;
  #bytesPerMs = 0;
  #fullReadings = 0;
  /** All of it is known, as of this sleep. */
  #knownAtSleep: number | null = null;
  /** The last reading of the whole tree's PSS, and the upper bound at that moment. */
  #treePss: { at: number; bytes: number; bound: number } | null = null;
  /** Resident bytes at the last PSS reading, so that it can be carried forward by growth. */
  #rssAtPss: number | null = null;

  constructor(handle: number, identity: ProcessIdentity, ceilings: Ceilings) {
    this.handle = handle;
    this.main = new ProcessReader(identity);
    this.#zend = new ZendReader(identity.pid);
    this.ceilings = ceilings;
  }

  /** Why its Zend heap is not known; null where it is, or nobody has looked yet. */
  get zendWhy(): string | null {
    return this.zendHeap === null ? this.#zend.why : null;
  }

  get judged(): Judged | null {
    return this.#judged;
  }

  /** The worker and every known descendant. */
  identities(): ProcessIdentity[] {
    return [this.main.identity, ...[...this.descendants.values()].map((reader) => reader.identity)];
  }

  /** Memory of the tree: statm, or status when `full` or past half the way to a ceiling. False once the worker is gone. */
  readMemory(full: boolean): boolean {
    if (full || this.#isNear()) return this.#readStatus();
    if (!this.main.readMemory()) return false;
    for (const [pid, reader] of this.descendants) if (!reader.readMemory()) this.#forget(pid);
    return this.#isNear() ? this.#readStatus() : true;
  }

  /**
   * After `readMemory(true)`: children, and for the controller CPU time and the out-of-memory figures. Nothing of that is asked while
   * the worker cannot have changed it.
   */
  readRest(forController: boolean): void {
    const isDue = this.#fullReadings++ % ALL_EVERY === 0;
    const sleep = this.#sleep();
    if (!isDue && sleep !== null && sleep === this.#knownAtSleep) return;
    this.#findDescendants();
    this.#knownAtSleep = null;
    if (!forController) return;
    this.#knownAtSleep = sleep;
    this.main.readStat();
    for (const reader of this.descendants.values()) reader.readStat();
    this.zendHeap = this.#zend.read();
    this.oomScore = this.main.readOomScore();
    // Ours to set, and seldom changed by others: no need to ask every second.
    if (isDue) this.oomScoreAdj = this.main.readOomScoreAdj();
  }

  /** Judge what was read, and say when to look again. */
  note(now: number, intervalMs: number): void {
    const judged = this.judge();
    const before = this.#judged;
    if (before !== null && this.lastReadAt !== null) {
      this.#bytesPerMs = fastestGrowth(this.#bytesPerMs, judged.bytes - before.bytes, now - this.lastReadAt);
    }
    this.#judged = judged;
    this.lastReadAt = now;
    this.ring.add(now, judged.bytes);
    const wait = nextInterval(judged.bytes, this.ceilings, this.#bytesPerMs, intervalMs);
    this.urgentAt = wait < intervalMs ? now + wait : null;
  }

  /** Read the worker alone once more and judge it, at once: no single glitch may end a worker. Null: it is gone. */
  readAgain(): Judged | null {
    return this.#readStatus() ? this.judge() : null;
  }

  /** Figures as last read, put together for the ceilings. */
  judge(): Judged {
    let swapBytes = this.main.status.swapBytes;
    let rssBytes = this.main.rssBytes;
    let anonBytes = this.main.status.anonBytes;
    for (const reader of this.descendants.values()) {
      rssBytes += reader.rssBytes;
      swapBytes = (swapBytes ?? 0) + (reader.status.swapBytes ?? 0);
      anonBytes = anonBytes === null ? null : anonBytes + (reader.status.anonBytes ?? reader.rssBytes);
    }
    const figure = this.#figure(rssBytes, anonBytes);
    const isUpperBound = this.descendants.size > 0 || this.ceilings.metric === 'pss';
    return {
      bytes: figure + (swapBytes ?? 0),
      rssBytes: this.main.rssBytes,
      swapBytes: this.main.status.swapBytes,
      isUpperBound,
    };
  }

  /** Without PSS: private pages of every process, and the shared pages of the one that has most of them. */
  judgeWithoutPss(): Judged {
    const judged = this.judge();
    let privateBytes = 0;
    let sharedBytes = 0;
    for (const reader of [this.main, ...this.descendants.values()]) {
      privateBytes += reader.rssBytes - reader.sharedBytes;
      sharedBytes = Math.max(sharedBytes, reader.sharedBytes);
    }
    const figure = this.ceilings.metric === 'anon' ? privateBytes : privateBytes + sharedBytes;
    return { ...judged, bytes: figure + (judged.swapBytes ?? 0), isUpperBound: false };
  }

  /** Null, or nothing (a zombie): the figure before it stays. */
  notePss(figure: Proportional | null): void {
    if (figure === null || figure.pssBytes === 0) return;
    this.pssBytes = figure.pssBytes;
    this.#rssAtPss = this.main.rssBytes;
  }

  sample(): Sample {
    const { main } = this;
    const tree = [...this.descendants.values()].reduce((sum, reader) => sum + reader.rssBytes, main.rssBytes);
    const hasStat = main.stat.startTime !== 0;
    const cpu = this.#treeTicks();
    return {
      at: this.lastReadAt ?? 0,
      rssBytes: main.rssBytes,
      virtualBytes: main.virtualBytes,
      anonBytes: main.status.anonBytes,
      swapBytes: main.status.swapBytes,
      pssBytes: this.pssBytes,
      treeBytes: tree,
      userTicks: hasStat ? main.stat.userTicks : null,
      systemTicks: hasStat ? main.stat.systemTicks : null,
      voluntarySwitches: main.status.voluntarySwitches,
      involuntarySwitches: main.status.involuntarySwitches,
      threads: main.status.threads,
      oomScore: this.oomScore,
      oomScoreAdj: this.oomScoreAdj,
      zendHeapBytes: this.zendHeap?.usedBytes ?? null,
      zendHeapRealBytes: this.zendHeap?.realBytes ?? null,
      treeUserTicks: hasStat ? cpu.user : null,
      treeSystemTicks: hasStat ? cpu.system : null,
      treeJudgedBytes: this.#treeJudged(),
    };
  }

  /** Over its soft ceiling by an upper bound that may count shared pages twice, and PSS was not asked lately. */
  isDoubtful(now: number): boolean {
    const { softBytes } = this.ceilings;
    const bound = this.#judged?.bytes ?? 0;
    if (softBytes === null || this.descendants.size === 0 || bound <= softBytes) return false;
    return this.#treePss === null || now - this.#treePss.at >= TREE_PSS_MS;
  }

  /** PSS of the whole tree; null: it cannot be read, and then private pages have to do. */
  noteTreePss(figure: Proportional | null, at: number): void {
    const bound = this.judge().bytes;
    if (figure === null) {
      this.#treePss = { at, bytes: this.judgeWithoutPss().bytes, bound };
      return;
    }
    const memory = this.ceilings.metric === 'anon' ? (figure.pssAnonBytes ?? figure.pssBytes) : figure.pssBytes;
    this.#treePss = { at, bytes: memory + (figure.swapPssBytes ?? 0), bound };
  }

  close(): void {
    this.main.close();
    this.#zend.close();
    for (const reader of this.descendants.values()) reader.close();
    this.descendants.clear();
  }

  #treeTicks(): { user: number; system: number } {
    const ticks = { user: 0, system: 0 };
    for (const { stat } of [this.main, ...this.descendants.values()]) {
      ticks.user += stat.userTicks + stat.childUserTicks;
      ticks.system += stat.systemTicks + stat.childSystemTicks;
    }
    return ticks;
  }

  /** The upper bound where it is under the soft ceiling, else what PSS said, carried forward by growth. */
  #treeJudged(): number | null {
    const { softBytes } = this.ceilings;
    if (this.descendants.size === 0 || this.#judged === null) return null;
    const { bytes } = this.#judged;
    if (softBytes === null || bytes <= softBytes) return bytes;
    const known = this.#treePss;
    return known === null ? null : Math.min(bytes, known.bytes + Math.max(0, bytes - known.bound));
  }

  #figure(rssBytes: number, anonBytes: number | null): number {
    if (this.ceilings.metric === 'anon') return anonBytes ?? rssBytes;
    if (this.ceilings.metric === 'rss' || this.descendants.size > 0) return rssBytes;
    if (this.pssBytes === null || this.#rssAtPss === null) return rssBytes;
    // PSS cannot have grown by more than RSS did, as long as nobody else lets go of a shared page.
    return Math.min(rssBytes, this.pssBytes + Math.max(0, rssBytes - this.#rssAtPss));
  }

  /** By RSS, which is never below what is judged: what it says is far is far. */
  #isNear(): boolean {
    const swap = this.main.status.swapBytes ?? 0;
    return pastHalf(this.main.rssBytes + swap, this.ceilings) || pastHalf(this.#judged?.bytes ?? 0, this.ceilings);
  }

  #readStatus(): boolean {
    if (!this.main.readStatus()) return false;
    for (const [pid, reader] of this.descendants) if (!reader.readStatus()) this.#forget(pid);
    return true;
  }

  /**
   * How often the worker was switched to so far, if it sleeps now, alone in its process; else null. The same number at two readings
   * says that it ran not once in between: it used no CPU and forked nothing (proc(5): these counters are those of the first thread).
   */
  #sleep(): number | null {
    const { state, threads, voluntarySwitches, involuntarySwitches } = this.main.status;
    if (state !== SLEEPING || threads !== 1 || this.descendants.size > 0) return null;
    return voluntarySwitches === null || involuntarySwitches === null ? null : voluntarySwitches + involuntarySwitches;
  }

  #findDescendants(): void {
    pids.length = 0;
    this.main.readChildren(pids);
    if (pids.length === 0 && this.descendants.size === 0) return;
    const found = new Set<number>();
    for (let index = 0; index < pids.length && found.size < MAX_DESCENDANTS; index += 1) {
      const pid = pids[index];
      if (pid === undefined || found.has(pid)) continue;
      const reader = this.descendants.get(pid) ?? this.#adopt(pid);
      if (reader === null) continue;
      found.add(pid);
      reader.readChildren(pids);
    }
    // A descendant whose parent ended is no longer in the tree of children, but it is still ours as long as it lives.
    for (const [pid, reader] of this.descendants) if (!found.has(pid) && !reader.readStat()) this.#forget(pid);
  }

  #adopt(pid: number): ProcessReader | null {
    const stat = readStat(pid);
    if (stat === null || stat.startTime < this.main.identity.startTime) return null;
    const reader = new ProcessReader({ pid, startTime: stat.startTime });
    // The files are opened now; if the pid changed hands in between, stat tells.
    if (!reader.readMemory() || !reader.readStat()) {
      reader.close();
      return null;
    }
    reader.readStatus();
    this.descendants.set(pid, reader);
    return reader;
  }

  #forget(pid: number): void {
    this.descendants.get(pid)?.close();
    this.descendants.delete(pid);
  }
}
