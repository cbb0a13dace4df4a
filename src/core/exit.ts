/** A process ended: what that means depends on where its incarnation stood. */
import type { FactBody } from '../shim/protocol.ts';
import { addCrash, afterCrash } from './backoff.ts';
import { excusedByBroker, giveUp, rest, startFailed, wait } from './failed.ts';
import { findIncarnation, openEntryOf } from './find.ts';
import { concludeRecycle, concludeStop, goneEvidence, noteGone } from './open-recycle.ts';
import { isUnready } from './ready.ts';
import { becomeRunning, onSpawned, start } from './start.ts';
import { strayGone } from './strays.ts';
import { giveUpSwap, promoteReplacement } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, ProgramPolicy, WorkerState } from './types.ts';

/** `at`: when the shim learned of it (FactHeader); absent where nobody did. */
type Exited = Extract<FactBody, { kind: 'exited' }> & { at?: number };

export const onExited = (turn: Turn, fact: Exited): void => {
  heardOfSpawn(turn, fact);
  const place = findIncarnation(turn.state, fact.incarnation);
  if (place === null) {
    strayGone(turn, fact.incarnation, goneEvidence(turn, fact));
    return;
  }
  const { worker } = place;
  if (place.role === 'leaving') {
    change(turn, worker.name, { leaving: worker.leaving.filter((old) => old.id !== fact.incarnation) });
    concludeStop(turn, worker.name, openEntryOf(place) ?? place.incarnation.entry, goneEvidence(turn, fact));
    noteGone(turn, worker.name, fact);
    startIfHeldForMemory(turn, worker.name);
  } else if (place.role === 'replacement') {
    conclude(turn, place.incarnation.entry, false, 'exited', exitEvidence(turn, fact, place.incarnation));
    giveUpSwap(turn, worker.name, 'replacement.exited', exitEvidence(turn, fact, place.incarnation));
  } else {
    if (stayedUp(turn, worker, fact)) becomeRunning(turn, worker.name, place.incarnation);
    currentExited(turn, workerOf(turn, worker.name), place.incarnation, fact);
  }
};

/** Its time to prove itself was over when it ended, and the timer that says so is late: a busy controller hears of both at once. */
const stayedUp = (turn: Turn, worker: WorkerState, { at = -Infinity }: Exited): boolean =>
  worker.life.state === 'STARTING' &&
  worker.life.incarnation.pid !== null &&
  worker.life.until <= at &&
  !isUnready(policyOf(turn, worker), worker.life.incarnation);

/** An exit of which only the order to spawn is known: a checkpoint older than the spawn. Then it was spawned first. */
const heardOfSpawn = (turn: Turn, fact: Exited): void => {
  if (findIncarnation(turn.state, fact.incarnation)?.incarnation.pid !== null) return;
  onSpawned(turn, { incarnation: fact.incarnation, pid: fact.pid, at: fact.spawnedAt, wall: fact.spawnedWall });
};

const currentExited = (turn: Turn, worker: WorkerState, incarnation: Incarnation, fact: Exited): void => {
  const { name, life } = worker;
  if (life.state === 'STOPPING') {
    concludeStop(turn, name, life.why, goneEvidence(turn, fact));
    noteGone(turn, name, fact);
    if (life.next === 'start') start(turn, name, 'start.again', life.why);
    else if (life.next === 'failed') {
      const evidence = { check: policyOf(turn, worker).ready?.shown ?? null };
      startFailed(turn, name, life.why, { rule: 'ready.timeout', evidence });
    } else {
      enter(turn, name, { state: 'STOPPED' });
      concludeRecycle(turn, name);
    }
    return;
  }
  if (fact.stop?.by === 'shim') {
    takenAlong(turn, worker, incarnation, fact);
    return;
  }
  const policy = policyOf(turn, worker);
  const evidence = exitEvidence(turn, fact, incarnation);
  if (life.state === 'STARTING') {
    conclude(turn, incarnation.entry, false, 'exited', evidence);
    const entry = journal(turn, {
      action: 'exit',
      rule: 'exit.tooQuick',
      worker,
      incarnation,
      cause: incarnation.entry,
      evidence,
    });
    noteGone(turn, name, fact);
    startFailed(turn, name, entry, { rule: 'exit.tooQuick', evidence });
    return;
  }
  const expected = isExpected(policy, fact);
  const rule = expected ? 'exit.expected' : 'exit.unexpected';
  const entry = journal(turn, { action: 'exit', rule, worker, incarnation, cause: incarnation.entry, evidence });
  if (promoteReplacement(turn, name, fact)) return;
  afterExit(turn, name, entry, { expected, evidence, fact });
};

/** A shim that was told to end took it along: nobody's fault, and only the next shim can start it again (startWanted, at its attach). */
const takenAlong = (turn: Turn, worker: WorkerState, incarnation: Incarnation, fact: Exited): void => {
  const { name } = worker;
  const evidence = exitEvidence(turn, fact, incarnation);
  if (worker.life.state === 'STARTING') conclude(turn, incarnation.entry, false, 'exited', evidence);
  journal(turn, { action: 'exit', rule: 'exit.shimEnded', worker, incarnation, cause: incarnation.entry, evidence });
  if (promoteReplacement(turn, name, fact)) return;
  enter(turn, name, { state: 'STOPPED' });
  change(turn, name, { restarts: worker.restarts + 1 });
  noteGone(turn, name, fact);
  concludeRecycle(turn, name);
};

const afterExit = (
  turn: Turn,
  name: string,
  entry: string,
  exit: { expected: boolean; evidence: Evidence; fact: Exited },
): void => {
  const worker = workerOf(turn, name);
  if (turn.state.mode !== 'running') {
    rest(turn, name);
    return;
  }
  const { restart } = policyOf(turn, worker);
  if (restart === 'never' || (restart === 'unexpected' && exit.expected)) {
    enter(turn, name, { state: 'EXITED', status: exit.fact.status });
  } else if (exit.expected) {
    change(turn, name, { restarts: worker.restarts + 1 });
    start(turn, name, 'start.afterExit', entry);
  } else {
    crashed(turn, name, entry, exit.evidence);
  }
};

/** An exit after RUNNING that nobody ordered and the configuration does not call expected. */
const crashed = (turn: Turn, name: string, cause: string, evidence: Evidence): void => {
  const worker = workerOf(turn, name);
  const policy = policyOf(turn, worker);
  const crashes = addCrash(policy, worker.crashes, turn.now);
  change(turn, name, { crashes });
  if (excusedByBroker(turn, name, cause)) return;
  const verdict = afterCrash(policy, crashes, turn.random);
  if (verdict.next === 'now') {
    change(turn, name, { restarts: worker.restarts + 1 });
    start(turn, name, 'start.afterExit', cause);
  } else if (verdict.next === 'give up') {
    giveUp(turn, name, cause, { rule: 'fatal.crashLoop', evidence: { ...evidence, crashes: crashes.length } });
  } else {
    wait(turn, name, cause, { rule: 'exit.crashed', delayMs: verdict.delayMs, attempt: crashes.length, evidence });
  }
};

const isExpected = (policy: ProgramPolicy, fact: Exited): boolean =>
  fact.status.code !== null && policy.exitCodes.includes(fact.status.code);

/** What to say of an exit: how, after how long, how large it was. */
const exitEvidence = (turn: Turn, fact: Exited, incarnation: Incarnation): Evidence => ({
  pid: fact.pid,
  code: fact.status.code,
  signal: fact.status.signal,
  ranMs: Math.max(0, Math.round(turn.now - incarnation.spawnedAt)),
  rssBytes: fact.lastSample?.rssBytes ?? null,
  swept: fact.swept,
});

/** A start that waited for memory need not wait longer once an old incarnation has given its memory back. */
const startIfHeldForMemory = (turn: Turn, name: string): void => {
  const { life } = workerOf(turn, name);
  if (life.state === 'BACKOFF' && life.why === 'host.reserve') enter(turn, name, { ...life, until: turn.now });
};
