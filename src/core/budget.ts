/**
 * Who may be recycled now. Pure. A hard ceiling never asks (docs/design.md, section 5: a hard ceiling is never queued).
 */
import { CHANGED, isWished } from './request.ts';
import type { CoreState, WorkerState } from './types.ts';

export type Grant = { ok: true } | { ok: false; because: string };

/** A worker that a recycle keeps below full strength, or that is down without being meant to be. */
const isDisrupted = (worker: WorkerState, overlap: boolean): boolean => {
  if (worker.recycle !== null) return true;
  if (worker.wanted === 'down') return false;
  switch (worker.life.state) {
    case 'RUNNING':
    case 'EXITED':
      return false;
    case 'FATAL':
      // It may be down for days. Make-before-break takes nothing more away; stop-then-start would.
      return !overlap;
    case 'STOPPED':
      // One that waits for another program may wait as long.
      return worker.life.hold === undefined || !overlap;
    case 'STARTING':
    case 'STOPPING':
    case 'BACKOFF':
      return true;
  }
};

const failsToRoll = ({ failedRolls = 0, wanted, life }: WorkerState): boolean =>
  failedRolls > 0 && wanted === 'up' && life.state === 'RUNNING';

/** How many workers are disrupted or being recycled; taken once for all that wait, since they are few and the workers many. */
export interface Census {
  recycles: number;
  /** By program. */
  disrupted: Map<string, number>;
  /** Programs whose changed configuration did not come up in one of their workers: only that one tries again. */
  failing: Set<string>;
}

export const takeCensus = (state: CoreState): Census => {
  const census: Census = { recycles: 0, disrupted: new Map(), failing: new Set() };
  for (const worker of Object.values(state.workers)) {
    if (worker.recycle !== null) census.recycles += 1;
    if (failsToRoll(worker)) census.failing.add(worker.program);
    if (isDisrupted(worker, state.programs[worker.program]?.overlap ?? false)) countDisrupted(census, worker.program);
  }
  return census;
};

/** A recycle has begun: one more of each. */
export const countRecycle = (census: Census, program: string): void => {
  census.recycles += 1;
  countDisrupted(census, program);
};

const countDisrupted = (census: Census, program: string): void => {
  census.disrupted.set(program, (census.disrupted.get(program) ?? 0) + 1);
};

/**
 * May this worker's pending recycle begin?
 *
 * `recycle.maxConcurrent`: so many workers of a program disrupted at once (a sibling that is down for its own reasons counts, so that
 * two are never down together because of us); `host.maxConcurrent`: so many recycles on this host; `recycle.budget`: so many a
 * window, from which what a person wished is exempt (a command, a changed workers.yaml, an upgrade). The worker itself is RUNNING and not being recycled (grantPending sees to it), so
 * that everyone in the census is somebody else.
 */
export const grantable = (state: CoreState, census: Census, worker: WorkerState, now: number): Grant => {
  const policy = state.programs[worker.program];
  if (policy === undefined || worker.pending === null) return { ok: false, because: 'hold.unknown' };
  if (worker.pending.rule === CHANGED) {
    if ((worker.pending.notBefore ?? now) > now) return { ok: false, because: 'hold.fails' };
    if (census.failing.has(worker.program) && !failsToRoll(worker)) return { ok: false, because: 'hold.fails' };
  }
  if ((census.disrupted.get(worker.program) ?? 0) >= policy.maxConcurrent)
    return { ok: false, because: 'hold.maxConcurrent' };
  if (census.recycles >= state.hostMaxConcurrent) return { ok: false, because: 'hold.host' };
  if (isWished(worker.pending.rule)) return { ok: true };
  const recent = (state.granted[worker.program] ?? []).filter((at) => now - at < policy.budget.windowMs);
  return recent.length < policy.budget.count ? { ok: true } : { ok: false, because: 'hold.budget' };
};
