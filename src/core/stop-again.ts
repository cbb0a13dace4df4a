/** A stop that was ordered already is ordered once more: to hurry it, or because nobody knows whether the first order arrived. */
import type { StopPlan } from '../shim/spawn-spec.ts';
import { stopDeadline } from './deadlines.ts';
import { findIncarnation, openEntryOf } from './find.ts';
import { arm, change, conclude, journal, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';

/** The new entry takes the place of the one that sent the incarnation away; a recycle stays open until its outcome is known. */
export const stopAgain = (turn: Turn, id: string, rule: string, plan: StopPlan): void => {
  const place = findIncarnation(turn.state, id);
  const before = place === null ? null : openEntryOf(place);
  if (place === null || before === null) return;
  const { worker, incarnation } = place;
  const why = journal(turn, { action: 'stop', rule, worker, incarnation, cause: before });
  turn.effects.push({ type: 'stop', incarnation: id, plan });
  if (worker.recycle?.entry !== before) conclude(turn, before, false, 'overtaken', { by: rule });
  const soonest = (until: number): number => Math.min(until, stopDeadline(turn.now, plan));
  const { life } = workerOf(turn, worker.name);
  if (life.state === 'STOPPING' && life.incarnation.id === id) {
    change(turn, worker.name, { life: { ...life, why, until: soonest(life.until) } });
  } else {
    const leaving = worker.leaving.map((old) => (old.id === id ? { ...old, why, until: soonest(old.until) } : old));
    change(turn, worker.name, { leaving });
  }
  arm(turn, worker.name);
};
