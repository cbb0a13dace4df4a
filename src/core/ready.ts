/**
 * `ready`: a process counts as RUNNING, and a replacement takes over, only once its check has said so (the shim looks; the fact comes
 * here). One that does not get there by `ready.timeout` has failed to start.
 */
import { findIncarnation } from './find.ts';
import { stopDeadline } from './deadlines.ts';
import { giveUpSwap, leave } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, ProgramPolicy } from './types.ts';

/** Until when a process that was spawned at `spawnedAt` may take to be up. */
export const upBy = (policy: ProgramPolicy, incarnation: Incarnation): number => {
  const settled = incarnation.spawnedAt + policy.secondsMs;
  return isUnready(policy, incarnation)
    ? Math.max(settled, incarnation.spawnedAt + (policy.ready?.timeoutMs ?? 0))
    : settled;
};

/** It has a check, which has not said so yet. */
export const isUnready = (policy: ProgramPolicy, incarnation: Incarnation): boolean =>
  policy.ready !== null && incarnation.readyAt == null;

export const onReady = (turn: Turn, event: { incarnation: string }): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  if (
    place === null ||
    policyOf(turn, place.worker).ready === null ||
    place.incarnation.pid === null ||
    place.role === 'leaving'
  )
    return;
  const { worker } = place;
  const { life } = worker;
  const incarnation = { ...place.incarnation, readyAt: turn.now };
  const until = Math.max(turn.now, incarnation.spawnedAt + policyOf(turn, worker).secondsMs);
  if (place.role === 'replacement' && life.state === 'RUNNING') {
    enter(turn, worker.name, { ...life, swap: { replacement: incarnation, until } });
  } else if (life.state === 'STARTING') {
    enter(turn, worker.name, { ...life, incarnation, until });
  }
};

/** The current process is not ready in time: it is stopped, and its start has failed. */
export const notReady = (turn: Turn, name: string, incarnation: Incarnation): void => {
  const worker = workerOf(turn, name);
  const { plan, origins } = policyOf(turn, worker);
  const evidence = lateness(turn, name, incarnation);
  conclude(turn, incarnation.entry, false, 'ready.timeout', evidence);
  const policy = origins['ready.timeout'] ?? null;
  const why = journal(turn, {
    action: 'stop',
    rule: 'ready.late',
    worker,
    incarnation,
    cause: incarnation.entry,
    evidence,
    policy,
  });
  turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan });
  enter(turn, name, { state: 'STOPPING', incarnation, next: 'failed', why, until: stopDeadline(turn.now, plan) });
};

/** A replacement that is not ready in time goes; the current process stays. */
export const replacementNotReady = (turn: Turn, name: string, incarnation: Incarnation): void => {
  const worker = workerOf(turn, name);
  const { plan } = policyOf(turn, worker);
  const evidence = lateness(turn, name, incarnation);
  conclude(turn, incarnation.entry, false, 'ready.timeout', evidence);
  const cause = worker.recycle?.entry ?? incarnation.entry;
  const why = journal(turn, { action: 'stop', rule: 'ready.late', worker, incarnation, cause, evidence });
  turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan });
  change(turn, name, { leaving: [...worker.leaving, leave(turn, worker, incarnation, why)] });
  giveUpSwap(turn, name, 'replacement.notReady', evidence);
};

const lateness = (turn: Turn, name: string, incarnation: Incarnation): Evidence => ({
  check: policyOf(turn, workerOf(turn, name)).ready?.shown ?? null,
  waitedMs: Math.round(turn.now - incarnation.spawnedAt),
});
