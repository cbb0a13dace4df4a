/**
 * A configuration is applied: workers that are new appear, workers that are gone are stopped and forgotten. Processes that are made of
 * something else than it says are not touched here: they are rolled (roll.ts).
 */
import { findIncarnation, incarnationsOf, openEntryOf } from './find.ts';
import { stillFutile } from './futile.ts';
import { CHANGED } from './request.ts';
import { AT_REST } from './rest.ts';
import { start } from './start.ts';
import { retireNumbers, stopStray } from './strays.ts';
import { change, conclude, enter, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, ProgramPolicy, WorkerState } from './types.ts';

type ConfigEvent = Extract<CoreEvent, { type: 'config' }>;

export const onConfig = (turn: Turn, event: ConfigEvent): void => {
  const configured = new Set(event.programs.flatMap((program) => program.workers));
  for (const worker of Object.values(turn.state.workers)) {
    if (!configured.has(worker.name)) dropWorker(turn, worker);
  }
  const before = turn.state.programs;
  turn.changes = event.changes ?? {};
  turn.state.futile = stillFutile(turn.state, event.programs);
  turn.state.programs = Object.fromEntries(event.programs.map((program) => [program.name, program]));
  turn.state.hostMaxConcurrent = event.hostMaxConcurrent;
  turn.state.reserveBytes = event.reserveBytes;
  forgetBrokers(turn, event.programs);
  const known = turn.state.workers;
  turn.state.workers = {};
  for (const program of event.programs) {
    for (const name of program.workers) {
      const worker = known[name];
      turn.state.workers[name] = worker === undefined ? newWorker(turn, name, program) : renewed(worker, program);
      turn.touched.add(name);
      if (worker !== undefined) anotherChance(turn, name, { was: before[worker.program], is: program });
    }
  }
  const stopped = Object.entries(turn.state.stopped).filter(([name]) => configured.has(name));
  turn.state.stopped = Object.fromEntries(stopped);
};

/** What was found out about the old configuration says nothing about the new one. */
const renewed = (worker: WorkerState, program: ProgramPolicy): WorkerState => ({
  ...worker,
  program: program.name,
  failedRolls: 0,
  oomRefused: false,
  pending: worker.pending?.rule === CHANGED ? null : worker.pending,
});

/** A worker that was given up, or waits after failures, is started as it is now: what failed was another command. */
const anotherChance = (
  turn: Turn,
  name: string,
  { was, is }: { was: ProgramPolicy | undefined; is: ProgramPolicy },
): void => {
  const worker = turn.state.workers[name];
  if (worker === undefined || was === undefined) return;
  const isFree = worker.life.state === 'STOPPED' && turn.state.stopped[name] === undefined;
  if (!was.auto && is.auto && isFree) change(turn, name, { wanted: 'up' });
  if (worker.wanted === 'down' || startsAlike(name, was, is)) return;
  const { life } = worker;
  if (life.state === 'FATAL') {
    change(turn, name, { attempts: 0, crashes: [] });
    enter(turn, name, { state: 'STOPPED' });
    if (canStart(turn)) start(turn, name, 'start.changed', null);
  } else if (life.state === 'BACKOFF' && FAILURES.has(life.why)) {
    change(turn, name, { attempts: 0, crashes: [] });
    enter(turn, name, { ...life, attempt: 0, verdict: 'start', until: turn.now });
  }
};

/** Why a worker is in BACKOFF, where another configuration may help. */
const FAILURES = new Set(['spawn.failed', 'exit.tooQuick', 'exit.crashed', 'fatal.retries', 'fatal.crashLoop']);

const startsAlike = (name: string, was: ProgramPolicy, is: ProgramPolicy): boolean => {
  const manner = (policy: ProgramPolicy): string => {
    const { secondsMs, retries, backoffMinMs, backoffMaxMs, exitCodes } = policy;
    return JSON.stringify([policy.specs[name], secondsMs, retries, backoffMinMs, backoffMaxMs, exitCodes]);
  };
  return manner(was) === manner(is);
};

/** A broker that nobody names any more is not asked either; what is known of it would be held against a namesake. */
const forgetBrokers = (turn: Turn, programs: readonly ProgramPolicy[]): void => {
  const named = new Set(programs.map(({ broker }) => broker));
  const brokers = Object.entries(turn.state.brokers).filter(([broker]) => named.has(broker));
  turn.state.brokers = Object.fromEntries(brokers);
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

const newWorker = (turn: Turn, name: string, program: ProgramPolicy): WorkerState => ({
  name,
  program: program.name,
  wanted: program.auto && turn.state.stopped[name] === undefined ? 'up' : 'down',
  nextNumber: turn.state.retiredNumbers[name] ?? 1,
  ...AT_REST,
});

const canStart = ({ state }: Turn): boolean => state.shim === 'attached' && state.mode === 'running';

/** Start what is wanted and rests; after a configuration and after an attach. */
export const startWanted = (turn: Turn): void => {
  if (!canStart(turn)) return;
  for (const worker of Object.values(turn.state.workers)) {
    if (worker.wanted === 'up' && worker.life.state === 'STOPPED') start(turn, worker.name, 'start.auto', null);
  }
};
