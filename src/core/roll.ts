/**
 * A worker whose process is not made of what the configuration says is recycled, one after the other under the budget of disruption.
 * Nothing remembers that a roll is under way: it follows from the specs alone, so that it goes on wherever it was interrupted.
 */
import { backoffDelay } from './backoff.ts';
import { CHANGED, requestRecycle } from './request.ts';
import { arm, change, journal, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreState, WorkerState } from './types.ts';

/** Whether its current process should be another. Specs of different versions (before the dot) cannot be compared. */
export const isOutdated = (state: CoreState, { life, name, program }: WorkerState): boolean => {
  const has = 'incarnation' in life ? life.incarnation.spec : undefined;
  const wanted = state.programs[program]?.specs[name];
  if (has === undefined || wanted === undefined || has === wanted) return false;
  return has.split('.')[0] === wanted.split('.')[0];
};

/** Between two tries of a configuration that does not come up, also where `start.backoff` is shorter. */
const LEAST_PAUSE_MS = 1_000;

/** Runs at the end of a turn for each worker that it touched. */
export const rollIfOutdated = (turn: Turn, name: string): void => {
  const worker = turn.state.workers[name];
  if (worker === undefined || worker.life.state !== 'RUNNING' || worker.recycle !== null) return;
  if (turn.state.mode !== 'running') return;
  if (!isOutdated(turn.state, worker)) {
    // The old configuration came back before its turn did.
    if (worker.pending?.rule === CHANGED) change(turn, name, { pending: null });
    return;
  }
  if (worker.pending?.rule === CHANGED) return;
  const keys = turn.changes[worker.program] ?? [];
  requestRecycle(turn, name, {
    rule: CHANGED,
    reasonText: null,
    evidence: keys.length === 0 ? {} : { keys: keys.join(', ') },
    kill: false,
    ...(keys[0] === undefined ? {} : { policyKey: keys[0] }),
  });
  if ((worker.failedRolls ?? 0) > 0) waitForBetter(turn, name);
};

/** Its replacement did not come up: the worker goes on as it is, and so do its siblings (budget.ts), until another try succeeds. */
const waitForBetter = (turn: Turn, name: string): void => {
  const worker = turn.state.workers[name];
  if (worker?.pending?.rule !== CHANGED) return;
  const policy = policyOf(turn, worker);
  const attempt = worker.failedRolls ?? 1;
  const delayMs = Math.max(LEAST_PAUSE_MS, backoffDelay(policy, attempt, turn.random));
  const hold = journal(turn, { action: 'hold', rule: 'config.fails', worker, evidence: { attempt, delayMs } });
  change(turn, name, { pending: { ...worker.pending, hold, notBefore: turn.now + delayMs } });
  arm(turn, name);
};
