/**
 * The stop ladder, pure: running → signalled → killed → gone (docs/design.md, section 2). Phases only move forward, a second stop can
 * only shorten deadlines, and every phase between running and gone has a deadline that leads to the next rung. Quiesce, drain and
 * settle come in between once the gate exists.
 */
import type { StopBy, StopPhase, StopPlan, StopReport } from './protocol.ts';

export interface Ladder {
  readonly phase: StopPhase;
  readonly report: StopReport | null;
  /** When `deadline` is due, CLOCK_MONOTONIC milliseconds; null: nothing to wait for. */
  readonly deadline: number | null;
  /** How often SIGKILL did not help: 0 before the first repetition. */
  readonly repeats: number;
}

export type LadderEvent =
  | { kind: 'stop'; by: StopBy; plan: StopPlan; now: number; wall: number }
  | { kind: 'deadline'; now: number }
  | { kind: 'gone' };

/** `killTree` is tree-kill, the last rung: bare pids, so only when everything with a proven identity did not help. */
export type LadderAction =
  { kind: 'signal'; signal: string } | { kind: 'killGroup' } | { kind: 'killDescendants' } | { kind: 'killTree' };

export interface LadderStep {
  ladder: Ladder;
  actions: LadderAction[];
}

/** How long a SIGKILL may take before it is sent again: longer than the kernel needs to free some gigabytes. */
const REPEAT_KILL_MS = 2000;
/** The repetition at which tree-kill is tried, once. */
const TREE_KILL_AT = 2;
/** Later repetitions: the process hangs in the kernel (state D) and dies when its I/O returns. */
const SLOW_REPEAT_MS = 10_000;

const NOTHING: LadderAction[] = [];

export const RUNNING: Ladder = { phase: 'running', report: null, deadline: null, repeats: 0 };

export function step(ladder: Ladder, event: LadderEvent): LadderStep {
  switch (event.kind) {
    case 'stop':
      return stop(ladder, event);
    case 'deadline':
      return passDeadline(ladder, event.now);
    case 'gone':
      return { ladder: { ...ladder, phase: 'gone', deadline: null }, actions: NOTHING };
  }
}

function stop(ladder: Ladder, event: Extract<LadderEvent, { kind: 'stop' }>): LadderStep {
  const { plan, by, now, wall } = event;
  if (ladder.phase === 'gone' || ladder.phase === 'killed') return { ladder, actions: NOTHING };
  if (ladder.phase === 'signalled' && ladder.report !== null) {
    if (plan.kill === 'now') return kill(ladder, ladder.report, now);
    const deadline = Math.min(ladder.deadline ?? Infinity, now + plan.stopTimeoutMs);
    return { ladder: { ...ladder, deadline }, actions: NOTHING };
  }
  const report: StopReport = { by, beganAt: now, signal: null, signalledAt: null, signalledWall: null, killedAt: null };
  if (plan.kill === 'now') return kill(ladder, report, now);
  const signal = `SIG${plan.stopSignal}`;
  return {
    ladder: {
      phase: 'signalled',
      report: { ...report, signal, signalledAt: now, signalledWall: wall },
      deadline: now + plan.stopTimeoutMs,
      repeats: 0,
    },
    actions: [{ kind: 'signal', signal }],
  };
}

function passDeadline(ladder: Ladder, now: number): LadderStep {
  if (ladder.deadline === null || now < ladder.deadline || ladder.report === null) return { ladder, actions: NOTHING };
  if (ladder.phase !== 'killed') return kill(ladder, ladder.report, now);
  const repeats = ladder.repeats + 1;
  const actions: LadderAction[] = [{ kind: 'killGroup' }, { kind: 'killDescendants' }];
  if (repeats === TREE_KILL_AT) actions.push({ kind: 'killTree' });
  const wait = repeats < TREE_KILL_AT ? REPEAT_KILL_MS : SLOW_REPEAT_MS;
  return { ladder: { ...ladder, repeats, deadline: now + wait }, actions };
}

function kill(ladder: Ladder, report: StopReport, now: number): LadderStep {
  return {
    ladder: { ...ladder, phase: 'killed', report: { ...report, killedAt: now }, deadline: now + REPEAT_KILL_MS },
    actions: [{ kind: 'killGroup' }, { kind: 'killDescendants' }],
  };
}
