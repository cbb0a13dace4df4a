/** Of what grows: which part is in PHP's own heap, and how much each message leaves behind. */
import { Floors } from './floors.ts';
import type { PastRow } from './past.ts';
import { figuresOf } from './window.ts';

export interface Parts {
  /** Null where the heap cannot be read, or could not all the time. */
  zendBytesPerMinute: number | null;
  /** Of the part that grows. Null where nobody counts messages, or there was none. */
  bytesPerMessage: number | null;
}

/** PHP's own heap, or what else the process has of its own; null: all of it. */
export type Part = 'php' | 'native' | null;

/** Null where PHP's own heap is not known. */
export const bytesOf = ({ ownBytes, zendBytes }: PastRow, part: Part): number | null => {
  if (part === null) return ownBytes;
  if (zendBytes === null) return null;
  return part === 'php' ? zendBytes : Math.max(0, ownBytes - zendBytes);
};

export const partsOf = (rows: readonly PastRow[], part: Part): Parts => ({
  zendBytesPerMinute: rounded(
    slopeOf(rows, ({ at, zendBytes }) => pair(at, zendBytes)),
    60_000,
  ),
  bytesPerMessage: rounded(
    slopeOf(rows, (row) => pair(row.acknowledged, bytesOf(row, part))),
    1,
  ),
});

/** Most of it in one of the two places: what leaks is known by that. */
const MOST = 0.7;

export type Place = 'php' | 'native' | 'both';

/** Null: unknown, or nothing grows. */
export const placeOf = (zend: number | null, all: number | null): Place | null => {
  if (zend === null || all === null || all <= 0) return null;
  if (zend >= MOST * all) return 'php';
  return zend <= (1 - MOST) * all ? 'native' : 'both';
};

type Pair = [x: number, y: number] | null;

const pair = (x: number | null, y: number | null): Pair => (x === null || y === null ? null : [x, y]);

/** The lowest y of each x, and how they rise; with few of them from the first to the last. Null where one is unknown, or x stands still. */
const slopeOf = (rows: readonly PastRow[], pairOf: (row: PastRow) => Pair): number | null => {
  const floors = new Floors(Math.max(1, rows.length));
  let open: Pair = null;
  for (const row of rows) {
    const next = pairOf(row);
    if (next === null) return null;
    if (open !== null && next[0] <= open[0]) open[1] = Math.min(open[1], next[1]);
    else {
      if (open !== null) floors.push(...open);
      open = next;
    }
  }
  if (open !== null) floors.push(...open);
  return figuresOf(floors)?.slope ?? endToEnd(floors);
};

const endToEnd = (floors: Floors): number | null => {
  const last = floors.length - 1;
  const distance = floors.timeAt(last) - floors.timeAt(0);
  return last >= 1 && distance > 0 ? (floors.bytesAt(last) - floors.bytesAt(0)) / distance : null;
};

const rounded = (slope: number | null, by: number): number | null => (slope === null ? null : Math.round(slope * by));
