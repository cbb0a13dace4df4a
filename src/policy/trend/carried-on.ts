/** Growth that was confirmed, carried on: whether it reaches a ceiling, and when. Pure. */
import type { Approach } from './approach.ts';
import { projectedGrowth } from './window.ts';
import type { WindowFigures } from './window.ts';
import type { Confirmed } from './windows.ts';

/**
 * Growth is carried on for no longer than this share of the time it was seen: a minute says nothing about the next ten. What was not yet seen
 * for a whole window may be something that fills in a straight line, and what was seen for less than a sixth of it a start.
 */
const AHEAD_SHARE = { start: 0.2, part: 0.4, whole: 0.6 };
const START_SHARE = 1 / 6;
/** A window of floors is a little shorter than what it is named by. */
const WHOLE_SHARE = 0.98;
/** What climbs in jumps is carried on half as far. */
const CLIMBING_SHARE = 0.5;

interface Ahead {
  /** Below the ceiling. */
  room: number;
  horizonMs: number;
  windowMs: number;
}

/** The nearest time at which one of them fills the room within the horizon, or null. */
export const carriedOn = (found: readonly Confirmed[], { room, horizonMs, windowMs }: Ahead): Approach | null => {
  const reached = found.flatMap(({ confirmed, figures }): Approach[] => {
    const share = shareOf(figures.spanMs / windowMs) * (confirmed === 'climbing' ? CLIMBING_SHARE : 1);
    const aheadMs = Math.min(horizonMs, figures.spanMs * share);
    if (projectedGrowth(figures, aheadMs) < room) return [];
    return [{ ms: reachedAfter(figures, room, aheadMs), figures, sign: { kind: 'growth' } }];
  });
  return reached.toSorted((a, b) => a.ms - b.ms)[0] ?? null;
};

/** Of the time that was seen, by how many windows that is. */
const shareOf = (seen: number): number =>
  AHEAD_SHARE[seen < START_SHARE ? 'start' : seen < WHOLE_SHARE ? 'part' : 'whole'];

/** By halving: the projection has no simple inverse. */
const reachedAfter = (figures: WindowFigures, room: number, aheadMs: number): number => {
  let [low, high] = [0, aheadMs];
  for (let halving = 0; halving < 30; halving += 1) {
    const middle = (low + high) / 2;
    if (projectedGrowth(figures, middle) >= room) high = middle;
    else low = middle;
  }
  return high;
};
