import type { StopPlan } from '../shim/spawn-spec.ts';

/** The shim ends every stop by itself; beyond this slack after its own deadlines something is wrong and is said. */
const STOP_SLACK_MS = 10_000;

/** An incarnation that passes its ceiling younger than this was not leaking slowly: it does not fit. */
export const QUICK_MS = 5_000;

/** A soft reason can wait for a better moment: so often is a drain that does not end given up and begun again. */
const PATIENT_ATTEMPTS = 3;

/** When a stop must have ended, with SIGKILL at the latest (shim/ladder.ts). `settle` lasts ten times its length at most. */
export const stopDeadline = (now: number, plan: StopPlan): number =>
  now +
  (plan.quiesce ? drainsOf(plan) + 10 * plan.settleMs : 0) +
  plan.stopTimeoutMs +
  (plan.hooksMs ?? 0) +
  STOP_SLACK_MS;

/** Every attempt, and as long a time of work between two of them. */
const drainsOf = ({ drainAttempts, drainTimeoutMs }: StopPlan): number => (2 * drainAttempts - 1) * drainTimeoutMs;

/** Reasons that do not wait for a better moment: a person's, and what only gets worse, or hangs, meanwhile. */
const URGENT = new Set(['command', 'memory.hard', 'stuck.inFlight', 'host.low', 'host.swapIn', 'host.pressure']);

/** The plan for the stop of a recycle by this rule: patient where nothing urges. */
export const planOf = (plan: StopPlan, rule: string | null): StopPlan =>
  plan.quiesce && rule !== null && !URGENT.has(rule) ? { ...plan, drainAttempts: PATIENT_ATTEMPTS } : plan;

/** The stop plan for a person who does not want to wait (`--now`): SIGKILL at once. */
export const planFor = (plan: StopPlan, kill: boolean): StopPlan =>
  kill ? { ...plan, quiesce: false, drainTimeoutMs: 0, stopTimeoutMs: 0, hooksMs: 0, kill: 'now' } : plan;
