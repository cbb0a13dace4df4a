/**
 * Processes that belong to no worker (any more): their worker left the configuration, or they were spawned when nobody waited for
 * them any longer. They are stopped, remembered until they are gone, and their number is never given away again.
 */
import type { StopPlan } from '../shim/spawn-spec.ts';
import { numberOf, workerNameOf } from './find.ts';
import { conclude, journal } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence } from './types.ts';

/** For a process whose program nobody knows: its own graceful stop, then SIGKILL. */
export const UNKNOWN_PROGRAM_PLAN: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 0,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 10_000,
  kill: 'afterTimeout',
};

export interface Stray {
  incarnation: string;
  pid: number | null;
}

/** Stop a process that is no worker's. `plan`: of the program it had; else as before, else its worker's program, else a plain TERM and KILL. */
export const stopStray = (
  turn: Turn,
  stray: Stray,
  rule: string,
  how: { cause?: string | null; plan?: StopPlan } = {},
): void => {
  const id = stray.incarnation;
  const name = workerNameOf(id);
  const number = numberOf(id);
  const worker = turn.state.workers[name];
  const evidence: Evidence = { name };
  const incarnation = { number, pid: stray.pid };
  const entry = journal(turn, {
    action: 'stop',
    rule,
    incarnation,
    cause: how.cause ?? null,
    evidence,
    ...(worker && { worker }),
  });
  const own = worker === undefined ? undefined : turn.state.programs[worker.program]?.plan;
  const before = turn.state.strays[id];
  // Its order may have been given while no shim was there to hear it, by a configuration that no longer names its program.
  const plan = how.plan ?? before?.plan ?? own ?? UNKNOWN_PROGRAM_PLAN;
  turn.effects.push({ type: 'stop', incarnation: id, plan });
  if (before !== undefined) conclude(turn, before.entry, false, 'overtaken', { by: rule });
  turn.state.strays = { ...turn.state.strays, [id]: { entry, plan } };
  retireNumbers(turn, name, number + 1);
};

/** A stray has ended. Nothing happens for an incarnation that is none. */
export const strayGone = (turn: Turn, id: string, evidence: Evidence): void => {
  const { [id]: stray, ...others } = turn.state.strays;
  if (stray === undefined) return;
  conclude(turn, stray.entry, true, 'stopped', evidence);
  turn.state.strays = others;
};

/** The numbers below `next` are taken, also when a worker of that name comes (back) later. */
export const retireNumbers = (turn: Turn, name: string, next: number): void => {
  const worker = turn.state.workers[name];
  if (worker !== undefined && worker.nextNumber < next) turn.state.workers[name] = { ...worker, nextNumber: next };
  const retired = Math.max(next, turn.state.retiredNumbers[name] ?? 1);
  if (worker === undefined) turn.state.retiredNumbers = { ...turn.state.retiredNumbers, [name]: retired };
};
