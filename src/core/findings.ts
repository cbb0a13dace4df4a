/** A policy rule says something about a worker; here it becomes a verdict: recycle, or hold because recycling would not help. */
import { QUICK_MS } from './ceiling.ts';
import { findIncarnation } from './find.ts';
import { requestRecycle } from './request.ts';
import { change, journal, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent } from './types.ts';

/** A worker that was recycled because it was deaf, and is deaf again, is not recycled for that before it is so old. */
export const DEAF_AGAIN_MS = 300_000;

type FindingsEvent = Extract<CoreEvent, { type: 'findings' }>;

export const onFindings = (turn: Turn, event: FindingsEvent): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  if (place === null || place.role !== 'current') return;
  const { worker, incarnation } = place;
  if (worker.life.state !== 'RUNNING' || worker.pending !== null) return;
  if (event.rule === 'deaf') {
    // A successor that is deaf as well: its queue is still missing, and another process would not find it sooner.
    if (worker.bornOf === 'deaf' && turn.now - incarnation.spawnedAt < DEAF_AGAIN_MS) return;
    requestRecycle(turn, worker.name, { rule: 'deaf', reasonText: null, evidence: event.evidence, kill: false });
    return;
  }
  if (event.rule === 'memory.growth' || event.rule === 'shim.outdated' || event.rule.startsWith('lifetime.')) {
    requestRecycle(turn, worker.name, { rule: event.rule, reasonText: null, evidence: event.evidence, kill: false });
    return;
  }
  if (worker.softTooLow) return;
  const { secondsMs, origins } = policyOf(turn, worker);
  // Its recycle may still be open (the old incarnation drains); the incarnation that is being replaced is not the fresh one.
  const fresh = turn.now - incarnation.spawnedAt < secondsMs + QUICK_MS && worker.recycle?.from !== incarnation.id;
  if (fresh && worker.bornOf === event.rule) {
    const policy = origins[event.rule] ?? null;
    journal(turn, {
      action: 'hold',
      rule: `${event.rule}.tooLow`,
      worker,
      incarnation,
      cause: incarnation.entry,
      evidence: event.evidence,
      policy,
    });
    change(turn, worker.name, { softTooLow: true });
    return;
  }
  requestRecycle(turn, worker.name, { rule: event.rule, reasonText: null, evidence: event.evidence, kill: false });
};
