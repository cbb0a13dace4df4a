/**
 * The controller meets a shim: what the checkpoint says is compared with what lives. Living incarnations are adopted, never
 * doubled, never restarted; what is missing without a fact about its end was lost together with its shim.
 */
import { amend } from './amend.ts';
import { findIncarnation, incarnationsOf, openEntryOf } from './find.ts';
import { concludeRecycle, noteGone } from './open-recycle.ts';
import { isUnready, upBy } from './ready.ts';
import { onSpawned, start } from './start.ts';
import { stopAgain } from './stop-again.ts';
import { stopStray, strayGone } from './strays.ts';
import { giveUpSwap, leave, promoteReplacement } from './swap.ts';
import { arm, change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
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
  for (const found of event.incarnations) adopt(turn, found, entry);
  for (const id of event.untold) stopUnheard(turn, id);
  const living = event.incarnations.map(({ incarnation }) => incarnation);
  const known = new Set([...living, ...event.ended, ...event.untold, ...(event.elsewhere ?? [])]);
  for (const worker of Object.values(turn.state.workers)) {
    // Current last: what would take its place must be known to be gone by then.
    for (const incarnation of incarnationsOf(worker).toReversed()) {
      if (!known.has(incarnation.id)) lost(turn, worker.name, incarnation.id, entry);
    }
  }
  for (const id of Object.keys(turn.state.strays)) if (!known.has(id)) strayGone(turn, id, { pid: null });
  // The timers of an earlier controller ended with it.
  for (const name of Object.keys(turn.state.workers)) arm(turn, name);
};

const adopt = (turn: Turn, living: Attached, cause: string): void => {
  const place = findIncarnation(turn.state, living.incarnation);
  if (place !== null) {
    if (living.scoreAdj !== undefined) amend(turn, living.incarnation, { scoreAdj: living.scoreAdj });
    if (place.incarnation.pid === null) onSpawned(turn, { ...living, at: living.spawnedAt, wall: living.spawnedWall });
    if (!living.stopping) stopUnheard(turn, living.incarnation);
    return;
  }
  const worker = turn.state.workers[living.worker];
  const stray = turn.state.strays[living.incarnation] !== undefined;
  if (stray && living.stopping) return;
  if (stray || worker === undefined) {
    stopStray(turn, living, worker === undefined ? 'adopt.notConfigured' : 'adopt.stopUnheard', { cause });
    return;
  }
  change(turn, worker.name, { nextNumber: Math.max(worker.nextNumber, living.number + 1) });
  adoptFor(turn, worker.name, { ...living, id: living.incarnation, entry: cause });
};

/** It should be stopping and is not: the order was lost with the controller that had written it down. */
const stopUnheard = (turn: Turn, id: string): void => {
  const place = findIncarnation(turn.state, id);
  if (place === null || !(place.role === 'leaving' || place.worker.life.state === 'STOPPING')) return;
  stopAgain(turn, id, 'adopt.stopUnheard', policyOf(turn, place.worker).plan);
};

/** A process the checkpoint does not know: it becomes current if the worker has none, else it leaves. */
const adoptFor = (turn: Turn, name: string, living: Attached & { id: string; entry: string }): void => {
  const worker = workerOf(turn, name);
  const policy = policyOf(turn, worker);
  const { id, number, pid, spawnedAt, spawnedWall, spec, entry: cause } = living;
  const unwelcome = living.stopping || living.role === 'replacement' || turn.state.mode === 'shuttingDown';
  if (unwelcome || 'incarnation' in worker.life) {
    const why = journal(turn, { action: 'stop', rule: 'adopt.surplus', worker, incarnation: living, cause });
    const old = leave(turn, worker, { id, number, pid, spawnedAt, spawnedWall, entry: cause }, why);
    turn.effects.push({ type: 'stop', incarnation: id, plan: policy.plan });
    change(turn, name, { leaving: [...worker.leaving, old] });
    arm(turn, name);
    return;
  }
  const entry = journal(turn, { action: 'adopt', rule: 'adopt', worker, incarnation: living, cause });
  const known: Incarnation = { id, number, pid, spawnedAt, spawnedWall, entry, spec };
  if (living.scoreAdj !== undefined) known.scoreAdj = living.scoreAdj;
  const incarnation = living.ready ? { ...known, readyAt: turn.now } : known;
  const until = upBy(policy, incarnation);
  if (until > turn.now || isUnready(policy, incarnation)) enter(turn, name, { state: 'STARTING', incarnation, until });
  else enter(turn, name, { state: 'RUNNING', incarnation, swap: null });
};

/** Gone with its shim (or never spawned by it): nobody knows how it ended, and it is nobody's fault. */
const lost = (turn: Turn, name: string, id: string, cause: string): void => {
  const place = findIncarnation(turn.state, id);
  if (place === null) return;
  const open = openEntryOf(place);
  const { pid } = place.incarnation;
  if (open !== null && open !== place.worker.recycle?.entry) conclude(turn, open, false, 'lost', { pid });
  if (place.role === 'current') afterLoss(turn, place.worker, cause);
  else if (place.role === 'replacement') giveUpSwap(turn, name, 'replacement.lost', { pid });
  else change(turn, name, { leaving: place.worker.leaving.filter((old) => old.id !== id) });
  const status = { code: null, signal: null };
  noteGone(turn, name, {
    kind: 'exited',
    incarnation: id,
    pid: pid ?? 0,
    spawnedAt: turn.now,
    spawnedWall: 0,
    status,
    stop: null,
    lastSample: null,
    gate: null,
    swept: 0,
  });
  concludeRecycle(turn, name);
};

const afterLoss = (turn: Turn, worker: WorkerState, cause: string): void => {
  const { life, name } = worker;
  if (promoteReplacement(turn, name, null)) return;
  const rests =
    turn.state.mode === 'shuttingDown' ||
    worker.wanted === 'down' ||
    (life.state === 'STOPPING' && life.next === 'rest');
  enter(turn, name, { state: 'STOPPED' });
  if (!rests) start(turn, name, 'start.shimLost', cause);
};
