/** Questions about the state that several parts of the core and the controller ask. */
import type { CoreState, Incarnation, WorkerState } from './types.ts';

export type Place =
  | { role: 'current'; worker: WorkerState; incarnation: Incarnation }
  | { role: 'replacement'; worker: WorkerState; incarnation: Incarnation }
  | { role: 'leaving'; worker: WorkerState; incarnation: Incarnation };

/** The worker a name such as `shop:2#17` belongs to. Worker names contain no `#` (the configuration checks that). */
export const workerNameOf = (incarnation: string): string => incarnation.slice(0, incarnation.lastIndexOf('#'));

/** The number in a name such as `shop:2#17`; 0 where there is none. */
export const numberOf = (incarnation: string): number =>
  Number.parseInt(incarnation.slice(incarnation.lastIndexOf('#') + 1), 10) || 0;

/** Where an incarnation stands; null if it is none of ours (any more), so that a late event can never hit a successor. */
export const findIncarnation = (state: CoreState, id: string): Place | null => {
  const worker = state.workers[workerNameOf(id)];
  if (worker === undefined) return null;
  const { life } = worker;
  if ('incarnation' in life && life.incarnation.id === id)
    return { role: 'current', worker, incarnation: life.incarnation };
  if (life.state === 'RUNNING' && life.swap?.replacement.id === id) {
    return { role: 'replacement', worker, incarnation: life.swap.replacement };
  }
  const old = worker.leaving.find((candidate) => candidate.id === id);
  return old === undefined ? null : { role: 'leaving', worker, incarnation: old };
};

/** Every process this worker has at this moment, the current one first. */
export const incarnationsOf = (worker: WorkerState): Incarnation[] => {
  const { life } = worker;
  const found: Incarnation[] = 'incarnation' in life ? [life.incarnation] : [];
  if (life.state === 'RUNNING' && life.swap !== null) found.push(life.swap.replacement);
  return [...found, ...worker.leaving];
};

/** The process of the current incarnation; null while there is none. */
export const currentPid = ({ life }: WorkerState): number | null =>
  'incarnation' in life ? life.incarnation.pid : null;

/** The journal entry that waits for what becomes of this incarnation; null for one that simply runs. */
export const openEntryOf = (place: Place): string | null => {
  const { role, worker, incarnation } = place;
  if (role === 'leaving') return worker.leaving.find((old) => old.id === incarnation.id)?.why ?? null;
  if (worker.life.state === 'STOPPING') return worker.life.why;
  return role === 'replacement' || worker.life.state === 'STARTING' ? incarnation.entry : null;
};

export const allGone = (state: CoreState): boolean =>
  Object.keys(state.strays).length === 0 &&
  Object.values(state.workers).every((worker) => incarnationsOf(worker).length === 0);

export const workersOf = (state: CoreState, program: string): WorkerState[] =>
  (state.programs[program]?.workers ?? []).flatMap((name) => state.workers[name] ?? []);
