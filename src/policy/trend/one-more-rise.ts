/**
 * What leaps leaves no time for a trend: in the last fifth below a ceiling one more leap like those before is foreseen (leaps.ts), and in its
 * last 15 % one more rise like the last ones, or the next chunk of what grows at all.
 */
import type { Approach, Sign } from './approach.ts';
import type { Leaps } from './leaps.ts';
import { MIN_GROWTH_BYTES } from './window.ts';
import type { Judgement } from './window.ts';
import type { Windows } from './windows.ts';

/** So near to a ceiling one more rise like the last ones is evidence enough. */
const NEAR_SHARE = 0.85;
/** Zend takes memory in chunks of 2 MiB: the slowest leak passes a ceiling with one of them, whatever the horizon says. */
const TWO_CHUNKS = 4 * 1024 * 1024;

const GROWTH: Sign = { kind: 'growth' };

interface Seen {
  windows: Windows;
  leaps: Leaps;
}

interface Ceiling {
  ceilingBytes: number;
  horizonMs: number;
}

/** Whether one more rise passes the ceiling. When it comes nobody knows: at the latest at the horizon. */
export const oneMoreRise = (seen: Seen, { ceilingBytes, horizonMs }: Ceiling): Approach | null => {
  const stairs = seen.leaps.next(ceilingBytes);
  if (stairs !== null) {
    const { figures, ...leaps } = stairs;
    return { ms: horizonMs, figures, sign: { kind: 'leaps', ...leaps } };
  }
  const { level } = seen.leaps;
  if (level < NEAR_SHARE * ceilingBytes) return null;
  const room = ceilingBytes - level;
  const found = lately(seen, room) ?? nextChunk(seen.windows, room);
  return found === null ? null : { ...found, ms: Math.min(horizonMs, found.ms) };
};

/** Whether it lately rose by as much as there is `room`: in two readings, or within the newest window. */
const lately = ({ windows, leaps }: Seen, room: number): Approach | null => {
  const { newest } = windows;
  if (newest === null) return null;
  const { judgement, figures, from } = newest;
  if (leaps.mayComeBack(leaps.since(figures.firstBytes))) return null;
  // A step that is seen from the start of the process on is the start.
  const starts = judgement.shape !== 'growing' && leaps.isStart(from);
  const within = starts ? 0 : onceMore(judgement, leaps.level - figures.firstBytes);
  const rise = Math.max(leaps.lately, within);
  if (rise < Math.max(MIN_GROWTH_BYTES, room)) return null;
  return { ms: (room / rise) * figures.spanMs, figures, sign: GROWTH };
};

/** By how much it may rise once more: a jump as it did, what slows down less, a warm-up not at all. */
const onceMore = ({ shape, figures }: Judgement, rise: number): number => {
  if (shape === 'warmingUp') return 0;
  return shape === 'growing' ? rise * Math.min(1, figures?.halfRatio ?? 1) : rise;
};

/** Whether growth that is confirmed passes it with the next chunk, or with the next of its jumps. */
const nextChunk = (windows: Windows, room: number): Approach | null => {
  const found = windows
    .confirmed()
    .find(
      ({ confirmed, figures }) => room <= Math.max(TWO_CHUNKS, confirmed === 'climbing' ? figures.laterRiseBytes : 0),
    );
  return found === undefined ? null : { ms: Infinity, figures: found.figures, sign: GROWTH };
};
