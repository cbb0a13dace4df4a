/** Ordering a new process for a worker. */
import { change, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Evidence, Incarnation } from './types.ts';

/** A spawn is queued behind others in the shim (one an event-loop turn), so its answer may take a while under load. */
export const SPAWN_ANSWER_MS = 30_000;

/** When the shim has answered a spawn that is ordered now; a hook may come first. */
export const answerBy = (turn: Turn, name: string): number =>
  turn.now + SPAWN_ANSWER_MS + policyOf(turn, workerOf(turn, name)).beforeStartMs;

/** What the next process of this worker will take, as far as anybody has seen one. */
export const needOf = (turn: Turn, name: string): number => turn.state.needs[workerOf(turn, name).program] ?? 0;

/** Would a start leave the host its `host.reserve`? Unknown memory never holds a start back. */
export const memoryAllowsStart = (turn: Turn, name: string): boolean => {
  const { availableBytes, reserveBytes } = turn.state;
  return availableBytes === null || availableBytes - needOf(turn, name) > reserveBytes;
};

/** Order a spawn and write why. Returns the incarnation that is now on its way. */
export const spawn = (
  turn: Turn,
  name: string,
  role: 'current' | 'replacement',
  why: { rule: string; cause: string | null; evidence?: Evidence },
): Incarnation => {
  const number = workerOf(turn, name).nextNumber;
  const worker = change(turn, name, { nextNumber: number + 1 });
  const id = `${name}#${number}`;
  const { specs, oom } = policyOf(turn, worker);
  const spec = specs[name] ?? '';
  const entry = journal(turn, { action: 'start', worker, incarnation: { number, pid: null }, ...why });
  // Many starts may follow one reading of the host's memory: each takes its share of it.
  const { availableBytes } = turn.state;
  turn.state.availableBytes = availableBytes === null ? null : availableBytes - needOf(turn, name);
  turn.effects.push({ type: 'spawn', worker: name, incarnation: id, number, role, spec, cause: entry });
  return { id, number, pid: null, spawnedAt: turn.now, spawnedWall: 0, entry, spec, scoreAdj: oom.scoreAdj };
};
