/** What a person asks for. A command changes the wish; the life follows. `stop` always means stopped, whatever the state. */
import type { StopPlan } from '../shim/protocol.ts';
import { stopDeadline } from './deadlines.ts';
import { incarnationsOf } from './find.ts';
import { openRecycle } from './open-recycle.ts';
import { requestRecycle } from './recycle.ts';
import { start } from './start.ts';
import { leave } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, WorkerState } from './types.ts';

type CommandEvent = Extract<CoreEvent, { type: 'command' }>;

export type WorkerVerb = 'start' | 'stop' | 'restart' | 'recycle' | 'signal';

/** Why a command would do nothing to this worker; null if it will. */
export const refusal = (worker: WorkerState, verb: WorkerVerb): string | null => {
  const { state } = worker.life;
  switch (verb) {
    case 'start':
      return worker.wanted === 'up' && (state === 'RUNNING' || state === 'STARTING') ? 'is running already' : null;
    case 'stop':
      return worker.wanted === 'down' && state === 'STOPPED' && worker.leaving.length === 0
        ? 'is stopped already'
        : null;
    case 'recycle':
      if (worker.recycle !== null) return 'is being recycled already';
      return state === 'RUNNING' ? null : `is ${state}, only a RUNNING worker can be recycled`;
    case 'signal':
      return incarnationsOf(worker).some((incarnation) => incarnation.pid !== null)
        ? null
        : `is ${state}, there is no process to signal`;
    case 'restart':
      return null;
  }
};

export const onCommand = (turn: Turn, event: CommandEvent): void => {
  if (event.verb === 'shutdown') turn.state.mode = 'shuttingDown';
  const names = event.verb === 'shutdown' ? Object.keys(turn.state.workers) : event.workers;
  for (const name of names) {
    if (turn.state.workers[name] !== undefined) apply(turn, name, event);
  }
};

const apply = (turn: Turn, name: string, event: CommandEvent): void => {
  const verb = event.verb === 'shutdown' ? 'stop' : event.verb;
  if (refusal(workerOf(turn, name), verb) !== null && !(verb === 'stop' && event.kill)) return;
  switch (event.verb) {
    case 'start':
      startByCommand(turn, name);
      return;
    case 'stop':
      // A shutdown is about the processes: what a person wants of a worker outlives it.
      change(turn, name, { wanted: 'down' });
      stopAll(turn, name, { rule: 'command.stop', kill: event.kill, next: 'rest' });
      return;
    case 'shutdown':
      stopAll(turn, name, { rule: 'command.shutdown', kill: event.kill, next: 'rest' });
      return;
    case 'restart':
      change(turn, name, { wanted: 'up', attempts: 0, crashes: [], quickHards: 0 });
      restart(turn, name, event.kill);
      return;
    case 'recycle':
      if (event.kill) recycleNow(turn, name, event.reason);
      else requestRecycle(turn, name, { rule: 'command', reasonText: event.reason, evidence: {} });
  }
};

const startByCommand = (turn: Turn, name: string): void => {
  const { life } = change(turn, name, { wanted: 'up', attempts: 0, crashes: [], quickHards: 0 });
  if (life.state === 'STOPPING') enter(turn, name, { ...life, next: 'start' });
  else if (life.state !== 'RUNNING' && life.state !== 'STARTING') start(turn, name, 'start.command', null);
};

const restart = (turn: Turn, name: string, kill: boolean): void => {
  const { life } = workerOf(turn, name);
  if (life.state === 'RUNNING' || life.state === 'STARTING' || life.state === 'STOPPING') {
    stopAll(turn, name, { rule: 'command.restart', kill, next: 'start' });
  } else {
    start(turn, name, 'start.command', null);
  }
};

const recycleNow = (turn: Turn, name: string, reason: string | null): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'RUNNING') return;
  const { incarnation } = worker.life;
  const why = openRecycle(turn, worker, incarnation, { rule: 'command', evidence: { kill: true }, reasonText: reason });
  const plan = planFor(turn, worker, true);
  turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan });
  enter(turn, name, { state: 'STOPPING', incarnation, next: 'start', why, until: stopDeadline(turn.now, plan) });
};

/** Stop every process of a worker, and end every wait for another start. */
const stopAll = (turn: Turn, name: string, how: { rule: string; kill: boolean; next: 'start' | 'rest' }): void => {
  const worker = change(turn, name, { pending: null, attempts: 0 });
  const { life } = worker;
  const plan = planFor(turn, worker, how.kill);
  const until = stopDeadline(turn.now, plan);
  if (how.kill) for (const old of worker.leaving) turn.effects.push({ type: 'stop', incarnation: old.id, plan });
  if (life.state === 'STOPPING') {
    if (how.kill) turn.effects.push({ type: 'stop', incarnation: life.incarnation.id, plan });
    enter(turn, name, { ...life, next: how.next });
    return;
  }
  if (life.state !== 'RUNNING' && life.state !== 'STARTING') {
    if (how.next === 'rest' && life.state !== 'STOPPED') {
      journal(turn, { action: 'stop', rule: how.rule, worker, evidence: { was: life.state } });
      enter(turn, name, { state: 'STOPPED' });
    }
    return;
  }
  const why = journal(turn, {
    action: 'stop',
    rule: how.rule,
    worker,
    incarnation: life.incarnation,
    evidence: { kill: how.kill },
  });
  if (life.state === 'STARTING') conclude(turn, life.incarnation.entry, false, 'stopped', {});
  turn.effects.push({ type: 'stop', incarnation: life.incarnation.id, plan });
  if (life.state === 'RUNNING' && life.swap !== null) {
    const { replacement } = life.swap;
    turn.effects.push({ type: 'stop', incarnation: replacement.id, plan });
    change(turn, name, { leaving: [...worker.leaving, leave(turn, worker, replacement, why)] });
  }
  enter(turn, name, { state: 'STOPPING', incarnation: life.incarnation, next: how.next, why, until });
};

const planFor = (turn: Turn, worker: WorkerState, kill: boolean): StopPlan => {
  const { plan } = policyOf(turn, worker);
  return kill ? { ...plan, quiesce: false, drainTimeoutMs: 0, stopTimeoutMs: 0, kill: 'now' } : plan;
};
