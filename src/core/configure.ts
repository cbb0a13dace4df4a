/** A configuration is applied: workers that are new appear, workers that are gone are stopped and forgotten. */
import { incarnationsOf } from './find.ts';
import { start } from './start.ts';
import { journal } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, ProgramPolicy, WorkerState } from './types.ts';

type ConfigEvent = Extract<CoreEvent, { type: 'config' }>;

export const onConfig = (turn: Turn, event: ConfigEvent): void => {
  turn.state.programs = Object.fromEntries(event.programs.map((program) => [program.name, program]));
  turn.state.hostMaxConcurrent = event.hostMaxConcurrent;
  turn.state.reserveBytes = event.reserveBytes;
  const workers: Record<string, WorkerState> = {};
  for (const program of event.programs) {
    for (const name of program.workers) {
      const known = turn.state.workers[name];
      workers[name] =
        known === undefined ? newWorker(name, program) : { ...known, program: program.name, softTooLow: false };
    }
  }
  dropForgotten(turn, workers);
  turn.state.workers = workers;
};

const dropForgotten = (turn: Turn, workers: Record<string, WorkerState>): void => {
  for (const worker of Object.values(turn.state.workers)) {
    if (workers[worker.name] !== undefined) continue;
    const plan = turn.state.programs[worker.program]?.plan;
    for (const incarnation of incarnationsOf(worker)) {
      journal(turn, { action: 'stop', rule: 'config.removed', worker, incarnation });
      if (plan !== undefined) turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan });
    }
  }
};

const newWorker = (name: string, program: ProgramPolicy): WorkerState => ({
  name,
  program: program.name,
  wanted: program.auto ? 'up' : 'down',
  life: { state: 'STOPPED' },
  leaving: [],
  pending: null,
  recycle: null,
  nextNumber: 1,
  attempts: 0,
  crashes: [],
  quickHards: 0,
  softTooLow: false,
  bornOf: null,
  restarts: 0,
  recycles: 0,
});

/** Start what is wanted and rests; after a configuration and after an attach. */
export const startWanted = (turn: Turn): void => {
  if (turn.state.shim !== 'attached' || turn.state.mode !== 'running') return;
  for (const worker of Object.values(turn.state.workers)) {
    if (worker.wanted === 'up' && worker.life.state === 'STOPPED') start(turn, worker.name, 'start.auto', null);
  }
};
