/**
 * Replacing one incarnation by the next (docs/design.md, section 6).
 *
 *     wanted by a rule or a person ──▶ pending ──(budget, stagger)──▶ open ──▶ concluded
 *
 * With overlap the replacement starts beside the current incarnation and the roles swap once it runs; the old one is `leaving`
 * until the shim reports it gone. Without overlap the old one is stopped first. A hard ceiling comes from ceiling.ts and waits for
 * nothing.
 */
import { countRecycle, grantable, takeCensus } from './budget.ts';
import { planFor, planOf, stopDeadline } from './deadlines.ts';
import { workersOf } from './find.ts';
import { openRecycle } from './open-recycle.ts';
import { CHANGED, isWished } from './request.ts';
import { answerBy, memoryAllowsStart, spawn } from './spawn.ts';
import { change, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { PendingRecycle, WorkerState } from './types.ts';

/** Grant what the budget allows, the longest waiting first; say once of the others that they wait, and why. */
export const grantPending = (turn: Turn): void => {
  if (turn.waiting.size === 0) return;
  const waiting = [...turn.waiting].map((name) => workerOf(turn, name));
  const census = takeCensus(turn.state);
  waiting.sort((a, b) => (a.pending?.since ?? 0) - (b.pending?.since ?? 0));
  for (const { name } of waiting) {
    const worker = workerOf(turn, name);
    if (worker.pending === null) continue;
    if (worker.life.state !== 'RUNNING' || worker.recycle !== null || turn.state.mode !== 'running') {
      change(turn, name, { pending: null });
      continue;
    }
    const verdict = grantable(turn.state, census, worker, turn.now);
    if (verdict.ok) {
      begin(turn, worker, worker.pending);
      countRecycle(census, worker.program);
    } else {
      if (verdict.because === 'hold.budget') sayStorm(turn, worker);
      sayHold(turn, worker, worker.pending, verdict.because);
    }
  }
};

const HOLD_KEYS: Readonly<Record<string, string>> = {
  'hold.maxConcurrent': 'recycle.maxConcurrent',
  'hold.host': 'host.maxConcurrent',
  'hold.budget': 'recycle.budget',
};

const sayHold = (turn: Turn, worker: WorkerState, pending: PendingRecycle, because: string): void => {
  if (pending.hold !== null) return;
  // That a roll takes one after the other is what it is.
  if (pending.rule === CHANGED && because !== 'hold.fails') return;
  const hold = journal(turn, {
    action: 'hold',
    rule: because,
    worker,
    evidence: { wanted: pending.rule, ...pending.evidence },
    policy: policyOf(turn, worker).origins[HOLD_KEYS[because] ?? ''] ?? null,
  });
  change(turn, worker.name, { pending: { ...pending, hold } });
};

/** The budget is used up: said once a window for the program, whoever waits and whatever for. */
const sayStorm = (turn: Turn, worker: WorkerState): void => {
  const { program } = worker;
  const { budget, origins } = policyOf(turn, worker);
  const storms = turn.state.storms ?? {};
  if (turn.now - (storms[program] ?? -Infinity) < budget.windowMs) return;
  turn.state.storms = { ...storms, [program]: turn.now };
  const waiting = workersOf(turn.state, program).filter(({ pending }) => pending !== null).length;
  const oldest = Math.min(...(turn.state.granted[program] ?? []));
  journal(turn, {
    action: 'hold',
    rule: 'hold.storm',
    worker,
    evidence: { ...budget, waiting, nextInMs: Math.max(0, Math.round(oldest + budget.windowMs - turn.now)) },
    policy: origins['recycle.budget'] ?? null,
  });
};

const begin = (turn: Turn, worker: WorkerState, pending: PendingRecycle): void => {
  const { life, name } = worker;
  if (life.state !== 'RUNNING') return;
  const policy = policyOf(turn, worker);
  const plan = planFor(planOf(policy.plan, pending.rule), pending.kill);
  // A host that is short of memory gets it back first.
  const isForHost = pending.rule.startsWith('host.');
  const overlap = policy.overlap && !pending.kill && !isForHost && memoryAllowsStart(turn, name);
  const entry = openRecycle(turn, worker, life.incarnation, { ...pending, evidence: { ...pending.evidence, overlap } });
  if (!isWished(pending.rule)) {
    const granted = turn.state.granted[worker.program] ?? [];
    turn.state.granted = {
      ...turn.state.granted,
      [worker.program]: [...granted, turn.now].slice(-policy.budget.count),
    };
  }
  if (overlap) {
    const replacement = spawn(turn, name, 'replacement', { rule: 'start.recycle', cause: entry });
    enter(turn, name, { ...life, swap: { replacement, until: answerBy(turn, name) } });
  } else {
    turn.effects.push({ type: 'stop', incarnation: life.incarnation.id, plan });
    enter(turn, name, {
      state: 'STOPPING',
      incarnation: life.incarnation,
      next: 'start',
      why: entry,
      until: stopDeadline(turn.now, plan),
    });
  }
};
