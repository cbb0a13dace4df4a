/**
 * The controller meets a shim: what the checkpoint says is compared with what lives. Living incarnations are adopted, never
 * doubled, never restarted; what is missing without a fact about its end was lost together with its shim.
 */
import { findIncarnation, incarnationsOf } from './find.ts';
import { concludeRecycle, noteGone } from './open-recycle.ts';
import { onSpawned, start } from './start.ts';
import { leave } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Attached, CoreEvent, Incarnation, WorkerState } from './types.ts';

type AttachedEvent = Extract<CoreEvent, { type: 'attached' }>;

export const onAttached = (turn: Turn, event: AttachedEvent): void => {
  turn.state.shim = 'attached';
  const entry = journal(turn, {
    action: 'attach',
    rule: 'attach',
    evidence: { shimPid: event.shimPid, incarnations: event.incarnations.length, ended: event.ended.length },
  });
  for (const living of event.incarnations) adopt(turn, living, entry);
  const known = new Set([...event.incarnations.map((living) => living.incarnation), ...event.ended]);
  for (const worker of Object.values(turn.state.workers)) {
    for (const incarnation of incarnationsOf(worker)) {
      if (!known.has(incarnation.id)) lost(turn, worker.name, incarnation, entry);
    }
  }
};

const adopt = (turn: Turn, living: Attached, cause: string): void => {
  const place = findIncarnation(turn.state, living.incarnation);
  if (place !== null) {
    if (place.incarnation.pid === null) onSpawned(turn, { ...living, at: living.spawnedAt, wall: living.spawnedWall });
    return;
  }
  const worker = turn.state.workers[living.worker];
  const incarnation: Incarnation = {
    id: living.incarnation,
    number: living.number,
    pid: living.pid,
    spawnedAt: living.spawnedAt,
    spawnedWall: living.spawnedWall,
    entry: cause,
  };
  if (worker === undefined) {
    const evidence = { name: living.worker };
    journal(turn, { action: 'stop', rule: 'adopt.notConfigured', incarnation, cause, evidence });
    turn.effects.push({ type: 'stop', incarnation: living.incarnation, plan: FORGOTTEN_PLAN });
    return;
  }
  change(turn, worker.name, { nextNumber: Math.max(worker.nextNumber, living.number + 1) });
  adoptFor(turn, worker.name, incarnation, living.stopping || living.role === 'replacement');
};

const FORGOTTEN_PLAN = {
  quiesce: false,
  drainTimeoutMs: 0,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 10_000,
  kill: 'afterTimeout',
} as const;

/** A process the checkpoint does not know: it becomes current if the worker has none, else it leaves. */
const adoptFor = (turn: Turn, name: string, incarnation: Incarnation, leaves: boolean): void => {
  const worker = workerOf(turn, name);
  const policy = policyOf(turn, worker);
  if (!leaves && !('incarnation' in worker.life)) {
    const entry = journal(turn, { action: 'adopt', rule: 'adopt', worker, incarnation, cause: incarnation.entry });
    const adopted = { ...incarnation, entry };
    const until = incarnation.spawnedAt + policy.secondsMs;
    if (until > turn.now) enter(turn, name, { state: 'STARTING', incarnation: adopted, until });
    else enter(turn, name, { state: 'RUNNING', incarnation: adopted, swap: null });
    return;
  }
  const why = journal(turn, { action: 'stop', rule: 'adopt.surplus', worker, incarnation, cause: incarnation.entry });
  turn.effects.push({ type: 'stop', incarnation: incarnation.id, plan: policy.plan });
  change(turn, name, { leaving: [...worker.leaving, leave(turn, worker, incarnation, why)] });
};

/** Gone with its shim (or never spawned by it): nobody knows how it ended, and it is nobody's fault. */
const lost = (turn: Turn, name: string, incarnation: Incarnation, cause: string): void => {
  const worker = workerOf(turn, name);
  conclude(turn, incarnation.entry, false, 'lost', { pid: incarnation.pid });
  noteGone(turn, name, {
    kind: 'exited',
    incarnation: incarnation.id,
    pid: incarnation.pid ?? 0,
    status: { code: null, signal: null },
    stop: null,
    lastSample: null,
    swept: 0,
  });
  const { life } = worker;
  if ('incarnation' in life && life.incarnation.id === incarnation.id) afterLoss(turn, worker, cause);
  else if (life.state === 'RUNNING' && life.swap?.replacement.id === incarnation.id)
    enter(turn, name, { ...life, swap: null });
  else change(turn, name, { leaving: worker.leaving.filter((old) => old.id !== incarnation.id) });
};

const afterLoss = (turn: Turn, worker: WorkerState, cause: string): void => {
  const { life, name } = worker;
  const rests =
    turn.state.mode === 'shuttingDown' ||
    worker.wanted === 'down' ||
    (life.state === 'STOPPING' && life.next === 'rest');
  enter(turn, name, { state: 'STOPPED' });
  if (!rests) start(turn, name, 'start.shimLost', cause);
  concludeRecycle(turn, name);
};
