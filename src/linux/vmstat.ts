/** The counters behind a line of vmstat(8), and the line itself as rates between two readings. */
import { readFileSync } from 'node:fs';
import { cpuShares } from './cpu-shares.ts';
import { interruptsOf } from './proc-interrupts.ts';

const PAGE_BYTES = 4096;

export interface HostCounters {
  /** Milliseconds, any clock that only goes on. */
  at: number;
  /** user nice system idle iowait irq softirq steal, in ticks (proc(5)). */
  cpu: number[];
  running: number | null;
  blocked: number | null;
  switches: number | null;
  interrupts: number | null;
  rescheduling: number | null;
  swapInPages: number | null;
  swapOutPages: number | null;
  freeBytes: number | null;
  availableBytes: number | null;
  cacheBytes: number | null;
  swapUsedBytes: number | null;
}

export interface HostLine {
  running: number | null;
  blocked: number | null;
  swapUsedBytes: number | null;
  freeBytes: number | null;
  availableBytes: number | null;
  cacheBytes: number | null;
  swapInBytesPerSecond: number | null;
  swapOutBytesPerSecond: number | null;
  interruptsPerSecond: number | null;
  reschedulingPerSecond: number | null;
  switchesPerSecond: number | null;
  userPercent: number | null;
  systemPercent: number | null;
  idlePercent: number | null;
  waitPercent: number | null;
  stealPercent: number | null;
  softirqPercent: number | null;
  /** By how much `freeBytes` changed between the readings. */
  freeBytesPerSecond: number | null;
}

export interface HostTexts {
  stat: string;
  vmstat: string;
  meminfo: string;
  interrupts: string;
}

const find = (text: string, pattern: RegExp): number | null => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

const kibibytes = (text: string, name: string): number | null => {
  const value = find(text, new RegExp(`^${name}: +(\\d+) kB$`, 'm'));
  return value === null ? null : value * 1024;
};

const less = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);

export const parseHostCounters = ({ stat, vmstat, meminfo, interrupts }: HostTexts, at: number): HostCounters => ({
  at,
  cpu: (/^cpu +([\d ]+)$/m.exec(stat)?.[1] ?? '').split(' ').filter(Boolean).map(Number),
  running: find(stat, /^procs_running (\d+)$/m),
  blocked: find(stat, /^procs_blocked (\d+)$/m),
  switches: find(stat, /^ctxt (\d+)$/m),
  interrupts: find(stat, /^intr (\d+)/m),
  rescheduling: interruptsOf(interrupts, 'RES'),
  swapInPages: find(vmstat, /^pswpin (\d+)$/m),
  swapOutPages: find(vmstat, /^pswpout (\d+)$/m),
  freeBytes: kibibytes(meminfo, 'MemFree'),
  availableBytes: kibibytes(meminfo, 'MemAvailable'),
  cacheBytes: kibibytes(meminfo, 'Cached'),
  swapUsedBytes: less(kibibytes(meminfo, 'SwapTotal'), kibibytes(meminfo, 'SwapFree')),
});

/** A file that a container does not show is read as empty: its figures are null. */
export const readHostCounters = (at: number): HostCounters =>
  parseHostCounters(
    {
      stat: readText('/proc/stat'),
      vmstat: readText('/proc/vmstat'),
      meminfo: readText('/proc/meminfo'),
      interrupts: readText('/proc/interrupts'),
    },
    at,
  );

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** Rates from `before` to `after`, levels of `after`. */
export const hostLine = (before: HostCounters, after: HostCounters): HostLine => {
  const elapsed = (after.at - before.at) / 1000;
  const rate = (from: number | null, to: number | null, unit = 1): number | null =>
    from === null || to === null || elapsed <= 0 ? null : Math.round(((to - from) * unit) / elapsed);
  const percent = cpuShares(before.cpu, after.cpu);
  const share = (...names: Parameters<typeof percent>): number | null => {
    const exact = percent(...names);
    return exact === null ? null : Math.round(10 * exact) / 10;
  };
  return {
    running: after.running,
    blocked: after.blocked,
    swapUsedBytes: after.swapUsedBytes,
    freeBytes: after.freeBytes,
    availableBytes: after.availableBytes,
    cacheBytes: after.cacheBytes,
    swapInBytesPerSecond: rate(before.swapInPages, after.swapInPages, PAGE_BYTES),
    swapOutBytesPerSecond: rate(before.swapOutPages, after.swapOutPages, PAGE_BYTES),
    interruptsPerSecond: rate(before.interrupts, after.interrupts),
    reschedulingPerSecond: rate(before.rescheduling, after.rescheduling),
    switchesPerSecond: rate(before.switches, after.switches),
    userPercent: share('user', 'nice'),
    systemPercent: share('system', 'irq', 'softirq'),
    idlePercent: share('idle'),
    waitPercent: share('iowait'),
    stealPercent: share('steal'),
    softirqPercent: share('softirq'),
    freeBytesPerSecond: rate(before.freeBytes, after.freeBytes),
  };
};
