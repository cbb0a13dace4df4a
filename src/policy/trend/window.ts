/**
 * What the floors of one window say. A chain of pure functions: floors → twelve buckets → figures → shape → projection.
 * Each gate is there because of a healthy shape that passes all others (docs/leaks.md has the measured comparison).
 */
import { kendallTau, theilSen } from './statistics.ts';
import type { Point } from './statistics.ts';
import type { Floors } from './floors.ts';

const MIB = 1024 * 1024;
export const BUCKETS = 12;

/** Zend takes memory in chunks of 2 MiB: below four of them nothing is evidence. */
export const MIN_GROWTH_BYTES = 8 * MIB;
const MIN_GROWTH_SHARE = 0.1;
const MIN_TAU = 0.8;
/** A warm-up and a single step grow in their first half. */
const MIN_HALF_RATIO = 0.4;
/** A rare jump is no steady growth. */
const MIN_RISING_SHARE = 0.6;
const MIN_RISE_BYTES = 64 * 1024;
/** What climbs in jumps gives nothing of it back. */
const MAX_FALL_SHARE = 0.15;
/** Nor is it a single step with what follows at its height. */
const MAX_STEP_SHARE = 0.85;

export interface WindowFigures {
  spanMs: number;
  /** Theil–Sen over the buckets' floors, bytes per millisecond. */
  slope: number;
  tau: number;
  /** Slope of the second half over that of the first; null where the first half did not grow. */
  halfRatio: number | null;
  /** Slope of the second half, bytes per millisecond. */
  lateSlope: number;
  /** Last floor less the first. */
  climbBytes: number;
  /** Largest rise from one bucket's floor to the next one's. */
  riseBytes: number;
  /** And after its first quarter: the start of a process is there, and leads nowhere. */
  laterRiseBytes: number;
  /** Largest fall from one bucket's floor to a later one's. */
  fallBytes: number;
  /** Share of the steps from bucket to bucket that are clearly upwards. */
  risingShare: number;
  firstBytes: number;
  lastBytes: number;
}

/** `figures` are null where all floors lie so close together that nothing else can be said: most workers, most of the time. */
export interface Judgement {
  shape: Shape;
  figures: WindowFigures | null;
}

const LEVEL: Judgement = { shape: 'flat', figures: null };

/** Floors from `start` on; null with fewer than buckets. */
export const judgeFloors = (floors: Floors, start = 0): Judgement | null => {
  // Most are level, and seen to be so without their buckets.
  if (isJudgeable(floors, start) && floors.liesWithin(MIN_GROWTH_BYTES, start)) return LEVEL;
  const points = bucketFloors(floors, start);
  if (points === null) return null;
  if (isLevel(points)) return LEVEL;
  const figures = figuresOfPoints(points, spanOf(floors, start));
  return { shape: shapeOf(figures), figures };
};

/** Of all floors, level or not; null with fewer than buckets. */
export const figuresOf = (floors: Floors): WindowFigures | null => {
  const points = bucketFloors(floors, 0);
  return points === null ? null : figuresOfPoints(points, spanOf(floors, 0));
};

const spanOf = (floors: Floors, start: number): number => floors.timeAt(floors.length - 1) - floors.timeAt(start);

const figuresOfPoints = (points: readonly Point[], spanMs: number): WindowFigures => {
  const half = Math.floor(points.length / 2);
  const slope = theilSen(points) ?? 0;
  const early = theilSen(points.slice(0, half + 1)) ?? 0;
  const lateSlope = theilSen(points.slice(half)) ?? 0;
  const [firstBytes, lastBytes] = [points[0]?.y ?? 0, points.at(-1)?.y ?? 0];
  return {
    spanMs,
    slope,
    tau: kendallTau(points),
    halfRatio: early > 0 ? lateSlope / early : null,
    lateSlope,
    climbBytes: lastBytes - firstBytes,
    riseBytes: largestRise(points),
    laterRiseBytes: largestRise(points.slice(points.length / 4)),
    fallBytes: largestFall(points),
    risingShare: risingShareOf(points, slope),
    firstBytes,
    lastBytes,
  };
};

/** `growing`: steadily. `climbing`: in jumps, of which nothing is given back. `warmingUp`: slower and slower. */
export type Shape = 'flat' | 'warmingUp' | 'climbing' | 'growing';

const shapeOf = (figures: WindowFigures): Shape => {
  const { slope, spanMs, firstBytes, climbBytes, riseBytes, fallBytes, tau, halfRatio, risingShare } = figures;
  const material = materialOf(firstBytes);
  if (Math.max(slope * spanMs, climbBytes) < material) return 'flat';
  if (halfRatio !== null && halfRatio < MIN_HALF_RATIO) return 'warmingUp';
  if (tau >= MIN_TAU && risingShare >= MIN_RISING_SHARE) return 'growing';
  return climbBytes >= material && riseBytes < MAX_STEP_SHARE * climbBytes && fallBytes < MAX_FALL_SHARE * climbBytes
    ? 'climbing'
    : 'flat';
};

/**
 * Bytes more at the end of `aheadMs`. Growth that slows down is carried on as it slows down, so that a warm-up is not taken for a straight
 * line: with a ratio r between the halves of a window of length T the time constant is T / (−2 ln r), and from the middle of its second
 * half to its end the slope has fallen by √r.
 */
export const projectedGrowth = (figures: WindowFigures, aheadMs: number): number => {
  const { halfRatio, slope, lateSlope, spanMs, climbBytes } = figures;
  if (shapeOf(figures) === 'climbing') return (climbBytes / spanMs) * aheadMs;
  if (halfRatio === null || halfRatio >= 1) return Math.max(slope, 0) * aheadMs;
  const now = Math.max(0, Math.min(slope, lateSlope)) * Math.sqrt(Math.max(halfRatio, 0));
  const tau = spanMs / (-2 * Math.log(Math.max(halfRatio, 1e-6)));
  // Not 1 − exp: of what hardly slows down nothing would be left of the difference.
  return -now * tau * Math.expm1(-aheadMs / tau);
};

/** Growth below this is no evidence. */
const materialOf = (firstBytes: number): number => Math.max(MIN_GROWTH_BYTES, MIN_GROWTH_SHARE * firstBytes);

const isLevel = (points: readonly Point[]): boolean => {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const { y } of points) {
    lowest = Math.min(lowest, y);
    highest = Math.max(highest, y);
  }
  return highest - lowest < materialOf(points[0]?.y ?? 0);
};

const isJudgeable = (floors: Floors, start: number): boolean =>
  floors.length - start >= BUCKETS && spanOf(floors, start) > 0;

/** One point a bucket: when, and the lowest of its floors. */
const bucketFloors = (floors: Floors, start: number): Point[] | null => {
  if (!isJudgeable(floors, start)) return null;
  const count = floors.length - start;
  const points: Point[] = [];
  let from = start;
  for (let bucket = 1; bucket <= BUCKETS; bucket += 1) {
    const to = start + Math.floor((bucket * count) / BUCKETS);
    points.push({ x: floors.timeAt(Math.floor((from + to) / 2)), y: floors.lowest(from, to) });
    from = to;
  }
  return points;
};

const largestRise = (points: readonly Point[]): number =>
  points.reduce((most, { y }, index) => Math.max(most, y - (points[index - 1]?.y ?? y)), 0);

const largestFall = (points: readonly Point[]): number => {
  let highest = -Infinity;
  let fall = 0;
  for (const { y } of points) {
    highest = Math.max(highest, y);
    fall = Math.max(fall, highest - y);
  }
  return fall;
};

const risingShareOf = (points: readonly Point[], slope: number): number => {
  let rising = 0;
  for (const [index, point] of points.slice(1).entries()) {
    const before = points[index] ?? point;
    if (point.y - before.y > Math.max(MIN_RISE_BYTES, 0.15 * slope * (point.x - before.x))) rising += 1;
  }
  return rising / (points.length - 1);
};
