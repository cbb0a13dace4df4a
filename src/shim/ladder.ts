/**
 * The stop ladder, pure (docs/design.md, section 2):
 *
 *     running ──▶ draining ──(drained)──▶ settling ──▶ signalled ──▶ killed ──▶ gone
 *                  ▲    │ late, tries left                 ▲
 *                  │    ▼                                  │ late, no tries left
 *                 resumed                      draining ───┘
 *
 * Without a gate a stop begins at `signalled`. Phases move forward only, except that a drain which does not end may be given up and
 * tried again later. A second stop can only shorten. Every phase between running and gone has a deadline that leads on.
 */
import type { StopBy, StopPhase, StopReport } from './protocol.ts';
import type { StopPlan } from './spawn-spec.ts';

export interface Ladder {
  readonly phase: StopPhase;
  readonly report: StopReport | null;
  /** The strictest of the plans that were ordered; null: none was. */
  readonly plan: StopPlan | null;
  /** When `deadline` is due, CLOCK_MONOTONIC milliseconds; null: nothing to wait for. */
  readonly deadline: number | null;
  /** In `settling`: when it ends at the latest. */
  readonly settleUntil: number;
  /** How often a drain was begun. */
  readonly drains: number;
  /** How often SIGKILL did not help: 0 before the first repetition. */
  readonly repeats: number;
}

export type LadderEvent =
  | { kind: 'stop'; by: StopBy; plan: StopPlan }
  | { kind: 'drained' }
  /** The drain makes no progress. `blind`: nothing can be seen of the messages, so that waiting cannot help. */
  | { kind: 'stuck'; blind: boolean }
  | { kind: 'deadline' }
  | { kind: 'gone' };

/** The world at an event. */
export interface Moment {
  now: number;
  wall: number;
  /** Messages that the worker holds unacknowledged; null where no gate sees them. */
  inFlight: number | null;
  /** The worker sleeps and has used no CPU and said nothing to the broker since it was last asked. Only asked of `settling`. */
  idle: boolean;
}

/** `killTree` is tree-kill, the last rung: bare pids, so only when everything with a proven identity did not help. */
export type LadderAction =
  | { kind: 'quiesce' }
  | { kind: 'resume' }
  | { kind: 'signal'; signal: string }
  | { kind: 'killGroup' }
  | { kind: 'killDescendants' }
  | { kind: 'killTree' };

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
/** Settling lasts this many times its own length at most: a worker that is never idle is not waited for. */
const SETTLE_TIMES = 10;

const NOTHING: LadderAction[] = [];

export const RUNNING: Ladder = {
  phase: 'running',
  report: null,
  plan: null,
  deadline: null,
  settleUntil: 0,
  drains: 0,
  repeats: 0,
};

/** A stop that is under way: it has a plan and a report. */
type Stopping = Ladder & { readonly plan: StopPlan; readonly report: StopReport };

export function step(ladder: Ladder, event: LadderEvent, moment: Moment): LadderStep {
  if (event.kind === 'gone') return stay({ ...ladder, phase: 'gone', deadline: null });
  if (event.kind === 'stop') return stop(ladder, event, moment);
  if (!isStopping(ladder)) return stay(ladder);
  switch (event.kind) {
    case 'drained':
      return ladder.phase === 'draining' ? drained(ladder, moment) : stay(ladder);
    case 'stuck':
      return ladder.phase === 'draining' ? stuck(ladder, event.blind, moment) : stay(ladder);
    case 'deadline':
      return ladder.deadline === null || moment.now < ladder.deadline ? stay(ladder) : passDeadline(ladder, moment);
  }
}

const stay = (ladder: Ladder): LadderStep => ({ ladder, actions: NOTHING });

const isStopping = (ladder: Ladder): ladder is Stopping => ladder.plan !== null && ladder.report !== null;

function stop(ladder: Ladder, { by, plan }: Extract<LadderEvent, { kind: 'stop' }>, moment: Moment): LadderStep {
  if (ladder.phase === 'gone' || ladder.phase === 'killed') return stay(ladder);
  if (isStopping(ladder)) return stopSooner(ladder, plan, moment);
  const stopping = { ...ladder, plan, report: newReport(by, moment.now) };
  if (plan.kill === 'now') return kill(stopping, moment);
  return plan.quiesce && moment.inFlight !== null ? drain(stopping, moment) : signal(stopping, moment);
}

/** A second stop: what it would end sooner ends sooner. */
function stopSooner(before: Stopping, plan: StopPlan, moment: Moment): LadderStep {
  const ladder = { ...before, plan: strictest(before.plan, plan) };
  if (plan.kill === 'now') return kill(ladder, moment);
  if (ladder.phase === 'signalled') return stay(by(ladder, moment.now + plan.stopTimeoutMs));
  if (!plan.quiesce) return signal(ladder, moment);
  if (ladder.phase === 'resumed') return drain(ladder, moment);
  return stay(ladder.phase === 'draining' ? by(ladder, moment.now + plan.drainTimeoutMs) : ladder);
}

const by = (ladder: Stopping, at: number): Ladder => ({ ...ladder, deadline: Math.min(ladder.deadline ?? at, at) });

const strictest = (one: StopPlan, other: StopPlan): StopPlan => ({
  ...one,
  quiesce: one.quiesce && other.quiesce,
  drainTimeoutMs: Math.min(one.drainTimeoutMs, other.drainTimeoutMs),
  drainAttempts: Math.min(one.drainAttempts, other.drainAttempts),
  settleMs: Math.min(one.settleMs, other.settleMs),
  stopTimeoutMs: Math.min(one.stopTimeoutMs, other.stopTimeoutMs),
});

const newReport = (began: StopBy, now: number): StopReport => ({
  by: began,
  beganAt: now,
  drainedAt: null,
  unacknowledged: null,
  signal: null,
  signalledAt: null,
  signalledWall: null,
  killedAt: null,
});

function drain(ladder: Stopping, { now }: Moment): LadderStep {
  return {
    ladder: { ...ladder, phase: 'draining', drains: ladder.drains + 1, deadline: now + ladder.plan.drainTimeoutMs },
    actions: [{ kind: 'quiesce' }],
  };
}

/** The worker goes on, and is drained again after as long as the drain was given. */
function resume(ladder: Stopping, { now }: Moment): LadderStep {
  return {
    ladder: { ...ladder, phase: 'resumed', deadline: now + ladder.plan.drainTimeoutMs },
    actions: [{ kind: 'resume' }],
  };
}

function drained(before: Stopping, moment: Moment): LadderStep {
  const { now } = moment;
  const ladder = { ...before, report: { ...before.report, drainedAt: now } };
  const { settleMs } = ladder.plan;
  // What work there is after an acknowledgement is not worth a host: a hard ceiling does not wait for it.
  if (settleMs === 0 || ladder.report.by === 'hard') return signal(ladder, moment);
  return stay({ ...ladder, phase: 'settling', deadline: now + settleMs, settleUntil: now + SETTLE_TIMES * settleMs });
}

function stuck(ladder: Stopping, blind: boolean, moment: Moment): LadderStep {
  const { onStuckDrain, drainAttempts } = ladder.plan;
  if (blind || onStuckDrain === 'kill') return signal(ladder, moment);
  return onStuckDrain === 'resume' && ladder.drains < drainAttempts ? resume(ladder, moment) : stay(ladder);
}

function passDeadline(ladder: Stopping, moment: Moment): LadderStep {
  const { plan, drains, settleUntil } = ladder;
  switch (ladder.phase) {
    case 'draining':
      return drains < plan.drainAttempts ? resume(ladder, moment) : signal(ladder, moment);
    case 'resumed':
      return drain(ladder, moment);
    case 'settling':
      if (moment.idle || moment.now >= settleUntil) return signal(ladder, moment);
      return stay({ ...ladder, deadline: Math.min(moment.now + plan.settleMs, settleUntil) });
    case 'killed':
      return killAgain(ladder, moment.now);
    case 'signalled':
      return kill(ladder, moment);
    case 'running':
    case 'gone':
      return stay(ladder);
  }
}

function signal(ladder: Stopping, { now, wall, inFlight }: Moment): LadderStep {
  const name = `SIG${ladder.plan.stopSignal}`;
  const report = { ...ladder.report, signal: name, signalledAt: now, signalledWall: wall, unacknowledged: inFlight };
  return {
    ladder: { ...ladder, phase: 'signalled', report, deadline: now + ladder.plan.stopTimeoutMs },
    actions: [{ kind: 'signal', signal: name }],
  };
}

function kill(ladder: Stopping, { now, inFlight }: Moment): LadderStep {
  const unacknowledged = ladder.report.signal === null ? inFlight : ladder.report.unacknowledged;
  return {
    ladder: {
      ...ladder,
      phase: 'killed',
      report: { ...ladder.report, killedAt: now, unacknowledged },
      deadline: now + REPEAT_KILL_MS,
    },
    actions: [{ kind: 'killGroup' }, { kind: 'killDescendants' }],
  };
}

function killAgain(ladder: Stopping, now: number): LadderStep {
  const repeats = ladder.repeats + 1;
  const actions: LadderAction[] = [{ kind: 'killGroup' }, { kind: 'killDescendants' }];
  if (repeats === TREE_KILL_AT) actions.push({ kind: 'killTree' });
  const wait = repeats < TREE_KILL_AT ? REPEAT_KILL_MS : SLOW_REPEAT_MS;
  return { ladder: { ...ladder, repeats, deadline: now + wait }, actions };
}
