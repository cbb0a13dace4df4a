/**
 * `after`: the workers of a program start once the programs it names are up. Until then a worker rests (STOPPED, with a `hold`), which is
 * journaled once for each reason. What runs already is never stopped for it, and a successor never waits for it: a recycle and a hard
 * ceiling take nothing away that was there.
 */
import { workersOf } from './find.ts';
import { concludeRecycle } from './open-recycle.ts';
import { enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreState, ProgramPolicy, Unmet, WorkerState } from './types.ts';

/** The first program named in `after` that is not up; null: the way is free. */
export const unmetOf = (state: CoreState, program: string): Unmet | null => {
  for (const name of state.programs[program]?.after ?? []) {
    const policy = state.programs[name];
    const reason = policy === undefined ? null : whyNotUp(state, policy);
    if (reason !== null) return { program: name, reason };
  }
  return null;
};

/** Up: every worker that is wanted is RUNNING (and so ready), or has ended as it was meant to. */
const whyNotUp = (state: CoreState, policy: ProgramPolicy): Unmet['reason'] | null => {
  const wanted = workersOf(state, policy.name).filter((worker) => worker.wanted === 'up');
  if (wanted.length === 0) return 'stopped';
  const reasons = wanted.map(({ life }) => {
    if (life.state === 'RUNNING') return null;
    if (life.state === 'FATAL') return 'fatal';
    if (life.state === 'STOPPED' && life.hold !== undefined && life.hold.reason !== 'starting') return 'waiting';
    if (life.state !== 'EXITED') return 'starting';
    return life.status.code !== null && policy.exitCodes.includes(life.status.code) ? null : 'exited';
  });
  return (['fatal', 'exited', 'waiting', 'starting'] as const).find((reason) => reasons.includes(reason)) ?? null;
};

/** Does a start of this worker have to wait, and for what? */
export const heldBy = (turn: Turn, name: string, rule: string): Unmet | null => {
  const worker = workerOf(turn, name);
  return worker.recycle !== null || rule === 'start.recycle' ? null : unmetOf(turn.state, worker.program);
};

/** Let it rest until the program is up, and say so once. */
export const hold = (turn: Turn, name: string, unmet: Unmet, cause: string | null): void => {
  const worker = workerOf(turn, name);
  const held = holdOf(worker);
  if (held?.program === unmet.program && held.reason === unmet.reason) return;
  const entry = journal(turn, {
    action: 'hold',
    rule: `after.${unmet.reason}`,
    worker,
    cause: held?.entry ?? cause,
    evidence: { after: unmet.program },
    policy: policyOf(turn, worker).origins['after'] ?? null,
  });
  enter(turn, name, { state: 'STOPPED', hold: { ...unmet, entry } });
  concludeRecycle(turn, name);
};

/** What a worker that rests waits for; null: nothing, or it does not rest. */
export const holdOf = ({ life }: WorkerState): (Unmet & { entry: string }) | null =>
  life.state === 'STOPPED' ? (life.hold ?? null) : null;

/** Each program with all that stand on it, directly or through others. */
export const dependentsOf = (state: CoreState): Map<string, Set<string>> => {
  const dependents = new Map<string, Set<string>>();
  const stand = (program: string, on: string): void => {
    const known = dependents.get(on) ?? new Set();
    if (known.has(program)) return;
    dependents.set(on, known.add(program));
    for (const below of state.programs[on]?.after ?? []) stand(program, below);
  };
  for (const { name, after } of Object.values(state.programs)) for (const below of after) stand(name, below);
  return dependents;
};
