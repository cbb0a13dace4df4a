/** What the sampler knows of one incarnation: the worker itself, its descendants, and how near it is to its ceilings. */
import type { ProcessIdentity } from '../linux/process-identity.ts';
import type { ZendHeap } from '../linux/zend-heap.ts';
import { ZendReader } from '../linux/zend-reader.ts';
import { fastestGrowth, isFar, nextInterval, pastHalf } from './ceilings.ts';
import type { Ceiling } from './ceilings.ts';
import { Family } from './family.ts';
import { FloorRing } from './floor-ring.ts';
import { GrowthRing } from './growth-ring.ts';
import type { ProcessReader } from './process-reader.ts';
import type { Sample } from './protocol.ts';
import type { Ceilings } from './spawn-spec.ts';
import type { Proportional } from './pss.ts';
import { ownBytes } from './samples.ts';

/** How long the PSS of a tree is carried forward by its growth. */
const TREE_PSS_MS = 5_000;
/** Every so many full readings everything is read, also of a worker that sleeps. */
const ALL_EVERY = 10;
/** Every so many full readings oom_score is read: it is shown, nothing is judged by it. */
const OOM_SCORE_EVERY = 4;

/** A worker that sleeps maps what it mapped; its share of what others map as well changes when they come and go. */
const PSS_ASLEEP_MS = 300_000;

/** What came of a reading. `unmoved`: nothing that is judged or told can have changed since the reading before. */
export type Reading = 'gone' | 'unmoved' | 'read';

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
  readonly #family: Family;
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
  /** When `judge` was last asked; `lastReadAt` goes on while it does not move. */
  #notedAt = 0;
  /** Far from every ceiling, and nothing is to be looked at before the next tick: as long as its memory is the same, so is that. */
  #isCalm = false;
  #fullReadings = 0;
  /** How often it had run (ProcessReader.readRuns) when all of it was read while it slept; null: it may have changed since. */
  #knownAtRun: number | null = null;
  /** Between the last two times that all was read. */
  #stoodStill = false;
  /** The last reading of the whole tree's PSS, and the upper bound at that moment. */
  #treePss: { at: number; bytes: number; bound: number } | null = null;
  /** When PSS was read last, and how often it had run then, as `#knownAtRun`. */
  #pssAt = 0;
  #runAtPss: number | null = null;
  /** Resident bytes at the last PSS reading, so that it can be carried forward by growth. */
  #rssAtPss: number | null = null;

  constructor(handle: number, identity: ProcessIdentity, ceilings: Ceilings) {
    this.handle = handle;
    this.#family = new Family(identity);
    this.#zend = new ZendReader(identity.pid);
    this.ceilings = ceilings;
  }

  /** Why its Zend heap is not known; null where it is, or nobody has looked yet. */
  get zendWhy(): string | null {
    return this.zendHeap === null ? this.#zend.why : null;
  }

  get main(): ProcessReader {
    return this.#family.main;
  }

  /** By pid. */
  get descendants(): ReadonlyMap<number, ProcessReader> {
    return this.#family.descendants;
  }

  /** The worker and every known descendant. */
  identities(): ProcessIdentity[] {
    return this.#family.identities();
  }

  get judged(): Judged | null {
    return this.#judged;
  }

  /** Memory of the tree alone: statm, or status past half the way to a ceiling. `gone` once the worker is. */
  glance(): Reading {
    if (!this.#isCalm && this.#isNear()) return this.readMemory() ? 'read' : 'gone';
    const { main } = this.#family;
    const { rssBytes, sharedBytes } = main;
    if (!this.#family.readMemory()) return 'gone';
    const isSame = main.rssBytes === rssBytes && main.sharedBytes === sharedBytes;
    if (isSame && this.#isCalm) return 'unmoved';
    // Of a worker that sleeps the kernel may have taken pages, into swap, of which statm tells nothing.
    if (!isSame) this.#knownAtRun = null;
    return !this.#isNear() || this.readMemory() ? 'read' : 'gone';
  }

  /** Memory of the tree by status, which tells of swap as well. False once the worker is gone. */
  readMemory(): boolean {
    return this.#family.readStatus();
  }

  /**
   * Memory and children, and for the controller CPU time, Zend heap and the out-of-memory figures; of a worker that has not run since
   * all of that was read, only that.
   */
  readAll(forController: boolean): Reading {
    const nth = this.#fullReadings++;
    const isDue = nth % ALL_EVERY === 0;
    // Not asked of one that works all the time. Before the rest is read: what it does meanwhile, the next reading sees.
    const runs = this.#stoodStill ? this.main.readRuns() : null;
    if (!isDue && runs !== null && runs === this.#knownAtRun) return 'unmoved';
    this.#knownAtRun = null;
    const switches = this.main.switches;
    if (!this.readMemory()) return 'gone';
    this.#stoodStill = this.main.switches === switches;
    this.#family.findDescendants();
    if (!forController) return 'read';
    if (this.#family.sleepsAlone) this.#knownAtRun = runs;
    this.#family.readStat();
    this.zendHeap = this.#zend.read();
    if (isDue || nth % OOM_SCORE_EVERY === 0) this.oomScore = this.main.readOomScore();
    // Ours to set, and seldom changed by others: no need to ask every second.
    if (isDue) this.oomScoreAdj = this.main.readOomScoreAdj();
    return 'read';
  }

  /** It was read and has not moved: what was judged and told of it holds. */
  holdsAt(now: number): void {
    this.lastReadAt = now;
  }

  /** What it is judged by has changed, if not itself. */
  lookAnew(): void {
    this.#isCalm = false;
    this.#knownAtRun = null;
  }

  setCeilings(ceilings: Ceilings): void {
    this.ceilings = ceilings;
    this.acted.clear();
    this.doubtUntil = null;
    this.lookAnew();
  }

  /** Judge what was read, and say when to look again. */
  note(now: number, intervalMs: number): void {
    const judged = this.judge();
    const before = this.#judged;
    if (before !== null && this.lastReadAt !== null) {
      this.#noteStandstill(before, this.lastReadAt);
      this.#bytesPerMs = fastestGrowth(this.#bytesPerMs, judged.bytes - before.bytes, now - this.lastReadAt);
    }
    this.#judged = judged;
    this.lastReadAt = now;
    this.#notedAt = now;
    this.ring.add(now, judged.bytes);
    const wait = nextInterval(judged.bytes, this.ceilings, this.#bytesPerMs, intervalMs);
    this.urgentAt = wait < intervalMs ? now + wait : null;
    this.#isCalm = this.descendants.size === 0 && this.urgentAt === null && isFar(judged.bytes, this.ceilings);
  }

  /** Until `until` it stood still: growth since then began there. */
  #noteStandstill({ bytes }: Judged, until: number): void {
    if (until <= this.#notedAt) return;
    this.#bytesPerMs = fastestGrowth(this.#bytesPerMs, 0, until - this.#notedAt);
    this.ring.add(until, bytes);
  }

  /** Read the worker alone once more and judge it, at once: no single glitch may end a worker. Null: it is gone. */
  readAgain(): Judged | null {
    return this.readMemory() ? this.judge() : null;
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

  /** Whether it is worth a walk over all its pages. A ceiling on PSS is judged by what was read last: then it always is. */
  isPssDue(now: number): boolean {
    const hasMoved = this.#knownAtRun === null || this.#knownAtRun !== this.#runAtPss;
    return hasMoved || this.ceilings.metric === 'pss' || now - this.#pssAt >= PSS_ASLEEP_MS;
  }

  /** Null, or nothing (a zombie): the figure before it stays. */
  notePss(figure: Proportional | null, at: number): void {
    this.#pssAt = at;
    this.#runAtPss = this.#knownAtRun;
    if (figure === null || figure.pssBytes === 0) return;
    if (figure.pssBytes !== this.pssBytes) this.lookAnew();
    this.pssBytes = figure.pssBytes;
    this.#rssAtPss = this.main.rssBytes;
  }

  /** What growth is judged by; null: not known. */
  get ownBytes(): number | null {
    const { anonBytes, swapBytes } = this.main.status;
    return ownBytes({ anonBytes, swapBytes, treeBytes: this.#family.rssBytes, rssBytes: this.main.rssBytes });
  }

  sample(): Sample {
    const { main } = this;
    const hasStat = main.stat.startTime !== 0;
    const cpu = this.#family.ticks;
    return {
      at: this.lastReadAt ?? 0,
      rssBytes: main.rssBytes,
      virtualBytes: main.virtualBytes,
      anonBytes: main.status.anonBytes,
      swapBytes: main.status.swapBytes,
      pssBytes: this.pssBytes,
      treeBytes: this.#family.rssBytes,
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
    this.#family.close();
    this.#zend.close();
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
}
