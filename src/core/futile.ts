/**
 * Whether a recycle helps. A fresh process settles at some level (policy/settle.ts); where that is near the ceiling it was recycled for,
 * the next one will be over it as soon: then the program is not recycled by that rule any more, and the journal says why, until its
 * configuration changes. A hard ceiling acts all the same; there it is only said. A worker that was recycled for its CPU use and whose
 * successor is as busy has work to do.
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

/** What a rule has found. */
interface Finding {
  rule: string;
  evidence: Evidence;
}

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

const madeOf = ({ specs, ceilings, growth, cpu }: Omit<ProgramPolicy, 'name'>): string =>
  JSON.stringify([specs, ceilings, growth, cpu]);

/** Whether this finding shows that recycling does not help; said once for the program and rule. */
export const showsFutility = (
  turn: Turn,
  { worker, incarnation }: { worker: WorkerState; incarnation: Incarnation },
  finding: Finding,
): boolean => {
  const { rule } = finding;
  if (isFutile(turn.state, worker.program, rule)) return true;
  // Its recycle may still be open (the old incarnation drains); the incarnation that is being replaced is not the fresh one.
  if (worker.recycle?.from === incarnation.id) return false;
  const shown =
    rule === 'cpu.limit' ? busyAgain(turn, worker, incarnation, finding) : tooLow(turn, worker, incarnation, finding);
  if (shown === null) return false;
  const { futile } = turn.state;
  turn.state.futile = { ...futile, [worker.program]: [...(futile[worker.program] ?? []), rule] };
  const { key, ...entry } = shown;
  const policy = policyOf(turn, worker).origins[key] ?? null;
  journal(turn, { ...entry, worker, incarnation, cause: incarnation.entry, policy });
  if (rule !== 'memory.hard') dropPending(turn, worker.program, rule);
  return true;
};

/** An entry that says so, and the key of workers.yaml that it follows from. */
interface Shown {
  action: 'hold' | 'warn';
  rule: string;
  evidence: Evidence;
  key: string;
}

/** The successor of a busy worker is as busy: it is the work. */
const busyAgain = (turn: Turn, worker: WorkerState, incarnation: Incarnation, finding: Finding): Shown | null => {
  const ageMs = Math.round(turn.now - incarnation.spawnedAt);
  if (worker.bornOf !== finding.rule || ageMs >= HELPED_MS) return null;
  return { action: 'hold', rule: 'cpu.limit.again', evidence: { ...finding.evidence, ageMs }, key: 'cpu.limit' };
};

/** What a fresh process was seen to need, if that leaves a recycle without effect. */
const tooLow = (
  turn: Turn,
  worker: WorkerState,
  incarnation: Incarnation,
  { rule, evidence }: Finding,
): Shown | null => {
  if (worker.bornOf?.startsWith('memory.') !== true) return null;
  const { secondsMs, ceilings } = policyOf(turn, worker);
  const { softBytes, hardBytes } = ceilings;
  // Growth is judged by the way to the soft ceiling, or to the hard one where there is none.
  const ceiling = rule === 'memory.hard' || softBytes === null ? 'hard' : 'soft';
  const ceilingBytes = ceiling === 'hard' ? hardBytes : softBytes;
  const { settledBytes, suspect = false } = incarnation;
  const age = turn.now - incarnation.spawnedAt;
  const atOnce = rule === 'memory.soft' && worker.bornOf === rule && age < secondsMs + QUICK_MS;
  // What was seen leaking came there by its leak, however little room it began with: the next one will take as long.
  const near =
    settledBytes !== undefined && !suspect && age < HELPED_MS && settledBytes * ROOM > (ceilingBytes ?? Infinity);
  if (!atOnce && !near) return null;
  const bytes = near ? settledBytes : evidence['bytes'];
  const needs = {
    bytes: typeof bytes === 'number' ? bytes : null,
    leastBytes: typeof bytes === 'number' ? Math.ceil((bytes * ROOM) / MIB) * MIB : null,
  };
  return {
    action: rule === 'memory.hard' ? 'warn' : 'hold',
    rule: `${rule}.tooLow`,
    evidence: { ...needs, ceiling, ceilingBytes },
    key: `memory.${ceiling}`,
  };
};

const dropPending = (turn: Turn, program: string, rule: string): void => {
  for (const { name, pending } of workersOf(turn.state, program))
    if (pending?.rule === rule) change(turn, name, { pending: null });
};
