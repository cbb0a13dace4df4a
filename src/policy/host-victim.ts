/** Whose recycle helps the host most. Pure; the same victim in whatever order the candidates come. */
import type { HostRule } from './host-guard.ts';

export interface Candidate {
  worker: string;
  incarnation: string;
  /** The higher, the later it starts, and the sooner it may go. */
  priority: readonly number[];
  /** What its recycle gives back: what it holds of its own, less what a fresh one takes. */
  freesBytes: number;
  leaking: boolean;
  growthBytesPerMinute: number | null;
}

export interface Victim extends Candidate {
  why: 'leaks' | 'grows' | 'largest';
}

/** Less is not worth a recycle. */
const LEAST_FREED = 8 * 1024 * 1024;
/** More a minute is growth. */
const LEAST_GROWTH = 1024 * 1024;

/** Below the reserve the largest of those that leak or grow, else nobody; otherwise the largest suspect, else the largest of the least important program. */
export const pickVictim = (rule: HostRule, candidates: readonly Candidate[]): Victim | null => {
  const worth = candidates
    .filter(({ freesBytes }) => freesBytes >= LEAST_FREED)
    .toSorted((a, b) => b.freesBytes - a.freesBytes || (a.worker < b.worker ? -1 : 1));
  const leaks = worth.find(({ leaking }) => leaking);
  if (leaks !== undefined) return { ...leaks, why: 'leaks' };
  if (rule === 'host.low') {
    const grows = worth.find(({ growthBytesPerMinute }) => (growthBytesPerMinute ?? 0) >= LEAST_GROWTH);
    return grows === undefined ? null : { ...grows, why: 'grows' };
  }
  const least = worth.toSorted((a, b) => byPriority(b.priority, a.priority))[0];
  return least === undefined ? null : { ...least, why: 'largest' };
};

const byPriority = (a: readonly number[], b: readonly number[]): number => {
  for (const [index, value] of a.entries()) if (value !== (b[index] ?? 0)) return value - (b[index] ?? 0);
  return 0;
};
