/** A deadline has passed. A timer that comes late or twice finds a state whose deadline lies ahead, and only arms itself again. */
import { onStartTimer, start } from './start.ts';
import { arm, change, enter, journal, policyOf, workerOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { Leaving } from './types.ts';

/** How long to wait for a process that neither signals nor SIGKILL ended (uninterruptible sleep) before saying it again. */
const STUCK_AGAIN_MS = 60_000;

export const onTimer = (turn: Turn, name: string): void => {
  if (turn.state.workers[name] === undefined) return;
  const { life } = workerOf(turn, name);
  if (life.state === 'BACKOFF' && life.until <= turn.now) backoffOver(turn, name);
  else if (life.state === 'STOPPING' && life.until <= turn.now) {
    sayStuck(turn, name, { ...life.incarnation, why: life.why, until: life.until });
    enter(turn, name, { ...life, until: turn.now + STUCK_AGAIN_MS });
  } else onStartTimer(turn, name);
  pauseOver(turn, name);
  remindOfLeaving(turn, name);
  arm(turn, name);
};

/** A configuration that did not come up may be tried again. */
const pauseOver = (turn: Turn, name: string): void => {
  const { pending } = workerOf(turn, name);
  if (pending?.notBefore === undefined || pending.notBefore > turn.now) return;
  const { notBefore: _over, ...rest } = pending;
  change(turn, name, { pending: rest });
};

const backoffOver = (turn: Turn, name: string): void => {
  const worker = workerOf(turn, name);
  if (worker.life.state !== 'BACKOFF') return;
  const { broker } = policyOf(turn, worker);
  if (broker !== null && worker.life.why === 'broker.down') turn.effects.push({ type: 'probeBroker', broker });
  const rule = worker.life.why === 'broker.down' ? 'start.brokerRetry' : 'start.retry';
  start(turn, name, rule, null, { attempt: worker.life.attempt });
};

const remindOfLeaving = (turn: Turn, name: string): void => {
  const worker = workerOf(turn, name);
  if (worker.leaving.every((old) => old.until > turn.now)) return;
  const leaving = worker.leaving.map((old) => {
    if (old.until > turn.now) return old;
    sayStuck(turn, name, old);
    return { ...old, until: turn.now + STUCK_AGAIN_MS };
  });
  change(turn, name, { leaving });
};

const sayStuck = (turn: Turn, name: string, old: Leaving): void => {
  const worker = workerOf(turn, name);
  journal(turn, { action: 'warn', rule: 'stop.stuck', worker, incarnation: old, cause: old.why });
};
