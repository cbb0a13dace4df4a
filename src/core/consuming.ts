/**
 * When a fresh incarnation is up. Behind a gate a replacement takes over once messages can reach it, not merely after
 * `start.seconds`: else for a moment nobody would consume (docs/design.md, section 6).
 */
import { findIncarnation } from './find.ts';
import { enter, journal, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Incarnation, ProgramPolicy, WorkerState } from './types.ts';

/** A replacement that does not consume by then takes over all the same: it waits for something, or goes past its gate. */
export const CONSUME_MS = 15_000;

/** Until when to wait for a replacement that was spawned at `spawnedAt`. */
export const takesOverAt = (policy: ProgramPolicy, spawnedAt: number): number =>
  spawnedAt + (policy.plan.quiesce ? Math.max(policy.secondsMs, CONSUME_MS) : policy.secondsMs);

/** Messages can reach it: from now on only `start.seconds` is waited for. */
export const onConsuming = (turn: Turn, event: { incarnation: string }): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  if (place === null || place.incarnation.pid === null) return;
  const { worker, incarnation } = place;
  const { life } = worker;
  // Whoever wrote a check of its own knows better.
  if (policyOf(turn, worker).ready !== null) return;
  const until = Math.max(turn.now, incarnation.spawnedAt + policyOf(turn, worker).secondsMs);
  if (place.role === 'replacement' && life.state === 'RUNNING' && life.swap !== null) {
    if (until < life.swap.until) enter(turn, worker.name, { ...life, swap: { ...life.swap, until } });
  } else if (place.role === 'current' && life.state === 'STARTING' && until < life.until) {
    enter(turn, worker.name, { ...life, until });
  }
};

/** Say of a replacement that takes over that nobody saw it consume. */
export const sayIfNotConsuming = (turn: Turn, worker: WorkerState, replacement: Incarnation): void => {
  const policy = policyOf(turn, worker);
  if (!policy.plan.quiesce || policy.ready !== null || turn.now < takesOverAt(policy, replacement.spawnedAt)) return;
  journal(turn, {
    action: 'warn',
    rule: 'swap.notConsuming',
    worker,
    incarnation: replacement,
    cause: worker.recycle?.entry ?? replacement.entry,
    evidence: { waitedMs: Math.round(turn.now - replacement.spawnedAt) },
  });
};
