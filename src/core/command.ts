/** What a person asks for. A command changes the wish; the life follows. `stop` always means stopped, whatever the state. */
import type { StopPlan } from '../shim/protocol.ts';
import { planFor, stopDeadline } from './deadlines.ts';
import { currentPid } from './find.ts';
import { requestRecycle } from './request.ts';
import { start } from './start.ts';
import { stopAgain } from './stop-again.ts';
import { UNKNOWN_PROGRAM_PLAN, stopStray } from './strays.ts';
import { leave } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, Stopped, WorkerState } from './types.ts';

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
      return currentPid(worker) === null ? `is ${state}, there is no process to signal` : null;
    case 'restart':
      return null;
  }
};

export const onCommand = (turn: Turn, event: CommandEvent): void => {
  if (event.verb === 'shutdown') beginShutdown(turn, event.kill);
  else if (event.verb !== 'stop' && turn.state.mode === 'shuttingDown') return;
  const names = event.verb === 'shutdown' ? Object.keys(turn.state.workers) : event.workers;
  for (const name of names) {
    if (turn.state.workers[name] !== undefined) apply(turn, name, event);
  }
};

const beginShutdown = (turn: Turn, kill: boolean): void => {
  turn.state.mode = 'shuttingDown';
  if (!kill) return;
  for (const id of Object.keys(turn.state.strays)) {
    stopStray(turn, { incarnation: id, pid: null }, 'command.shutdown', { plan: planFor(UNKNOWN_PROGRAM_PLAN, true) });
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
      turn.state.stopped = { ...turn.state.stopped, [name]: event.by ?? UNKNOWN_PERSON };
      stopAll(turn, name, { rule: 'command.stop', kill: event.kill, next: 'rest' });
      return;
    case 'shutdown':
      stopAll(turn, name, { rule: 'command.shutdown', kill: event.kill, next: 'rest' });
      return;
    case 'restart':
      wantUp(turn, name);
      restart(turn, name, event.kill);
      return;
    case 'recycle':
      requestRecycle(turn, name, {
        rule: 'command',
        reasonText: event.reason,
        evidence: event.kill ? { kill: true } : {},
        kill: event.kill,
      });
  }
};

const UNKNOWN_PERSON: Stopped = { who: null, wall: 0 };

/** What a person wants anew starts without the failures, and without the `stop`, of before. */
const wantUp = (turn: Turn, name: string): WorkerState => {
  const { [name]: _over, ...others } = turn.state.stopped;
  turn.state.stopped = others;
  return change(turn, name, { wanted: 'up', attempts: 0, crashes: [], quickHards: 0 });
};

const startByCommand = (turn: Turn, name: string): void => {
  const { life } = wantUp(turn, name);
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

/** Stop every process of a worker, and end every wait for another start. */
const stopAll = (turn: Turn, name: string, how: { rule: string; kill: boolean; next: 'start' | 'rest' }): void => {
  const worker = change(turn, name, { pending: null, attempts: 0 });
  const { life } = worker;
  const plan = planFor(policyOf(turn, worker).plan, how.kill);
  if (how.kill) for (const old of worker.leaving) stopAgain(turn, old.id, how.rule, plan);
  if (life.state === 'STOPPING') {
    if (how.kill) stopAgain(turn, life.incarnation.id, how.rule, plan);
    changeMind(turn, name, how);
  } else if (life.state === 'RUNNING' || life.state === 'STARTING') {
    stopRunning(turn, name, plan, how);
  } else if (how.next === 'rest' && life.state !== 'STOPPED') {
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
