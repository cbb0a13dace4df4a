/**
 * A shutdown stops everything at once, except that a program on which others stand (`after`) goes on until they are gone. Their own stops
 * have deadlines, so that wait ends too. A shutdown is about the processes: what a person wants of a worker outlives it.
 */
import { dependentsOf } from './after.ts';
import { planFor } from './deadlines.ts';
import { incarnationsOf } from './find.ts';
import { stopAll } from './stop-all.ts';
import { UNKNOWN_PROGRAM_PLAN, stopStray } from './strays.ts';
import { journal } from './turn.ts';
import type { Turn } from './turn.ts';
import type { WorkerState } from './types.ts';

/** @param kill `--now`: SIGKILL to everything, in no order. */
export const shutdown = (turn: Turn, kill: boolean): void => {
  const began = turn.state.mode === 'shuttingDown';
  turn.state.mode = 'shuttingDown';
  if (kill) killStrays(turn);
  const living = kill ? new Map<string, string[]>() : livingDependents(turn);
  for (const worker of Object.values(turn.state.workers)) {
    const before = living.get(worker.program) ?? [];
    if (before.length === 0 || !runs(worker))
      stopAll(turn, worker.name, { rule: 'command.shutdown', kill, next: 'rest' });
    else if (!began)
      journal(turn, { action: 'hold', rule: 'shutdown.after', worker, evidence: { before: before.join(', ') } });
  }
};

const runs = ({ life }: WorkerState): boolean => life.state === 'RUNNING' || life.state === 'STARTING';

const killStrays = (turn: Turn): void => {
  for (const id of Object.keys(turn.state.strays)) {
    stopStray(turn, { incarnation: id, pid: null }, 'command.shutdown', { plan: planFor(UNKNOWN_PROGRAM_PLAN, true) });
  }
};

/** In a shutdown, after every event: stop those whose last dependent is gone. */
export const stopFreed = (turn: Turn): void => {
  if (turn.state.mode !== 'shuttingDown') return;
  const waiting = Object.values(turn.state.workers).filter(runs);
  if (waiting.length === 0) return;
  const living = livingDependents(turn);
  for (const { name, program } of waiting) {
    if ((living.get(program) ?? []).length === 0)
      stopAll(turn, name, { rule: 'command.shutdown', kill: false, next: 'rest' });
  }
};

/** Each program that others stand on, with those of them that still have a process. */
const livingDependents = (turn: Turn): Map<string, string[]> => {
  const workers = Object.values(turn.state.workers);
  const alive = new Set(workers.filter((worker) => incarnationsOf(worker).length > 0).map(({ program }) => program));
  return new Map(
    [...dependentsOf(turn.state)].map(([on, names]) => [on, [...names].filter((name) => alive.has(name))]),
  );
};
