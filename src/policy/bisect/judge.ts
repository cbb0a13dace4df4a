/**
 * Which extension leaks: each suspect was off in one canary, and nothing was off in the control. Whoever is off where the growth is gone
 * has caused it.
 */
import { slopeOf } from './slope.ts';
import type { Reading, Slope } from './slope.ts';

/** What a canary's processes told, one list a process: a recycle begins a new one. */
export type Lives = readonly (readonly Reading[])[];

export type Verdict =
  /** Without it a clear part of the growth is gone. */
  | 'leaks'
  /** Without it the growth is the same, but for less than a quarter of it. */
  | 'innocent'
  | 'undecided';

export interface SuspectFinding {
  verdict: Verdict;
  /** What the canary without it grew by. */
  without: Slope | null;
  /** What it takes for each message, with an interval; null: not known. */
  share: { bytesPerMessage: number; low: number; high: number } | null;
}

export interface Judgement {
  control: Slope | null;
  /** Whether there is anything to be found. */
  controlGrows: boolean;
  suspects: Record<string, SuspectFinding>;
  /** The extension that explains the growth; null: none does, so far. */
  culprit: string | null;
}

/** Less growth than this within all that was judged is the allocator's own business. */
const NOTABLE_BYTES = 512 * 1024;
/** Of the control's growth: what a leak that counts takes at least, and what an innocent extension takes at most. */
const SHARE = 0.25;
/** One that takes so much of it explains the whole. */
const MOST = 0.75;

export const judge = (control: Lives, suspects: Readonly<Record<string, Lives>>): Judgement => {
  const base = bestOf(control);
  const controlGrows = base !== null && base.low > 0 && base.bytesPerMessage * base.messages >= NOTABLE_BYTES;
  const found = Object.fromEntries(
    Object.entries(suspects).map(([name, lives]) => [name, findingOf(controlGrows ? base : null, bestOf(lives))]),
  );
  const shareOf = (name: string): number => found[name]?.share?.bytesPerMessage ?? 0;
  const leaking = Object.keys(found).filter((name) => found[name]?.verdict === 'leaks');
  const [first = null] = leaking.toSorted((a, b) => shareOf(b) - shareOf(a));
  const explains = first !== null && base !== null && shareOf(first) >= MOST * base.bytesPerMessage;
  return { control: base, controlGrows, suspects: found, culprit: explains ? first : null };
};

/** A process that lived for more messages tells more. */
const bestOf = (lives: Lives): Slope | null => {
  const slopes = lives.map((readings) => slopeOf(readings)).filter((slope) => slope !== null);
  return slopes.toSorted((a, b) => b.messages - a.messages)[0] ?? null;
};

const findingOf = (control: Slope | null, without: Slope | null): SuspectFinding => {
  if (control === null || without === null) return { verdict: 'undecided', without, share: null };
  const share = {
    bytesPerMessage: control.bytesPerMessage - without.bytesPerMessage,
    low: control.low - without.high,
    high: control.high - without.low,
  };
  const counts = SHARE * control.bytesPerMessage;
  const leaks = share.low > 0 && share.bytesPerMessage >= counts;
  return { verdict: leaks ? 'leaks' : share.high < counts ? 'innocent' : 'undecided', without, share };
};

/** Nothing more can be learned: one explains it all, or all are judged. */
export const isClear = ({ culprit, suspects }: Judgement): boolean =>
  culprit !== null || Object.values(suspects).every(({ verdict }) => verdict !== 'undecided');
