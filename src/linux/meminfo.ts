import { readFileSync } from 'node:fs';

/** Host memory in bytes, from /proc/meminfo (proc(5)). */
export interface Meminfo {
  totalBytes: number;
  freeBytes: number | null;
  /** What can be had without swapping; kernels before 3.14 do not say. */
  availableBytes: number | null;
  swapTotalBytes: number | null;
  swapFreeBytes: number | null;
}

/** Parse a /proc/meminfo text; throws a sentence when it lacks MemTotal. */
export function parseMeminfo(text: string): Meminfo {
  const value = (name: string): number | null => {
    const digits = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    return digits === undefined ? null : Number(digits) * 1024;
  };
  const totalBytes = value('MemTotal');
  if (totalBytes === null)
    throw new Error('/proc/meminfo has no MemTotal line: expected a Linux host with /proc mounted.');
  return {
    totalBytes,
    freeBytes: value('MemFree'),
    availableBytes: value('MemAvailable'),
    swapTotalBytes: value('SwapTotal'),
    swapFreeBytes: value('SwapFree'),
  };
}

/** @param root `/proc`, or a copy of it */
export function readMeminfo(root = '/proc'): Meminfo {
  return parseMeminfo(readFileSync(`${root}/meminfo`, 'utf8'));
}
