/** A policy rule says something about a worker; here it becomes a verdict: recycle, or hold because recycling would not help. */
import { HOST_KEYS } from '../policy/host-guard.ts';
import { findIncarnation } from './find.ts';
import { showsFutility } from './futile.ts';
import { requestRecycle } from './request.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, Incarnation, WorkerState } from './types.ts';

/** A worker that was recycled because it was deaf, and is deaf again, is not recycled for that before it is so old. */
export const DEAF_AGAIN_MS = 300_000;

/** Rules whose recycles are looked at afterwards: did they help? */
const VERIFIED = new Set(['memory.soft', 'memory.growth', 'cpu.limit']);

type FindingsEvent = Extract<CoreEvent, { type: 'findings' }>;

export const onFindings = (turn: Turn, { incarnation: id, rule, evidence, cause }: FindingsEvent): void => {
  const place = findIncarnation(turn.state, id);
  if (place === null || place.role !== 'current') return;
  const { worker, incarnation } = place;
  if (worker.life.state !== 'RUNNING' || worker.pending !== null) return;
  if (rule === 'deaf' && isDeafAgain(turn, worker, incarnation)) return;
  if (VERIFIED.has(rule) && showsFutility(turn, { worker, incarnation }, { rule, evidence })) return;
  const policyKey = new Map(Object.entries(HOST_KEYS)).get(rule);
  requestRecycle(turn, worker.name, {
    rule,
    reasonText: null,
    evidence,
    kill: false,
    ...(cause === undefined ? {} : { cause }),
    ...(policyKey === undefined ? {} : { policyKey }),
  });
};

/** A successor that is deaf as well: its queue is still missing, and another process would not find it sooner. */
const isDeafAgain = (turn: Turn, { bornOf }: WorkerState, { spawnedAt }: Incarnation): boolean =>
  bornOf === 'deaf' && turn.now - spawnedAt < DEAF_AGAIN_MS;
