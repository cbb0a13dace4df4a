/**
 * Who may be recycled now. Pure. A hard ceiling never asks (docs/design.md, section 5: a hard ceiling is never queued).
 */
import { workersOf } from './find.ts';
import type { CoreState, WorkerState } from './types.ts';

export type Grant = { ok: true } | { ok: false; because: string };

/** A worker that a recycle keeps below full strength, or that is down without being meant to be. */
const isDisrupted = (worker: WorkerState): boolean =>
  worker.recycle !== null || (worker.wanted === 'up' && worker.life.state !== 'RUNNING');

const recyclesUnderWay = (workers: WorkerState[]): number => workers.filter((worker) => worker.recycle !== null).length;

/**
 * May this worker's pending recycle begin?
 *
 * `recycle.maxConcurrent`: so many workers of a program disrupted at once (a sibling that is down for its own reasons counts, so that
 * two are never down together because of us); `host.maxConcurrent`: so many recycles on this host; `recycle.budget`: so many a
 * window, from which a person's command is exempt.
 */
export const grantable = (state: CoreState, worker: WorkerState, now: number): Grant => {
  const policy = state.programs[worker.program];
  if (policy === undefined || worker.pending === null) return { ok: false, because: 'hold.unknown' };
  const siblings = workersOf(state, worker.program).filter((other) => other.name !== worker.name);
  if (siblings.filter(isDisrupted).length >= policy.maxConcurrent) return { ok: false, because: 'hold.maxConcurrent' };
  if (recyclesUnderWay(Object.values(state.workers)) >= state.hostMaxConcurrent)
    return { ok: false, because: 'hold.host' };
  if (worker.pending.rule === 'command') return { ok: true };
  const recent = (state.granted[worker.program] ?? []).filter((at) => now - at < policy.budget.windowMs);
  return recent.length < policy.budget.count ? { ok: true } : { ok: false, because: 'hold.budget' };
};
