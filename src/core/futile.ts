/**
 * Whether a recycle helps. A fresh process settles at some level (policy/settle.ts); where that is near the ceiling it was recycled for,
 * the next one will be over it as soon: then the program is not recycled by that rule any more, and the journal says why, until its
 * configuration changes. A hard ceiling acts all the same; there it is only said.
 */
import { workersOf } from './find.ts';
import { amend } from './amend.ts';
import { QUICK_MS } from './deadlines.ts';
import { change, journal, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreState, Evidence, Incarnation, ProgramPolicy, WorkerState } from './types.ts';

/** A ceiling leaves a settled process so much room at least. */
const ROOM = 1.25;
/** A process that came so far before it was over its ceiling was worth its recycle. */
const HELPED_MS = 1_800_000;
const MIB = 1024 * 1024;

type MemoryRule = 'memory.soft' | 'memory.growth' | 'memory.hard';

/** A fresh process has settled, or settled anew at a higher level. */
export const onSettled = (turn: Turn, event: { incarnation: string; bytes: number }): void =>
  amend(turn, event.incarnation, { settledBytes: event.bytes });

export const isFutile = (state: CoreState, program: string, rule: string): boolean =>
  state.futile[program]?.includes(rule) === true;

/** The programs for which that still holds under other policies: what was found out about an old configuration says nothing of a new one. */
export const stillFutile = (state: CoreState, programs: readonly ProgramPolicy[]): CoreState['futile'] =>
  Object.fromEntries(
    programs.flatMap(({ name, ...policy }) => {
      const rules = state.futile[name];
      const was = state.programs[name];
      return rules === undefined || was === undefined || madeOf(was) !== madeOf(policy) ? [] : [[name, rules]];
    }),
  );

const madeOf = ({ specs, ceilings, growth }: Omit<ProgramPolicy, 'name'>): string =>
  JSON.stringify([specs, ceilings, growth]);

/**
 * Whether this process, over its ceiling by `rule`, shows that recycling does not help; said once for the program and rule.
 *
 * @param bytes that are judged now
 */
export const showsFutility = (
  turn: Turn,
  { worker, incarnation }: { worker: WorkerState; incarnation: Incarnation },
  { rule, bytes }: { rule: MemoryRule; bytes: number | null },
): boolean => {
  if (isFutile(turn.state, worker.program, rule)) return true;
  const needs = needsAfterRecycle(turn, worker, incarnation, { rule, bytes });
  if (needs === null) return false;
  const { futile } = turn.state;
  turn.state.futile = { ...futile, [worker.program]: [...(futile[worker.program] ?? []), rule] };
  const { origins, ceilings } = policyOf(turn, worker);
  const hard = rule === 'memory.hard';
  const ceiling = hard || ceilings.softBytes === null ? 'hard' : 'soft';
  journal(turn, {
    action: hard ? 'warn' : 'hold',
    rule: `${rule}.tooLow`,
    worker,
    incarnation,
    cause: incarnation.entry,
    evidence: { ...needs, ceiling, ceilingBytes: ceilingOf(ceilings, rule) },
    policy: origins[`memory.${ceiling}`] ?? null,
  });
  if (!hard) dropPending(turn, worker.program, rule);
  return true;
};

/** What a fresh process was seen to need, if that leaves a recycle without effect; else null. */
const needsAfterRecycle = (
  turn: Turn,
  worker: WorkerState,
  incarnation: Incarnation,
  { rule, bytes }: { rule: MemoryRule; bytes: number | null },
): Evidence | null => {
  // Its recycle may still be open (the old incarnation drains); the incarnation that is being replaced is not the fresh one.
  if (worker.bornOf?.startsWith('memory.') !== true || worker.recycle?.from === incarnation.id) return null;
  const { secondsMs, ceilings } = policyOf(turn, worker);
  const age = turn.now - incarnation.spawnedAt;
  if (rule === 'memory.soft' && worker.bornOf === rule && age < secondsMs + QUICK_MS) return needing(bytes);
  const { settledBytes } = incarnation;
  const ceilingBytes = ceilingOf(ceilings, rule);
  if (settledBytes === undefined || ceilingBytes === null || age >= HELPED_MS) return null;
  return settledBytes * ROOM > ceilingBytes ? needing(settledBytes) : null;
};

const needing = (bytes: number | null): Evidence => ({
  bytes,
  leastBytes: bytes === null ? null : Math.ceil((bytes * ROOM) / MIB) * MIB,
});

/** Growth is judged by the way to the soft ceiling, or to the hard one where there is none. */
const ceilingOf = ({ softBytes, hardBytes }: ProgramPolicy['ceilings'], rule: MemoryRule): number | null =>
  rule === 'memory.hard' ? hardBytes : rule === 'memory.soft' ? softBytes : (softBytes ?? hardBytes);

const dropPending = (turn: Turn, program: string, rule: string): void => {
  for (const { name, pending } of workersOf(turn.state, program))
    if (pending?.rule === rule) change(turn, name, { pending: null });
};
