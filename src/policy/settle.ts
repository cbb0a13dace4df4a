/**
 * What a fresh process needs: the level at which its memory settles while it is young. Pure. A process settles when the lower half of its
 * latest third of life has stopped rising; one that leaks never does, because its readings rise all the time.
 */

/** After that a process is no longer fresh: what it holds then may be what leaked. */
export const FRESH_MS = 300_000;
/** What it takes to load itself. */
const LOAD_MS = 1_000;
/** The window grows with its age, for what rises slowly has to be told from what does not rise. */
const SHARE = 1 / 3;
const MIN_WINDOW_MS = 4_000;
/** Floors of the two halves of a settled window differ by no more than this share. */
const FLAT = 0.02;
/** It is told anew once it has settled higher by this share. */
const HIGHER = 1.05;
/** Readings no nearer than this share of its age, so that there are two hundred of them at most. */
const EVERY_SHARE = 1 / 600;
const EVERY_MS = 250;

interface Reading {
  age: number;
  bytes: number;
}

export class Settling {
  /** Those of the window, and the one before. */
  #readings: Reading[] = [];
  #settled: number | null = null;

  /** Where it settled, so far; null: it has not. */
  get bytes(): number | null {
    return this.#settled;
  }

  /** One more reading; the level when it has settled, or settled higher than was told before, else null. */
  add(age: number, bytes: number): number | null {
    const last = this.#readings.at(-1);
    const every = Math.max(EVERY_MS, age * EVERY_SHARE);
    if (age > FRESH_MS || age < LOAD_MS || (last !== undefined && age - last.age < every)) return null;
    this.#readings.push({ age, bytes });
    const from = age - Math.max(MIN_WINDOW_MS, age * SHARE);
    while ((this.#readings[1]?.age ?? age) < from) this.#readings.shift();
    const floor = flatFloor(this.#readings, { from, to: age });
    if (floor === null || floor <= (this.#settled ?? 0) * HIGHER) return null;
    this.#settled = floor;
    return floor;
  }
}

/** The lowest reading of a window that does not rise; null where it rises, or was not seen whole. */
const flatFloor = (readings: readonly Reading[], { from, to }: { from: number; to: number }): number | null => {
  const first = readings[0];
  if (first === undefined || first.age > from) return null;
  const middle = (from + to) / 2;
  const floorOf = (begin: number, end: number): number =>
    readings.reduce((low, { age, bytes }) => (age >= begin && age <= end ? Math.min(low, bytes) : low), Infinity);
  const [early, late] = [floorOf(from, middle), floorOf(middle, to)];
  if (!Number.isFinite(early) || !Number.isFinite(late) || late > early * (1 + FLAT)) return null;
  return Math.min(early, late);
};

/** A successor over its ceiling that came there lately: it leaks, or it needs so much. */
const DOUBTED_AGE_MS = 60_000;
const DOUBT_MS = 20_000;
const EVIDENT_GROWTH = 1.05;

/**
 * Whether to wait a little before a successor is recycled for the ceiling that its predecessor was recycled for: a leak goes on growing
 * and shows itself at once, and what does not grow settles.
 */
export const isDoubtful = (seen: { ageMs: number; overMs: number; firstBytes: number; bytes: number }): boolean =>
  seen.ageMs < DOUBTED_AGE_MS && seen.overMs < DOUBT_MS && seen.bytes < seen.firstBytes * EVIDENT_GROWTH;
