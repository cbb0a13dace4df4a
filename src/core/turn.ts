/**
 * One turn of the core: the state being built and the effects ordered so far. Mutable inside a step, invisible outside of it:
 * `step` starts a turn from a state it never changes and hands out the result.
 */
import type { Origin } from '../config/types.ts';
import type { CoreState, Effect, EntryDraft, Evidence, Life, ProgramPolicy, WorkerState } from './types.ts';

export interface Turn {
  now: number;
  random: number;
  state: CoreState;
  effects: Effect[];
  /** Names of the workers whose recycle waits for its turn: few, so that not every event asks every worker. */
  readonly waiting: Set<string>;
  /** Names of the workers that something happened to: only they can have come to need another process (roll.ts). */
  readonly touched: Set<string>;
  /** What a configuration of this turn changed (CoreEvent, `config`). */
  changes: Record<string, string[]>;
  /** Names of the workers that wait for other programs (after.ts). */
  readonly held: Set<string>;
}

export const beginTurn = (state: CoreState): Turn => {
  const workers: Record<string, WorkerState> = {};
  const waiting = new Set<string>();
  const held = new Set<string>();
  for (const [name, worker] of Object.entries(state.workers)) {
    workers[name] = worker;
    if (worker.pending !== null) waiting.add(name);
    if (isHeld(worker)) held.add(name);
  }
  const copy = { ...state, workers, journal: { ...state.journal } };
  return { now: 0, random: 0, state: copy, effects: [], waiting, held, touched: new Set(), changes: {} };
};

const isHeld = ({ life }: WorkerState): boolean => life.state === 'STOPPED' && life.hold !== undefined;

/** The worker as this turn sees it. Throws on a name the configuration does not have: that is a bug in the caller. */
export const workerOf = (turn: Turn, name: string): WorkerState => {
  const worker = turn.state.workers[name];
  if (worker === undefined) throw new Error(`no worker named ${name}`);
  return worker;
};

export const policyOf = (turn: Turn, worker: WorkerState): ProgramPolicy => {
  const policy = turn.state.programs[worker.program];
  if (policy === undefined) throw new Error(`no program named ${worker.program}`);
  return policy;
};

/** Change some fields of a worker and return what it is now. */
export const change = (turn: Turn, name: string, fields: Partial<WorkerState>): WorkerState => {
  const next = { ...workerOf(turn, name), ...fields };
  turn.state.workers[name] = next;
  turn.touched.add(name);
  if (next.pending === null) turn.waiting.delete(name);
  else turn.waiting.add(name);
  if (isHeld(next)) turn.held.add(name);
  else turn.held.delete(name);
  return next;
};

/** Change a worker's life; a state that waits arms the worker's timer with its own deadline. */
export const enter = (turn: Turn, name: string, life: Life): WorkerState => {
  change(turn, name, { life });
  return arm(turn, name);
};

/** Arm the worker's one timer with its earliest deadline. */
export const arm = (turn: Turn, name: string): WorkerState => {
  const worker = workerOf(turn, name);
  const at = deadlineOf(worker);
  if (at !== null) turn.effects.push({ type: 'timer', worker: name, at });
  return worker;
};

/** The earliest moment at which this worker has something to do by itself. */
export const deadlineOf = (worker: WorkerState): number | null => {
  const ends = worker.leaving.map((old) => old.until);
  if ('until' in worker.life) ends.push(worker.life.until);
  if (worker.life.state === 'RUNNING' && worker.life.swap !== null) ends.push(worker.life.swap.until);
  if (worker.pending?.notBefore !== undefined) ends.push(worker.pending.notBefore);
  return ends.length === 0 ? null : Math.min(...ends);
};

export interface Note {
  action: EntryDraft['action'];
  rule: string;
  worker?: WorkerState;
  incarnation?: { number: number; pid: number | null } | null;
  cause?: string | null;
  evidence?: Evidence;
  text?: string | null;
  policy?: Origin | null;
}

/** Write an intent to the journal; returns the id of the entry, for its outcome and for what it causes. */
export const journal = (turn: Turn, note: Note): string => {
  const id = `${turn.state.journal.prefix}-${turn.state.journal.next}`;
  turn.state.journal.next += 1;
  turn.effects.push({
    type: 'journal',
    entry: {
      id,
      action: note.action,
      worker: note.worker?.name ?? null,
      program: note.worker?.program ?? null,
      pid: note.incarnation?.pid ?? null,
      incarnation: note.incarnation?.number ?? null,
      cause: note.cause ?? null,
      rule: note.rule,
      evidence: note.evidence ?? {},
      text: note.text ?? null,
      policy: note.policy ?? null,
    },
  });
  return id;
};

/** Close an entry: what it led to. */
export const conclude = (turn: Turn, of: string, ok: boolean, rule: string, evidence: Evidence = {}): void => {
  turn.effects.push({ type: 'outcome', outcome: { of, ok, rule, evidence } });
};
