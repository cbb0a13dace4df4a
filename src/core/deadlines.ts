import type { StopPlan } from '../shim/protocol.ts';

/** The shim ends every stop by itself; beyond this slack after its own deadlines something is wrong and is said. */
const STOP_SLACK_MS = 10_000;

/** When a stop must have ended, with SIGKILL at the latest. `settle` lasts ten times its length at most. */
export const stopDeadline = (now: number, plan: StopPlan): number =>
  now + (plan.quiesce ? plan.drainTimeoutMs + 10 * plan.settleMs : 0) + plan.stopTimeoutMs + STOP_SLACK_MS;

/** The stop plan for a person who does not want to wait (`--now`): SIGKILL at once. */
export const planFor = (plan: StopPlan, kill: boolean): StopPlan =>
  kill ? { ...plan, quiesce: false, drainTimeoutMs: 0, stopTimeoutMs: 0, kill: 'now' } : plan;
