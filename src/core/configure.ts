/** A configuration is applied: workers that are new appear, workers that are gone are stopped and forgotten. */
import { findIncarnation, incarnationsOf, openEntryOf } from './find.ts';
import { AT_REST } from './rest.ts';
import { start } from './start.ts';
import { retireNumbers, stopStray } from './strays.ts';
import { conclude, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, ProgramPolicy, WorkerState } from './types.ts';

type ConfigEvent = Extract<CoreEvent, { type: 'config' }>;

export const onConfig = (turn: Turn, event: ConfigEvent): void => {
  const configured = new Set(event.programs.flatMap((program) => program.workers));
  for (const worker of Object.values(turn.state.workers)) {
    if (!configured.has(worker.name)) dropWorker(turn, worker);
  }
  turn.state.programs = Object.fromEntries(event.programs.map((program) => [program.name, program]));
  turn.state.hostMaxConcurrent = event.hostMaxConcurrent;
  turn.state.reserveBytes = event.reserveBytes;
  const workers: Record<string, WorkerState> = {};
  for (const program of event.programs) {
    for (const name of program.workers) {
      const known = turn.state.workers[name];
      workers[name] =
        known === undefined
          ? newWorker(name, program, turn.state.retiredNumbers[name] ?? 1)
          : { ...known, program: program.name, softTooLow: false };
    }
  }
  turn.state.workers = workers;
};

/** Its processes become strays; they are stopped by the plan of the program they had. */
const dropWorker = (turn: Turn, worker: WorkerState): void => {
  const { plan } = policyOf(turn, worker);
  const open = new Set<string>();
  if (worker.recycle !== null) open.add(worker.recycle.entry);
  for (const incarnation of incarnationsOf(worker)) {
    const place = findIncarnation(turn.state, incarnation.id);
    const entry = place === null ? null : openEntryOf(place);
    if (entry !== null) open.add(entry);
    stopStray(turn, { incarnation: incarnation.id, pid: incarnation.pid }, 'config.removed', { plan });
  }
  for (const entry of open) conclude(turn, entry, false, 'overtaken', { by: 'config.removed' });
  const { [worker.name]: _gone, ...others } = turn.state.workers;
  turn.state.workers = others;
  turn.waiting.delete(worker.name);
  retireNumbers(turn, worker.name, worker.nextNumber);
};

const newWorker = (name: string, program: ProgramPolicy, nextNumber: number): WorkerState => ({
  name,
  program: program.name,
  wanted: program.auto ? 'up' : 'down',
  nextNumber,
  ...AT_REST,
});

/** Start what is wanted and rests; after a configuration and after an attach. */
export const startWanted = (turn: Turn): void => {
  if (turn.state.shim !== 'attached' || turn.state.mode !== 'running') return;
  for (const worker of Object.values(turn.state.workers)) {
    if (worker.wanted === 'up' && worker.life.state === 'STOPPED') start(turn, worker.name, 'start.auto', null);
  }
};
