/**
 * The shim acted at a ceiling: the incarnation is being stopped (hard) or was killed (kill). Nothing is decided here about the old
 * process; what is decided is when its successor starts. At once, unless fresh workers keep passing the ceiling: then after a
 * growing delay, for ever (never FATAL: memory is contained each time).
 */
import type { FactBody } from '../shim/protocol.ts';
import { backoffDelay } from './backoff.ts';
import { QUICK_MS } from './deadlines.ts';
import { findIncarnation } from './find.ts';
import { showsFutility } from './futile.ts';
import { openRecycle } from './open-recycle.ts';
import { start } from './start.ts';
import { giveUpSwap, leave, promoteReplacement } from './swap.ts';
import { change, conclude, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation, WorkerState } from './types.ts';

type Crossing = Extract<FactBody, { kind: 'ceiling' }> & {
  /** What memory grew by for each acknowledged message; null where nobody counts them. */
  bytesPerMessage: number | null;
};

export const onCeiling = (turn: Turn, fact: Crossing): void => {
  const place = findIncarnation(turn.state, fact.incarnation);
  if (place === null) return;
  const { worker, incarnation } = place;
  const { life, name } = worker;
  if (place.role === 'current' && (life.state === 'RUNNING' || life.state === 'STARTING')) {
    recycleAtCeiling(turn, worker, incarnation, fact);
  } else if (place.role === 'replacement') {
    conclude(turn, incarnation.entry, false, 'overCeiling', evidenceOf(fact));
    const cause = worker.recycle?.entry ?? incarnation.entry;
    const why = journal(turn, { action: 'stop', rule: 'replacement.overCeiling', worker, incarnation, cause });
    change(turn, name, { leaving: [...worker.leaving, leave(turn, worker, incarnation, why)] });
    giveUpSwap(turn, name, 'replacement.overCeiling', evidenceOf(fact));
  } else {
    sayKill(turn, worker, incarnation, fact);
  }
};

const recycleAtCeiling = (turn: Turn, worker: WorkerState, old: Incarnation, fact: Crossing): void => {
  const { name } = worker;
  const open = worker.recycle?.entry ?? null;
  // An old incarnation that still leaves because of that recycle closes it when it is gone.
  if (open !== null && worker.leaving.every((other) => other.why !== open))
    conclude(turn, open, false, 'overtaken', { by: `memory.${fact.ceiling}` });
  if (worker.life.state === 'STARTING') conclude(turn, old.entry, false, 'overCeiling', evidenceOf(fact));
  const rule = `memory.${fact.ceiling}`;
  // Said only: containment comes first.
  if (fact.ceiling === 'hard')
    showsFutility(turn, { worker, incarnation: old }, { rule: 'memory.hard', evidence: evidenceOf(fact) });
  const entry = openRecycle(turn, worker, old, {
    rule,
    evidence: evidenceOf(fact),
    policyKey: policyKeyOf(worker, turn, fact),
  });
  const quickHards = turn.now - old.spawnedAt < QUICK_MS ? worker.quickHards + 1 : 0;
  change(turn, name, { quickHards, leaving: [...worker.leaving, leave(turn, worker, old, entry)] });
  if (promoteReplacement(turn, name, null)) return;
  if (quickHards === 0) start(turn, name, 'start.recycle', entry);
  else startLater(turn, name, entry, quickHards);
};

const startLater = (turn: Turn, name: string, entry: string, quickHards: number): void => {
  const worker = workerOf(turn, name);
  const delayMs = backoffDelay(policyOf(turn, worker), quickHards, turn.random);
  journal(turn, {
    action: 'backoff',
    rule: 'memory.hard.again',
    worker,
    cause: entry,
    evidence: { delayMs, times: quickHards, withinMs: QUICK_MS },
  });
  enter(turn, name, {
    state: 'BACKOFF',
    attempt: quickHards,
    why: 'memory.hard.again',
    verdict: 'start',
    until: turn.now + delayMs,
  });
};

/** A process that was already on its way out passed a ceiling too. Only `kill` is worth an entry: the stop was under way anyway. */
const sayKill = (turn: Turn, worker: WorkerState, incarnation: Incarnation, fact: Crossing): void => {
  if (fact.ceiling !== 'kill') return;
  const old = worker.leaving.find((candidate) => candidate.id === incarnation.id);
  const cause = old?.why ?? ('why' in worker.life ? worker.life.why : incarnation.entry);
  const policy = policyOf(turn, worker).origins[policyKeyOf(worker, turn, fact)] ?? null;
  journal(turn, {
    action: 'kill',
    rule: 'memory.kill',
    worker,
    incarnation,
    cause,
    evidence: evidenceOf(fact),
    policy,
  });
};

/** `kill` is derived from `hard` where it is not written: then the line of `hard` is the one that caused it. */
const policyKeyOf = (worker: WorkerState, turn: Turn, fact: Crossing): string => {
  const key = `memory.${fact.ceiling}`;
  return policyOf(turn, worker).origins[key] === undefined ? 'memory.hard' : key;
};

const evidenceOf = (fact: Crossing): Evidence => ({
  metric: fact.metric,
  bytes: fact.bytes,
  ceilingBytes: fact.ceilingBytes,
  rssBytes: fact.rssBytes,
  swapBytes: fact.swapBytes,
  growthBytesPerSecond: fact.growthBytesPerSecond,
  growingSeconds: fact.growingSeconds,
  growthBytesPerMessage: fact.bytesPerMessage,
});
