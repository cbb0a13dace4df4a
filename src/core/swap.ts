/** Make before break: two incarnations of one worker, and how they change places. */
import type { FactBody } from '../shim/protocol.ts';
import { planOf, stopDeadline } from './deadlines.ts';
import { noteGone } from './open-recycle.ts';
import { isOutdated } from './roll.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, Leaving, WorkerState } from './types.ts';

type Exited = Extract<FactBody, { kind: 'exited' }>;

/** The replacement runs: it becomes current, and the old incarnation is told to stop. */
export const swapRoles = (turn: Turn, name: string): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'RUNNING' || worker.life.swap === null) return;
  const { replacement } = worker.life.swap;
  const policy = policyOf(turn, worker);
  const old = worker.life.incarnation;
  const cause = worker.recycle?.entry ?? old.entry;
  const why = journal(turn, { action: 'stop', rule: 'recycle.swapped', worker, incarnation: old, cause });
  const plan = planOf(policy.plan, worker.recycle?.rule ?? null);
  turn.effects.push({ type: 'stop', incarnation: old.id, plan });
  change(turn, name, { leaving: [...worker.leaving, { ...old, why, until: stopDeadline(turn.now, plan) }] });
  enter(turn, name, { state: 'RUNNING', incarnation: replacement, swap: null });
  change(turn, name, { failedRolls: 0 });
  conclude(turn, replacement.entry, true, 'running', {
    pid: replacement.pid,
    afterMs: Math.round(turn.now - replacement.spawnedAt),
  });
};

export const leave = (turn: Turn, worker: WorkerState, old: Incarnation, why: string): Leaving => ({
  ...old,
  why,
  until: stopDeadline(turn.now, policyOf(turn, worker).plan),
});

/** A replacement that failed never removes the current incarnation: the recycle is given up, and said to be. */
export const giveUpSwap = (turn: Turn, name: string, rule: string, evidence: Evidence): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'RUNNING') return;
  enter(turn, name, { ...worker.life, swap: null });
  if (worker.recycle !== null) conclude(turn, worker.recycle.entry, false, rule, evidence);
  if (isOutdated(turn.state, worker)) change(turn, name, { failedRolls: (worker.failedRolls ?? 0) + 1 });
  change(turn, name, { recycle: null, bornOf: null, recycles: Math.max(0, worker.recycles - 1) });
};

/** The current incarnation ended while its replacement was starting: the replacement takes over at once. */
export const promoteReplacement = (turn: Turn, name: string, fact: Exited | null): boolean => {
  const { life } = workerOf(turn, name);
  if (life.state !== 'RUNNING' || life.swap === null) return false;
  const { replacement, until } = life.swap;
  enter(turn, name, { state: 'STARTING', incarnation: replacement, until });
  if (fact !== null) noteGone(turn, name, fact);
  return true;
};
