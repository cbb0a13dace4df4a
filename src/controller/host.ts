/** The host's own figures for `status` and for `host.reserve`; read once a second at most. */
import { readFileSync } from 'node:fs';
import type { HostStatus } from '../api/types.ts';
import { cpuShares } from '../linux/cpu-shares.ts';
import { readMeminfo } from '../linux/meminfo.ts';
import { monotonicMs } from '../linux/clock.ts';

const PAGE_BYTES = 4096;

interface Counters {
  at: number;
  swapInPages: number | null;
  swapOutPages: number | null;
  cpu: number[] | null;
  /** Microseconds in which some task waited for memory (PSI). */
  stallMicros: number | null;
}

export class HostReader {
  readonly #root: string;
  readonly #now: () => number;
  #before: Counters | null = null;

  /** @param root `/proc`, or a copy of it */
  constructor(root = '/proc', now: () => number = monotonicMs) {
    this.#root = root;
    this.#now = now;
  }

  /** Rates are over the time since the last call; null on the first, and for what this kernel does not tell. */
  read(): HostStatus {
    const memory = readMeminfo(this.#root);
    const now = readCounters(this.#root, { at: this.#now(), hasSwap: memory.swapTotalBytes !== 0 });
    const before = this.#before;
    this.#before = now;
    const elapsed = before === null ? 0 : (now.at - before.at) / 1000;
    const rate = (from: number | null | undefined, to: number | null): number | null =>
      from === null || from === undefined || to === null || elapsed <= 0 ? null : Math.max(0, (to - from) / elapsed);
    const pages = (from: number | null | undefined, to: number | null): number | null => {
      const perSecond = rate(from, to);
      return perSecond === null ? null : Math.round(perSecond * PAGE_BYTES);
    };
    const stall = rate(before?.stallMicros, now.stallMicros);
    return {
      memoryTotalBytes: memory.totalBytes,
      memoryAvailableBytes: memory.availableBytes,
      swapTotalBytes: memory.swapTotalBytes,
      swapFreeBytes: memory.swapFreeBytes,
      swapInBytesPerSecond: pages(before?.swapInPages, now.swapInPages),
      swapOutBytesPerSecond: pages(before?.swapOutPages, now.swapOutPages),
      load1: number(readText(`${this.#root}/loadavg`), /^([\d.]+)/),
      ...busyShares(before?.cpu ?? null, now.cpu),
      stallPercent: stall === null ? null : Math.min(100, stall / 10_000),
    };
  }
}

/** A host without swap moves no pages in or out; vmstat, which adds up a hundred figures of every processor, is not asked then. */
const readCounters = (root: string, { at, hasSwap }: { at: number; hasSwap: boolean }): Counters => {
  const vmstat = hasSwap ? readText(`${root}/vmstat`) : null;
  const moved = (pattern: RegExp): number | null => (hasSwap ? number(vmstat, pattern) : 0);
  const stat = readText(`${root}/stat`);
  const cpu = stat === null ? null : /^cpu\s+([\d ]+)$/m.exec(stat);
  return {
    at,
    swapInPages: moved(/^pswpin (\d+)$/m),
    swapOutPages: moved(/^pswpout (\d+)$/m),
    cpu: cpu?.[1] === undefined ? null : cpu[1].split(' ').map(Number),
    stallMicros: number(readText(`${root}/pressure/memory`), /^some .*total=(\d+)$/m),
  };
};

const busyShares = (
  before: number[] | null,
  after: number[] | null,
): { cpuPercent: number | null; softirqPercent: number | null } => {
  const share = cpuShares(before ?? [], before === null ? [] : (after ?? []));
  const idle = share('idle', 'iowait');
  return { cpuPercent: idle === null ? null : 100 - idle, softirqPercent: share('softirq') };
};

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const number = (text: string | null, pattern: RegExp): number | null => {
  const found = text === null ? null : pattern.exec(text);
  return found?.[1] === undefined ? null : Number(found[1]);
};
