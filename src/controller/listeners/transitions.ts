/**
 * What supervisord would say of a step of the core: for each worker the way from the state before to the state after, in its words.
 * A step may skip states that listeners wait for (a process that ended and was started again at once); they are filled in, from what
 * the journal says of it. Pure.
 *
 * An exchange of roles (a recycle with overlap) reads as a stop and a start. A wait that follows an exit is told as BACKOFF from
 * EXITED, and a crash loop that is given up as FATAL from EXITED: supervisord has neither.
 */
import type { CoreState, Effect, Life, WorkerState } from '../../core/types.ts';

type StateName = Life['state'];

export type Change = { worker: string; program: string; from: StateName } & (
  | { to: 'STARTING' | 'BACKOFF'; tries: number }
  | { to: 'RUNNING' | 'STOPPING' | 'STOPPED'; pid: number | null }
  | { to: 'EXITED'; pid: number | null; expected: boolean }
  | { to: 'FATAL' }
);

type Next = Change extends infer One ? (One extends Change ? Omit<One, 'worker' | 'program' | 'from'> : never) : never;

export const transitions = (
  before: CoreState['workers'],
  after: CoreState['workers'],
  effects: readonly Effect[],
): Change[] => {
  const exits = exitsIn(effects);
  const changes: Change[] = [];
  for (const worker of Object.values(after)) {
    const was = before[worker.name];
    if (was !== worker) changes.push(...changesOf(was ?? null, worker, exits.get(worker.name) ?? null));
  }
  for (const worker of Object.values(before)) {
    if (after[worker.name] === undefined) changes.push(...leave(worker));
  }
  return changes;
};

/** By worker: whether an exit that nobody ordered was expected. */
const exitsIn = (effects: readonly Effect[]): Map<string, boolean> => {
  const exits = new Map<string, boolean>();
  for (const effect of effects) {
    if (effect.type !== 'journal' || effect.entry.worker === null) continue;
    const { rule, worker } = effect.entry;
    if (rule === 'exit.expected' || rule === 'exit.unexpected') exits.set(worker, rule === 'exit.expected');
  }
  return exits;
};

class Path {
  readonly changes: Change[] = [];
  readonly #worker: WorkerState;
  #at: StateName;

  constructor(worker: WorkerState, from: StateName) {
    this.#worker = worker;
    this.#at = from;
  }

  get at(): StateName {
    return this.#at;
  }

  to(next: Next): void {
    this.changes.push({ worker: this.#worker.name, program: this.#worker.program, from: this.#at, ...next });
    this.#at = next.to;
  }
}

const pidOf = (life: Life): number | null => ('incarnation' in life ? life.incarnation.pid : null);

const idOf = (life: Life): string | null => ('incarnation' in life ? life.incarnation.id : null);

const changesOf = (was: WorkerState | null, worker: WorkerState, exit: boolean | null): Change[] => {
  const before: Life = was?.life ?? { state: 'STOPPED' };
  const { life } = worker;
  if (before.state === life.state && idOf(before) === idOf(life)) return [];
  const path = new Path(worker, before.state);
  const isOver = idOf(before) !== null && idOf(before) !== idOf(life);
  if (isOver) end(path, before, { next: life, exit, tries: (was?.attempts ?? 0) + 1 });
  arrive(path, worker);
  return path.changes;
};

/** The process of `before` is the worker's no more. */
const end = (path: Path, before: Life, how: { next: Life; exit: boolean | null; tries: number }): void => {
  const pid = pidOf(before);
  const { next, exit, tries } = how;
  if (exit !== null) path.to({ to: 'EXITED', pid, expected: exit });
  else if (before.state === 'STARTING' && next.state === 'FATAL') path.to({ to: 'BACKOFF', tries });
  else if (before.state !== 'STARTING' || next.state !== 'BACKOFF') {
    if (path.at !== 'STOPPING') path.to({ to: 'STOPPING', pid });
    path.to({ to: 'STOPPED', pid });
  }
};

/** From wherever the path has come to the state that the worker is in now. */
const arrive = (path: Path, worker: WorkerState): void => {
  const { life } = worker;
  const pid = pidOf(life);
  switch (life.state) {
    case 'STARTING':
      path.to({ to: 'STARTING', tries: worker.attempts });
      return;
    case 'RUNNING':
      if (path.at !== 'STARTING') path.to({ to: 'STARTING', tries: worker.attempts });
      path.to({ to: 'RUNNING', pid });
      return;
    case 'STOPPING':
      if (path.at !== 'STARTING' && path.at !== 'RUNNING') path.to({ to: 'STARTING', tries: worker.attempts });
      path.to({ to: 'STOPPING', pid });
      return;
    case 'BACKOFF':
      path.to({ to: 'BACKOFF', tries: life.attempt });
      return;
    case 'STOPPED':
      if (path.at !== 'STOPPED') path.to({ to: 'STOPPED', pid: null });
      return;
    case 'EXITED':
      if (path.at !== 'EXITED') path.to({ to: 'EXITED', pid: null, expected: true });
      return;
    case 'FATAL':
      path.to({ to: 'FATAL' });
  }
};

/** It is in workers.yaml no more; nobody hears of it again. */
const leave = (worker: WorkerState): Change[] => {
  const path = new Path(worker, worker.life.state);
  if ('incarnation' in worker.life && worker.life.state !== 'STOPPING')
    path.to({ to: 'STOPPING', pid: pidOf(worker.life) });
  return path.changes;
};
