/** The newest sample of each incarnation, and the rates between two of them. Bounded: one small record an incarnation. */
import { workerNameOf } from '../core/find.ts';
import { FIRST_SLOT } from '../linux/shim-slots.ts';
import type { Growth } from '../policy/soft.ts';
import type { Past } from '../policy/trend/past.ts';
import type { Trend } from '../policy/trend/trend-watch.ts';
import type { GateFigures, Sample } from '../shim/protocol.ts';
import type { SamplesMessage } from '../shim/samples-message.ts';
import { decodeGate, decodeRow } from '../shim/samples.ts';

/** /proc counts CPU in USER_HZ ticks; 100 a second on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;
/** One reading every two seconds for a minute: the growth figure in `status`. */
const HISTORY_STEP_MS = 2_000;
const HISTORY_LENGTH = 31;
const GROWTH_MIN_MS = 4_000;
/** What a process takes to load itself is not growth. */
export const WARM_UP_MS = 3_000;

export interface Rates {
  cpuPercent: number | null;
  userPercent: number | null;
  systemPercent: number | null;
  voluntarySwitchesPerSecond: number | null;
  involuntarySwitchesPerSecond: number | null;
}

export interface Tracked {
  /** What its gate counted; null without one. */
  gate: GateFigures | null;
  incarnation: string;
  worker: string;
  sample: Sample | null;
  wall: number | null;
  rates: Rates;
  growth: Growth | null;
  /** growth-watch.ts keeps it. */
  trend: Trend;
  /** Why its Zend heap is not known; null where it is, or nobody has looked yet. */
  zendWhy: string | null;
  /** growth-watch.ts keeps it, too; null before its first reading. */
  past: Past | null;
  /** Newest last, bit 0 the newest: was the judged memory over `soft`? */
  overSoft: number;
  /** When the slow figures (status, stat) of `sample` were read. */
  slowAt: number | null;
  history: { at: number; bytes: number; acknowledged: number | null }[];
  /** The least memory of its own (anonymous and swapped) that it had once it was warm: what a fresh one takes. */
  leastBytes: number | null;
  firstAt: number | null;
}

const NO_RATES: Rates = {
  cpuPercent: null,
  userPercent: null,
  systemPercent: null,
  voluntarySwitchesPerSecond: null,
  involuntarySwitchesPerSecond: null,
};

export class SampleStore {
  /** By the slot of the shim, then by the handle: each shim counts its own. */
  readonly #slots = new Map<number, Map<number, Tracked>>();
  readonly #byIncarnation = new Map<string, { slot: number; handle: number }>();

  track(handle: number, incarnation: string, slot = FIRST_SLOT): void {
    this.#byIncarnation.set(incarnation, { slot, handle });
    this.#in(slot).set(handle, {
      incarnation,
      worker: workerNameOf(incarnation),
      gate: null,
      sample: null,
      wall: null,
      rates: NO_RATES,
      growth: null,
      trend: 'unknown',
      past: null,
      zendWhy: null,
      overSoft: 0,
      slowAt: null,
      history: [],
      leastBytes: null,
      firstAt: null,
    });
  }

  forget(incarnation: string): void {
    const place = this.#byIncarnation.get(incarnation);
    if (place === undefined) return;
    this.#byIncarnation.delete(incarnation);
    this.#in(place.slot).delete(place.handle);
  }

  /** Forget what lived in a slot; returns it. */
  clear(slot = FIRST_SLOT): string[] {
    const incarnations = [...this.#in(slot).values()].map(({ incarnation }) => incarnation);
    for (const incarnation of incarnations) this.#byIncarnation.delete(incarnation);
    this.#slots.delete(slot);
    return incarnations;
  }

  of(incarnation: string): Tracked | null {
    const place = this.#byIncarnation.get(incarnation);
    return place === undefined ? null : (this.#in(place.slot).get(place.handle) ?? null);
  }

  /** What its memory lately grew by for each acknowledged message; null where nobody knows. */
  bytesPerMessage(incarnation: string): number | null {
    return this.of(incarnation)?.growth?.bytesPerMessage ?? null;
  }

  /**
   * Memory of its own (anonymous and swapped) that a fresh process takes: the least that any of those that live now has had. What they have
   * now may be what leaked, of all of them.
   *
   * @param programOf the program of a worker, or null
   */
  needs(programOf: (worker: string) => string | null): Record<string, number> {
    const needs: Record<string, number> = {};
    const all = [...this.#slots.values()].flatMap((tracked) => [...tracked.values()]);
    for (const { worker, leastBytes } of all) {
      const program = programOf(worker);
      if (leastBytes === null || program === null) continue;
      needs[program] = Math.min(needs[program] ?? Number.POSITIVE_INFINITY, leastBytes);
    }
    return needs;
  }

  /** Take in one tick; returns what was read in it. */
  update(message: SamplesMessage, slot = FIRST_SLOT): Tracked[] {
    const byHandle = this.#in(slot);
    for (const row of message.slow) {
      const decoded = decodeRow(row, message.at);
      const tracked = decoded === null ? undefined : byHandle.get(decoded.handle);
      if (decoded !== null && tracked !== undefined) takeSlow(tracked, decoded.sample);
    }
    for (const handle of message.slowSame ?? []) standStill(byHandle.get(handle), message.at);
    for (let at = 0; at + 1 < message.fast.length; at += 2) {
      const tracked = byHandle.get(message.fast[at] ?? -1);
      if (tracked !== undefined) takeFast(tracked, message.fast[at + 1] ?? 0, message.at);
    }
    for (const row of message.gates ?? []) {
      const decoded = decodeGate(row);
      const tracked = decoded === null ? undefined : byHandle.get(decoded.handle);
      if (decoded !== null && tracked !== undefined) tracked.gate = decoded.figures;
    }
    for (const [handle, why] of message.zendWhy ?? []) {
      const tracked = byHandle.get(handle);
      if (tracked !== undefined) tracked.zendWhy = why;
    }
    const read: Tracked[] = [];
    for (const [handle, tracked] of byHandle) {
      if (tracked.sample === null || message.unread?.includes(handle) === true) continue;
      keepTime(tracked, tracked.sample, message);
      read.push(tracked);
    }
    return read;
  }

  #in(slot: number): Map<number, Tracked> {
    const known = this.#slots.get(slot) ?? new Map<number, Tracked>();
    this.#slots.set(slot, known);
    return known;
  }
}

const takeFast = (tracked: Tracked, rssBytes: number, at: number): void => {
  if (tracked.sample === null) tracked.sample = { ...NO_FIGURES, at, rssBytes };
  else tracked.sample.rssBytes = rssBytes;
};

/** It was read at this tick, whether that told anything new or not. */
const keepTime = (tracked: Tracked, sample: Sample, tick: { at: number; wall: number }): void => {
  sample.at = tick.at;
  tracked.wall = tick.wall;
  tracked.firstAt ??= tick.at;
  if (tick.at - tracked.firstAt < WARM_UP_MS) return;
  if (sample.anonBytes !== null) noteLeast(tracked, sample.anonBytes + (sample.swapBytes ?? 0));
  const last = tracked.history.at(-1);
  if (last !== undefined && tick.at - last.at < HISTORY_STEP_MS) return;
  tracked.history.push({
    at: tick.at,
    bytes: bytesWithDescendants(sample),
    acknowledged: tracked.gate?.acknowledged ?? null,
  });
  if (tracked.history.length > HISTORY_LENGTH) tracked.history.shift();
  tracked.growth = growthOf(tracked.history);
};

/** Those of the descendants are read less often than its own. */
const bytesWithDescendants = ({ rssBytes, treeBytes, swapBytes }: Sample): number =>
  Math.max(rssBytes, treeBytes ?? 0) + (swapBytes ?? 0);

export const noteLeast = (tracked: Tracked, bytes: number): void => {
  tracked.leastBytes = Math.min(tracked.leastBytes ?? Number.POSITIVE_INFINITY, bytes);
};

const takeSlow = (tracked: Tracked, sample: Sample): void => {
  const before = tracked.sample;
  if (before !== null && tracked.slowAt !== null)
    tracked.rates = ratesBetween(before, sample, (sample.at - tracked.slowAt) / 1000);
  if (before === null) tracked.sample = sample;
  else keepKnown(before, sample);
  tracked.slowAt = sample.at;
};

/** The same counters as at the reading before: nothing was spent in between. */
const standStill = (tracked: Tracked | undefined, at: number): void => {
  if (tracked?.sample == null || tracked.slowAt === null) return;
  tracked.rates = ratesBetween(tracked.sample, tracked.sample, (at - tracked.slowAt) / 1000);
  tracked.slowAt = at;
};

/** A row carries null for what this tick did not read: then what an earlier one knew stays. In place and written out, a hundred times a second. */
const keepKnown = (into: Sample, from: Sample): void => {
  into.at = from.at;
  into.rssBytes = from.rssBytes;
  into.virtualBytes = from.virtualBytes ?? into.virtualBytes;
  into.anonBytes = from.anonBytes ?? into.anonBytes;
  into.swapBytes = from.swapBytes ?? into.swapBytes;
  into.pssBytes = from.pssBytes ?? into.pssBytes;
  into.treeBytes = from.treeBytes ?? into.treeBytes;
  into.userTicks = from.userTicks ?? into.userTicks;
  into.systemTicks = from.systemTicks ?? into.systemTicks;
  into.voluntarySwitches = from.voluntarySwitches ?? into.voluntarySwitches;
  into.involuntarySwitches = from.involuntarySwitches ?? into.involuntarySwitches;
  into.threads = from.threads ?? into.threads;
  into.oomScore = from.oomScore ?? into.oomScore;
  into.oomScoreAdj = from.oomScoreAdj ?? into.oomScoreAdj;
  into.treeUserTicks = from.treeUserTicks ?? into.treeUserTicks;
  into.treeSystemTicks = from.treeSystemTicks ?? into.treeSystemTicks;
  // Its descendants are gone, or what they take is in doubt again.
  into.treeJudgedBytes = from.treeJudgedBytes;
  // Read with every row: null is that it is not known any more (and `zendWhy` says why).
  into.zendHeapBytes = from.zendHeapBytes;
  into.zendHeapRealBytes = from.zendHeapRealBytes;
};

const ratesBetween = (before: Sample, after: Sample, elapsedSeconds: number): Rates => {
  if (elapsedSeconds <= 0) return NO_RATES;
  const per = (from: number | null, to: number | null, scale: number): number | null =>
    from === null || to === null ? null : Math.max(0, ((to - from) / elapsedSeconds) * scale);
  const percent = 100 / TICKS_PER_SECOND;
  const userPercent = per(before.userTicks, after.userTicks, percent);
  const systemPercent = per(before.systemTicks, after.systemTicks, percent);
  return {
    userPercent,
    systemPercent,
    cpuPercent: userPercent === null || systemPercent === null ? null : userPercent + systemPercent,
    voluntarySwitchesPerSecond: per(before.voluntarySwitches, after.voluntarySwitches, 1),
    involuntarySwitchesPerSecond: per(before.involuntarySwitches, after.involuntarySwitches, 1),
  };
};

/** From the oldest reading kept to the newest; null before there is enough time between them to mean anything. */
const growthOf = (history: Tracked['history']): Growth | null => {
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < GROWTH_MIN_MS) return null;
  const bytesPerMinute = Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 60_000);
  const messages = first.acknowledged === null ? 0 : (last.acknowledged ?? 0) - first.acknowledged;
  const bytesPerMessage = messages <= 0 ? null : Math.round((last.bytes - first.bytes) / messages);
  return { bytesPerMinute, seconds: Math.round((last.at - first.at) / 1000), bytesPerMessage };
};

/** A reading that knows nothing yet. */
export const NO_FIGURES: Sample = {
  at: 0,
  rssBytes: 0,
  virtualBytes: null,
  anonBytes: null,
  swapBytes: null,
  pssBytes: null,
  treeBytes: null,
  userTicks: null,
  systemTicks: null,
  voluntarySwitches: null,
  involuntarySwitches: null,
  threads: null,
  oomScore: null,
  oomScoreAdj: null,
  zendHeapBytes: null,
  zendHeapRealBytes: null,
  treeUserTicks: null,
  treeSystemTicks: null,
  treeJudgedBytes: null,
};
