/** Judging memory against ceilings, pure. */
import type { Ceilings } from './spawn-spec.ts';

export type Ceiling = 'hard' | 'kill';

/** The highest ceiling that `bytes` (metric plus swap) has reached. */
export function reached(bytes: number, ceilings: Ceilings): Ceiling | null {
  if (ceilings.killBytes !== null && bytes >= ceilings.killBytes) return 'kill';
  if (ceilings.hardBytes !== null && bytes >= ceilings.hardBytes) return 'hard';
  return null;
}

/** The next ceiling above `bytes`; null when there is none left. */
export function nextCeiling(bytes: number, ceilings: Ceilings): number | null {
  if (ceilings.hardBytes !== null && bytes < ceilings.hardBytes) return ceilings.hardBytes;
  if (ceilings.killBytes !== null && bytes < ceilings.killBytes) return ceilings.killBytes;
  return null;
}

/** Past half of the way to the next ceiling: such a worker is read in full at every tick. */
export function pastHalf(bytes: number, ceilings: Ceilings): boolean {
  const ceiling = nextCeiling(bytes, ceilings);
  return ceiling !== null && bytes > ceiling / 2;
}

/** At most half of the way to the lowest ceiling. */
export function isFar(bytes: number, { hardBytes, killBytes }: Ceilings): boolean {
  return bytes <= (hardBytes ?? killBytes ?? Infinity) / 2;
}

export const SHORTEST_INTERVAL_MS = 50;

/**
 * How soon to look again: half the time that the fastest growth seen would need to the next ceiling, between 50 ms and the ordinary
 * interval. Per worker, so that one worker near its ceiling does not make us read ninety-nine others.
 */
export function nextInterval(bytes: number, ceilings: Ceilings, bytesPerMs: number, intervalMs: number): number {
  const ceiling = nextCeiling(bytes, ceilings);
  if (ceiling === null || bytesPerMs <= 0) return intervalMs;
  return Math.min(intervalMs, Math.max(SHORTEST_INTERVAL_MS, (ceiling - bytes) / bytesPerMs / 2));
}

/** The fastest growth is forgotten by half in this time: a burst at the start must not cost readings for ever. */
const HALF_LIFE_MS = 30_000;

/** Fastest growth seen (bytes per ms), after one more step of `grownBytes` in `elapsedMs`. */
export function fastestGrowth(before: number, grownBytes: number, elapsedMs: number): number {
  if (elapsedMs <= 0) return before;
  return Math.max(before * 0.5 ** (elapsedMs / HALF_LIFE_MS), grownBytes / elapsedMs);
}
