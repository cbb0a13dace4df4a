/** Stopping a worker whatever it does: all of its processes, and every wait for another start. */
import type { StopPlan } from '../shim/spawn-spec.ts';
import { planFor, stopDeadline } from './deadlines.ts';
import { stopAgain } from './stop-again.ts';
import { leave } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';

/** Stop every process of a worker, and end every wait for another start. */
export const stopAll = (
  turn: Turn,
  name: string,
  how: { rule: string; kill: boolean; next: 'start' | 'rest' },
): void => {
  const worker = change(turn, name, { pending: null, attempts: 0 });
  const { life } = worker;
  const plan = planFor(policyOf(turn, worker).plan, how.kill);
  if (how.kill) for (const old of worker.leaving) stopAgain(turn, old.id, how.rule, plan);
  if (life.state === 'STOPPING') {
    if (how.kill) stopAgain(turn, life.incarnation.id, how.rule, plan);
    changeMind(turn, name, how);
  } else if (life.state === 'RUNNING' || life.state === 'STARTING') {
    stopRunning(turn, name, plan, how);
  } else if (how.next === 'rest' && (life.state !== 'STOPPED' || life.hold !== undefined)) {
    const entry = journal(turn, { action: 'stop', rule: how.rule, worker, evidence: { was: life.state } });
    enter(turn, name, { state: 'STOPPED' });
    conclude(turn, entry, true, 'stopped', {});
  }
};

/** The stop goes on; only what follows it changes. */
const changeMind = (turn: Turn, name: string, how: { rule: string; next: 'start' | 'rest' }): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'STOPPING' || worker.life.next === how.next) return;
  const { incarnation, why: cause } = worker.life;
  journal(turn, { action: 'command', rule: how.rule, worker, incarnation, cause, evidence: { next: how.next } });
  enter(turn, name, { ...worker.life, next: how.next });
};

const stopRunning = (
  turn: Turn,
  name: string,
  plan: StopPlan,
  how: { rule: string; kill: boolean; next: 'start' | 'rest' },
): void => {
  const worker = workerOf(turn, name);
  const { life } = worker;
  if (life.state !== 'RUNNING' && life.state !== 'STARTING') return;
  const { incarnation } = life;
  const evidence = { kill: how.kill };
  const why = journal(turn, { action: 'stop', rule: how.rule, worker, incarnation, evidence });
  turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan });
  if (life.state === 'STARTING') conclude(turn, incarnation.entry, false, 'stopped', {});
  else if (life.swap !== null) stopReplacement(turn, name, plan, { rule: how.rule, cause: why });
  const until = stopDeadline(turn.now, plan);
  enter(turn, name, { state: 'STOPPING', incarnation, next: how.next, why, until });
};

/** The recycle is overtaken by the stop: its replacement goes too. */
const stopReplacement = (turn: Turn, name: string, plan: StopPlan, how: { rule: string; cause: string }): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'RUNNING' || worker.life.swap === null) return;
  const { replacement } = worker.life.swap;
  const why = journal(turn, { action: 'stop', worker, incarnation: replacement, ...how });
  turn.effects.push({ type: 'stop', incarnation: replacement.id, plan });
  conclude(turn, replacement.entry, false, 'stopped', {});
  if (worker.recycle !== null) conclude(turn, worker.recycle.entry, false, 'overtaken', { by: how.rule });
  change(turn, name, { recycle: null, leaving: [...worker.leaving, leave(turn, worker, replacement, why)] });
};
