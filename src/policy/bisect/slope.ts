/**
 * How much a process grows for each message that it acknowledges, and how sure that is: Theil and Sen's slope through the floors of
 * equal shares of its messages, with Sen's interval (1968), which assumes nothing about how the noise is distributed.
 */
import { theilSen } from '../trend/statistics.ts';
import type { Point } from '../trend/statistics.ts';

/** One look at one process. */
export interface Reading {
  /** Acknowledged since it was started. */
  messages: number;
  bytes: number;
}

export interface Slope {
  bytesPerMessage: number;
  /** The ends of the interval. */
  low: number;
  high: number;
  /** Acknowledged within what was judged. */
  messages: number;
}

const BUCKETS = 16;
const FEWEST_BUCKETS = 10;
/** The first messages load code and fill caches, in whatever process. */
const WARM_UP_SHARE = 0.25;
/** 99.9 % on both sides: it is looked at again and again, and each look is a chance to be wrong. */
const Z = 3.29;

/** Null: too little was read to say anything. */
export const slopeOf = (readings: readonly Reading[]): Slope | null => {
  const last = readings.at(-1)?.messages ?? 0;
  const first = last * WARM_UP_SHARE;
  const floors = floorsOf(
    readings.filter(({ messages }) => messages > first),
    { first, last },
  );
  const slope = theilSen(floors);
  if (floors.length < FEWEST_BUCKETS || slope === null) return null;
  return { bytesPerMessage: slope, ...intervalOf(floors), messages: Math.round(last - first) };
};

const floorsOf = (readings: readonly Reading[], { first, last }: { first: number; last: number }): Point[] => {
  const floors: (Point | undefined)[] = [];
  for (const { messages, bytes } of readings) {
    const at = Math.min(BUCKETS - 1, Math.floor(((messages - first) / (last - first)) * BUCKETS));
    const known = floors[at];
    if (known === undefined || bytes < known.y) floors[at] = { x: messages, y: bytes };
  }
  return floors.filter((point) => point !== undefined);
};

/** The pairs' slopes at the ranks that Kendall's score leaves open. */
const intervalOf = (points: readonly Point[]): { low: number; high: number } => {
  const slopes = points
    .flatMap((a, index) => points.slice(index + 1).map((b) => (b.y - a.y) / (b.x - a.x)))
    .toSorted((a, b) => a - b);
  const n = points.length;
  const open = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const rank = Math.max(0, Math.floor((slopes.length - open) / 2));
  return { low: slopes[rank] ?? 0, high: slopes[slopes.length - 1 - rank] ?? 0 };
};

/** The most that are kept of a process; of two neighbours the smaller stays then, which is what a floor is made of. */
const MOST_READINGS = 2_000;

export const withReading = (readings: readonly Reading[], reading: Reading): Reading[] => {
  const all = readings.at(-1)?.messages === reading.messages ? lower(readings, reading) : [...readings, reading];
  if (all.length <= MOST_READINGS) return all;
  return all.filter(({ bytes }, at) => {
    const neighbour = all[at % 2 === 0 ? at + 1 : at - 1]?.bytes ?? Number.POSITIVE_INFINITY;
    return at % 2 === 0 ? bytes <= neighbour : bytes < neighbour;
  });
};

const lower = (readings: readonly Reading[], reading: Reading): Reading[] => {
  const before = readings.at(-1);
  const bytes = Math.min(reading.bytes, before?.bytes ?? reading.bytes);
  return [...readings.slice(0, -1), { ...reading, bytes }];
};
