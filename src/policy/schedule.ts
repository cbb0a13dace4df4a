/**
 * The times of a cron expression, watched by a wall clock that may jump. Pure: what the next time is, is an argument.
 *
 * A time that was missed (nobody looked, or the clock leapt over it) is not made up. A clock that is set back fires nothing twice; only
 * when it is set back by more than a day was it wrong before, and the next time is counted anew.
 */
export interface Wound {
  /** When it is due next, milliseconds since the epoch; null: never again. */
  next: number | null;
  /** When it was last looked at. */
  seen: number;
}

/** The first time after the given one; null: there is none. */
export type NextAfter = (wall: number) => number | null;

/** Later than this it is not due any more, but missed. */
export const LATE_MS = 60_000;
/** A clock that was set back by more than this was wrong before. */
export const BACK_MS = 86_400_000;

export const wind = (wall: number, nextAfter: NextAfter): Wound => ({ next: nextAfter(wall), seen: wall });

/** `missed`: when it was due and nobody looked. */
export const look = (
  wound: Wound,
  wall: number,
  nextAfter: NextAfter,
): { wound: Wound; due: 'now' | null; missed: number | null } => {
  const { next, seen } = wound;
  if (wall < seen - BACK_MS) return { wound: wind(wall, nextAfter), due: null, missed: null };
  // A clock that was set back is not followed: a jump must not add up from small steps unseen.
  if (next === null || wall < next) return { wound: { next, seen: Math.max(seen, wall) }, due: null, missed: null };
  const isLate = wall - next > LATE_MS;
  return { wound: wind(wall, nextAfter), due: isLate ? null : 'now', missed: isLate ? next : null };
};
