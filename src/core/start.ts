/** From a wish to a running incarnation: start, spawned, spawnFailed, RUNNING. */
import { heldBy, hold, holdOf } from './after.ts';
import { sayIfNotConsuming, takesOverAt } from './consuming.ts';
import { rest, startFailed } from './failed.ts';
import { findIncarnation, openEntryOf } from './find.ts';
import { concludeRecycle, concludeStop } from './open-recycle.ts';
import { isUnready, notReady, replacementNotReady, upBy } from './ready.ts';
import { answerBy, memoryAllowsStart, needOf, spawn } from './spawn.ts';
import { stopStray, strayGone } from './strays.ts';
import { giveUpSwap, swapRoles } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, WorkerState } from './types.ts';

/**
 * Start the worker's current incarnation, unless it waits for another program (after.ts), or the host has no memory left for it: then
 * soon again. In a shutdown nothing starts.
 */
export const start = (turn: Turn, name: string, rule: string, cause: string | null, evidence: Evidence = {}): void => {
  if (turn.state.mode !== 'running') {
    rest(turn, name);
    return;
  }
  const unmet = heldBy(turn, name, rule);
  if (unmet !== null) {
    hold(turn, name, unmet, cause);
    return;
  }
  if (!memoryAllowsStart(turn, name)) {
    holdForMemory(turn, name, cause);
    return;
  }
  if (workerOf(turn, name).recycle === null) change(turn, name, { bornOf: null });
  const incarnation = spawn(turn, name, 'current', { rule, cause, evidence });
  enter(turn, name, { state: 'STARTING', incarnation, until: answerBy(turn, name) });
};

/** Start those whose programs are up by now; of the others, say what is new. */
export const startHeld = (turn: Turn): void => {
  if (turn.state.shim !== 'attached' || turn.state.mode !== 'running') return;
  for (const name of turn.held) {
    const worker = turn.state.workers[name];
    const held = worker === undefined ? null : holdOf(worker);
    if (held !== null) start(turn, name, 'start.after', held.entry, { after: held.program });
  }
};

const holdForMemory = (turn: Turn, name: string, cause: string | null): void => {
  const worker = workerOf(turn, name);
  const { availableBytes, reserveBytes } = turn.state;
  const held = worker.life.state === 'BACKOFF' && worker.life.why === 'host.reserve';
  if (!held)
    journal(turn, {
      action: 'hold',
      rule: 'host.reserve',
      worker,
      cause,
      evidence: { availableBytes, reserveBytes, needBytes: needOf(turn, name) },
      policy: policyOf(turn, worker).origins['host.reserve'] ?? null,
    });
  enter(turn, name, {
    state: 'BACKOFF',
    attempt: worker.attempts,
    why: 'host.reserve',
    verdict: 'start',
    until: turn.now + 1_000,
  });
  concludeRecycle(turn, name);
};

export const onSpawned = (turn: Turn, event: { incarnation: string; pid: number; at: number; wall: number }): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  if (place === null) {
    // A spawn that was taken for lost with its controller, and was not: nobody waits for it any more.
    stopStray(turn, event, 'spawn.unexpected');
    return;
  }
  const policy = policyOf(turn, place.worker);
  const incarnation = { ...place.incarnation, pid: event.pid, spawnedAt: event.at, spawnedWall: event.wall };
  const until = upBy(policy, incarnation);
  const { name, life } = place.worker;
  if (place.role === 'leaving') {
    change(turn, name, {
      leaving: place.worker.leaving.map((old) => (old.id === incarnation.id ? { ...old, ...incarnation } : old)),
    });
  } else if (place.role === 'replacement' && life.state === 'RUNNING') {
    enter(turn, name, {
      ...life,
      swap: { replacement: incarnation, until: policy.ready === null ? takesOverAt(policy, event.at) : until },
    });
  } else if (life.state === 'STARTING') {
    enter(turn, name, { ...life, incarnation, until });
    concludeRecycle(turn, name);
  } else if (life.state === 'STOPPING') {
    enter(turn, name, { ...life, incarnation });
  }
  if (until <= turn.now) onStartTimer(turn, name);
};

/** The shim could not start it (missing command, user, directory …): a failed start, except that a replacement just goes away. */
export const onSpawnFailed = (turn: Turn, event: { incarnation: string; field: string; text: string }): void => {
  const place = findIncarnation(turn.state, event.incarnation);
  const evidence: Evidence = { field: event.field, text: event.text };
  if (place === null) {
    strayGone(turn, event.incarnation, evidence);
    return;
  }
  const { name, life } = place.worker;
  if (place.role === 'leaving' || life.state === 'STOPPING') {
    concludeStop(turn, name, openEntryOf(place) ?? place.incarnation.entry, evidence);
  } else {
    conclude(turn, place.incarnation.entry, false, 'spawn.failed', evidence);
  }
  if (place.role === 'leaving') {
    change(turn, name, { leaving: place.worker.leaving.filter((old) => old.id !== event.incarnation) });
  } else if (place.role === 'replacement') {
    giveUpSwap(turn, name, 'spawn.failed', evidence);
  } else if (life.state === 'STOPPING') {
    enter(turn, name, { state: 'STOPPED' });
    if (life.next === 'rest') concludeRecycle(turn, name);
    else start(turn, name, 'start.again', life.why);
  } else {
    startFailed(turn, name, place.incarnation.entry, { rule: 'spawn.failed', evidence });
  }
};

/** The deadline of STARTING, or of a replacement, has passed: it stayed up for start.seconds. */
export const onStartTimer = (turn: Turn, name: string): void => {
  const worker = workerOf(turn, name);
  const { life } = worker;
  const policy = policyOf(turn, worker);
  if (life.state === 'RUNNING' && life.swap !== null && life.swap.until <= turn.now) {
    if (life.swap.replacement.pid === null) waitLonger(turn, worker, life.swap.replacement);
    else if (isUnready(policy, life.swap.replacement)) replacementNotReady(turn, name, life.swap.replacement);
    else {
      sayIfNotConsuming(turn, worker, life.swap.replacement);
      swapRoles(turn, name);
    }
  } else if (life.state === 'STARTING' && life.until <= turn.now) {
    if (life.incarnation.pid === null) waitLonger(turn, worker, life.incarnation);
    else if (isUnready(policy, life.incarnation)) notReady(turn, name, life.incarnation);
    else becomeRunning(turn, name, life.incarnation);
  }
};

/** No answer to a spawn: starting a second one could double the worker, so keep waiting, and say so. */
const waitLonger = (turn: Turn, worker: WorkerState, incarnation: Incarnation): void => {
  const until = answerBy(turn, worker.name);
  journal(turn, {
    action: 'warn',
    rule: 'spawn.unanswered',
    worker,
    incarnation,
    cause: incarnation.entry,
    evidence: { waitedMs: until - turn.now },
  });
  if (worker.life.state === 'STARTING') enter(turn, worker.name, { ...worker.life, until });
  else if (worker.life.state === 'RUNNING')
    enter(turn, worker.name, { ...worker.life, swap: { replacement: incarnation, until } });
};

/** It stayed up for start.seconds, and is ready. */
export const becomeRunning = (turn: Turn, name: string, incarnation: Incarnation): void => {
  enter(turn, name, { state: 'RUNNING', incarnation, swap: null });
  change(turn, name, { attempts: 0, failedRolls: 0 });
  conclude(turn, incarnation.entry, true, 'running', {
    pid: incarnation.pid,
    afterMs: Math.round(turn.now - incarnation.spawnedAt),
  });
};
