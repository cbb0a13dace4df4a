/** What a person asks for. A command changes the wish; the life follows. `stop` always means stopped, whatever the state. */
import { currentPid } from './find.ts';
import { requestRecycle } from './request.ts';
import { shutdown } from './shutdown.ts';
import { start } from './start.ts';
import { stopAll } from './stop-all.ts';
import { change, enter, workerOf } from './turn.ts';
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
  const { verb, kill } = event;
  if (verb === 'shutdown') {
    shutdown(turn, kill);
    return;
  }
  if (verb !== 'stop' && turn.state.mode === 'shuttingDown') return;
  const names = event.workers.filter((name) => {
    const worker = turn.state.workers[name];
    return worker !== undefined && (refusal(worker, verb) === null || (verb === 'stop' && kill));
  });
  // All wishes first: one worker may wait for another of them (after.ts).
  const wanted = WISHES[verb];
  if (wanted !== null) for (const name of names) change(turn, name, { wanted });
  for (const name of names) apply(turn, name, verb, event);
};

const WISHES = { start: 'up', restart: 'up', stop: 'down', recycle: null } as const;

const apply = (turn: Turn, name: string, verb: Exclude<WorkerVerb, 'signal'>, event: CommandEvent): void => {
  switch (verb) {
    case 'start':
      startByCommand(turn, name);
      return;
    case 'stop':
      turn.state.stopped = { ...turn.state.stopped, [name]: event.by ?? UNKNOWN_PERSON };
      stopAll(turn, name, { rule: 'command.stop', kill: event.kill, next: 'rest' });
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
