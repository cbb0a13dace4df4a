/** The bookkeeping of a recycle under way: opened with its reason, closed when the old one is gone and the fate of the new one known. */
import type { FactBody } from '../shim/protocol.ts';
import { change, conclude, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, ProgramPolicy, WorkerState } from './types.ts';

type Exited = Extract<FactBody, { kind: 'exited' }>;

/** Write the recycle entry and remember that it is open. */
export const openRecycle = (
  turn: Turn,
  worker: WorkerState,
  incarnation: Incarnation,
  why: {
    rule: string;
    evidence: Evidence;
    reasonText?: string | null;
    hold?: string | null;
    cause?: string;
    policyKey?: string;
  },
): string => {
  const origins = policyOf(turn, worker).origins;
  const entry = journal(turn, {
    action: 'recycle',
    rule: why.rule,
    worker,
    incarnation,
    cause: why.hold ?? why.cause ?? incarnation.entry,
    evidence: why.evidence,
    text: why.reasonText ?? null,
    policy: originOf(origins, why.policyKey ?? why.rule),
  });
  change(turn, worker.name, {
    pending: null,
    bornOf: why.rule,
    recycles: worker.recycles + 1,
    recycle: { entry, rule: why.rule, from: incarnation.id, beganAt: turn.now, gone: null },
  });
  return entry;
};

/** A rule may be named like a map of workers.yaml (`memory.growth`): then its first line. */
const originOf = (origins: ProgramPolicy['origins'], key: string): ProgramPolicy['origins'][string] | null =>
  origins[key] ?? Object.entries(origins).find(([name]) => name.startsWith(`${key}.`))?.[1] ?? null;

/** Remember how the old incarnation of an open recycle ended. */
export const noteGone = (turn: Turn, name: string, fact: Exited): void => {
  const { recycle } = workerOf(turn, name);
  if (recycle === null || recycle.from !== fact.incarnation) return;
  change(turn, name, { recycle: { ...recycle, gone: goneEvidence(turn, fact) } });
  concludeRecycle(turn, name);
};

/** Close the recycle once the old incarnation is gone and it is known what became of the new one. */
export const concludeRecycle = (turn: Turn, name: string): void => {
  const { recycle, life } = workerOf(turn, name);
  if (recycle === null || recycle.gone === null) return;
  const next = successor(turn, life);
  if (next === null) return;
  conclude(turn, recycle.entry, true, 'recycled', { ...recycle.gone, ...next });
  change(turn, name, { recycle: null });
};

const successor = (turn: Turn, life: WorkerState['life']): Evidence | null => {
  if (life.state === 'STARTING' || life.state === 'RUNNING') {
    return life.incarnation.pid === null ? null : { replacedBy: life.incarnation.pid };
  }
  if (life.state === 'BACKOFF')
    return { replacedBy: null, startsInMs: Math.max(0, Math.round(life.until - turn.now)), because: life.why };
  if (life.state === 'STOPPING' && life.next !== 'rest') return null;
  return { replacedBy: null };
};

/** Close the entry that sent an incarnation away, unless it is the recycle itself: that one closes in concludeRecycle. */
export const concludeStop = (turn: Turn, name: string, why: string, evidence: Evidence): void => {
  if (workerOf(turn, name).recycle?.entry !== why) conclude(turn, why, true, 'stopped', evidence);
};

export const goneEvidence = (turn: Turn, fact: Exited): Evidence => ({
  pid: fact.pid,
  code: fact.status.code,
  ...drainEvidence(fact.stop),
  exitSignal: fact.status.signal,
  stopSignal: fact.stop?.signal ?? null,
  signalledWall: fact.stop?.signalledWall ?? null,
  tookMs: fact.stop === null ? null : Math.max(0, Math.round(turn.now - (fact.stop.signalledAt ?? fact.stop.beganAt))),
  killed: fact.stop !== null && fact.stop.killedAt !== null,
  killedAfterMs: fact.stop?.killedAt == null ? null : Math.round(fact.stop.killedAt - fact.stop.beganAt),
  swept: fact.swept,
});

/** How long the drain took and what went back to the queue: nothing unless a deadline passed. Null: no gate saw it. */
const drainEvidence = (stop: Exited['stop']): Evidence => ({
  drainMs: stop?.drainedAt == null ? null : Math.max(0, Math.round(stop.drainedAt - stop.beganAt)),
  unacknowledged: stop?.unacknowledged ?? null,
});
