/** The window: a reading every so often, of what is cheap to read (microseconds; nothing of it stops the process). */
import { countDescriptors } from '../linux/proc-fd.ts';
import { readWait } from '../linux/proc-wait.ts';
import { readStat } from '../linux/process-identity.ts';
import type { ZendReader } from '../linux/zend-reader.ts';
import type { Helpers } from './helpers.ts';
import { textOf } from './target.ts';
import type { CpuFacts, Tick } from './types.ts';

const TICKS_PER_SECOND = 100;
const READINGS = 100;
const LEAST_INTERVAL_MS = 100;
const MOST_INTERVAL_MS = 5_000;
/** The kernel counts processor time in hundredths of a second: shorter spans show nothing but that. */
const SHARE_SPAN_MS = 1_000;

export const intervalOf = (seconds: number): number =>
  Math.min(MOST_INTERVAL_MS, Math.max(LEAST_INTERVAL_MS, Math.round((seconds * 1000) / READINGS)));

interface Counters {
  at: number;
  userTicks: number;
  systemTicks: number;
  minorFaults: number | null;
  majorFaults: number | null;
  voluntary: number | null;
  involuntary: number | null;
  threads: number;
}

export interface WindowParts {
  pid: number;
  startTime: number;
  zend: ZendReader;
  helpers: Helpers;
  /** Acknowledged messages as the controller last told; null without one. */
  acknowledged: () => number | null;
  /** Zend figures of the controller, for when its memory is not ours to read. */
  told: () => { usedBytes: number; realBytes: number } | null;
}

/** The readings so far; `read` once an interval. */
export class Watch {
  readonly ticks: Tick[] = [];
  readonly waits: string[] = [];
  readMs = 0;
  readonly #parts: WindowParts;
  readonly #began = performance.now();
  #first: Counters | null = null;
  #last: Counters | null = null;
  /** Of the last second or so, oldest first. */
  readonly #recent: Counters[] = [];

  constructor(parts: WindowParts) {
    this.#parts = parts;
  }

  get seconds(): number {
    return this.#last === null || this.#first === null ? 0 : (this.#last.at - this.#first.at) / 1000;
  }

  /** False once the process is gone. */
  read(): boolean {
    const began = performance.now();
    const alive = this.#readOnce(began);
    this.readMs += performance.now() - began;
    return alive;
  }

  /** Faults since the window began, for a sampling rate. */
  get minorFaultsPerSecond(): number | null {
    return this.cpu.minorFaultsPerSecond;
  }

  /** Over the whole window. */
  get cpu(): CpuFacts {
    const [first, last] = [this.#first, this.#last];
    const elapsed = first === null || last === null ? 0 : (last.at - first.at) / 1000;
    const rate = (from: number | null | undefined, to: number | null | undefined): number | null =>
      from == null || to == null || elapsed <= 0 ? null : Math.round(((to - from) / elapsed) * 10) / 10;
    return {
      userPercent: rate(first?.userTicks, last?.userTicks),
      systemPercent: rate(first?.systemTicks, last?.systemTicks),
      voluntarySwitchesPerSecond: rate(first?.voluntary, last?.voluntary),
      involuntarySwitchesPerSecond: rate(first?.involuntary, last?.involuntary),
      minorFaultsPerSecond: rate(first?.minorFaults, last?.minorFaults),
      majorFaultsPerSecond: rate(first?.majorFaults, last?.majorFaults),
      threads: last?.threads ?? null,
    };
  }

  #readOnce(at: number): boolean {
    const { pid, startTime, zend, helpers, acknowledged, told } = this.#parts;
    const stat = readStat(pid);
    const status = textOf(pid, 'status');
    if (stat === null || status === null || stat.startTime !== startTime) return false;
    const bytes = (field: string): number | null => scaled(fieldOf(status, field), 1024);
    // A zombie has no memory: it is as good as gone.
    if (bytes('VmSize') === null) return false;
    const faults = faultsOf(textOf(pid, 'stat') ?? '');
    const now: Counters = {
      at,
      userTicks: stat.userTicks,
      systemTicks: stat.systemTicks,
      ...faults,
      voluntary: fieldOf(status, 'voluntary_ctxt_switches'),
      involuntary: fieldOf(status, 'nonvoluntary_ctxt_switches'),
      threads: stat.threads,
    };
    const heap = zend.read() ?? told();
    this.ticks.push({
      seconds: Math.round((at - this.#began) / 10) / 100,
      rssBytes: bytes('VmRSS'),
      anonBytes: bytes('RssAnon'),
      swapBytes: bytes('VmSwap'),
      sharedBytes: bytes('RssShmem'),
      zendUsedBytes: heap?.usedBytes ?? null,
      zendRealBytes: heap?.realBytes ?? null,
      helperBytes: helpers.read(),
      descriptors: countDescriptors(pid),
      ...sharesBetween(this.#since(at), now),
      acknowledged: acknowledged(),
    });
    this.waits.push(readWait(pid) ?? 'ended');
    this.#first ??= now;
    this.#last = now;
    this.#recent.push(now);
    return true;
  }

  /** The newest counters that are old enough to compare with, or the oldest. */
  #since(at: number): Counters | null {
    while (this.#recent.length > 1 && at - (this.#recent[1]?.at ?? at) >= SHARE_SPAN_MS) this.#recent.shift();
    return this.#recent[0] ?? null;
  }
}

const sharesBetween = (before: Counters | null, now: Counters): Pick<Tick, 'userPercent' | 'systemPercent'> => {
  if (before === null || now.at <= before.at) return { userPercent: null, systemPercent: null };
  const percent = (ticks: number): number =>
    Math.round((ticks / TICKS_PER_SECOND / ((now.at - before.at) / 1000)) * 100);
  return {
    userPercent: percent(now.userTicks - before.userTicks),
    systemPercent: percent(now.systemTicks - before.systemTicks),
  };
};

const fieldOf = (status: string, field: string): number | null => {
  const found = new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1];
  return found === undefined ? null : Number(found);
};

const scaled = (value: number | null, unit: number): number | null => (value === null ? null : value * unit);

/** minflt and majflt, fields 10 and 12 of /proc/PID/stat, counted from behind the name. */
const faultsOf = (stat: string): { minorFaults: number | null; majorFaults: number | null } => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const at = (index: number): number | null => (fields[index] === undefined ? null : Number(fields[index]));
  return { minorFaults: at(7), majorFaults: at(9) };
};
