/** What follows a start or a worker that failed: another try after a wait, nothing counted while the broker is away, or FATAL. */
import { backoffDelay, brokerDelay } from './backoff.ts';
import { concludeRecycle } from './open-recycle.ts';
import { change, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { BrokerState, Evidence } from './types.ts';

/** Nothing follows any more: it is over with this worker for now. */
export const rest = (turn: Turn, name: string): void => {
  enter(turn, name, { state: 'STOPPED' });
  concludeRecycle(turn, name);
};

/** A start that did not reach RUNNING: wait and try again, or FATAL once the retries are used up. In a shutdown nothing is tried again. */
export const startFailed = (
  turn: Turn,
  name: string,
  cause: string,
  why: { rule: string; evidence: Evidence },
): void => {
  if (turn.state.mode !== 'running') {
    rest(turn, name);
    return;
  }
  const policy = policyOf(turn, workerOf(turn, name));
  const attempts = workerOf(turn, name).attempts + 1;
  change(turn, name, { attempts });
  if (excusedByBroker(turn, name, cause)) return;
  if (attempts > policy.retries) {
    giveUp(turn, name, cause, { rule: 'fatal.retries', evidence: { ...why.evidence, attempts } });
  } else {
    wait(turn, name, cause, {
      rule: why.rule,
      delayMs: backoffDelay(policy, attempts, turn.random),
      attempt: attempts,
      evidence: why.evidence,
    });
  }
};

/** How long after a broker's return an exit is still put down to its absence: it began before, and was heard of late. */
const OUTAGE_ECHO_MS = 5_000;

const outageExplains = (turn: Turn, broker: BrokerState | undefined): boolean => {
  if (broker === undefined || broker.state === 'down') return broker !== undefined;
  return broker.since !== null && turn.now - broker.since < OUTAGE_ECHO_MS;
};

/** While the broker is known to be away, and just after, an exit counts for nothing: a slow retry instead. */
export const excusedByBroker = (turn: Turn, name: string, cause: string): boolean => {
  const worker = workerOf(turn, name);
  const policy = policyOf(turn, worker);
  if (policy.broker === null) return false;
  turn.effects.push({ type: 'probeBroker', broker: policy.broker });
  if (!outageExplains(turn, turn.state.brokers[policy.broker])) return false;
  change(turn, name, { attempts: 0, crashes: worker.crashes.slice(0, -1) });
  wait(turn, name, cause, { rule: 'broker.down', delayMs: brokerDelay(policy, turn.random), attempt: 0, evidence: {} });
  return true;
};

export const wait = (
  turn: Turn,
  name: string,
  cause: string,
  how: { rule: string; delayMs: number; attempt: number; evidence: Evidence },
): void => {
  const worker = workerOf(turn, name);
  journal(turn, {
    action: 'backoff',
    rule: how.rule,
    worker,
    cause,
    evidence: { ...how.evidence, delayMs: how.delayMs, attempt: how.attempt, retries: policyOf(turn, worker).retries },
  });
  enter(turn, name, {
    state: 'BACKOFF',
    attempt: how.attempt,
    why: how.rule,
    verdict: 'start',
    until: turn.now + how.delayMs,
  });
  concludeRecycle(turn, name);
};

/** FATAL, unless the broker's answer is still out: then only that answer decides. */
export const giveUp = (turn: Turn, name: string, cause: string, why: { rule: string; evidence: Evidence }): void => {
  const worker = workerOf(turn, name);
  const policy = policyOf(turn, worker);
  if (policy.broker !== null) {
    enter(turn, name, {
      state: 'BACKOFF',
      attempt: worker.attempts,
      why: why.rule,
      verdict: 'afterProbe',
      until: turn.now + brokerDelay(policy, turn.random),
    });
  } else {
    fatal(turn, name, cause, why);
  }
  concludeRecycle(turn, name);
};

export const fatal = (
  turn: Turn,
  name: string,
  cause: string | null,
  why: { rule: string; evidence: Evidence },
): void => {
  journal(turn, { action: 'fatal', worker: workerOf(turn, name), cause, ...why });
  enter(turn, name, { state: 'FATAL', why: why.rule });
  change(turn, name, { attempts: 0, crashes: [] });
};
