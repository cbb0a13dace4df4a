/** A broker that does not answer is not the workers' fault: their exits stop counting until it does. */
import { brokerDelay } from './backoff.ts';
import { fatal } from './failed.ts';
import { change, enter, journal, policyOf } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, WorkerState } from './types.ts';

type BrokerEvent = Extract<CoreEvent, { type: 'broker' }>;

export const onBroker = (turn: Turn, event: BrokerEvent): void => {
  const before = turn.state.brokers[event.broker]?.state;
  const after = event.reachable ? 'up' : 'down';
  const since = before === undefined ? null : turn.now;
  if (before !== after) turn.state.brokers = { ...turn.state.brokers, [event.broker]: { state: after, since } };
  const changed = before !== after && !(before === undefined && after === 'up');
  const wentDown = before !== 'down' && after === 'down';
  const cause = changed
    ? journal(turn, { action: 'broker', rule: `broker.${after}`, evidence: { broker: event.broker, text: event.text } })
    : null;
  for (const worker of Object.values(turn.state.workers)) {
    if (policyOf(turn, worker).broker !== event.broker) continue;
    // The outage was noticed later than it began: what failed shortly before is forgiven, whatever the worker does now.
    if (wentDown) change(turn, worker.name, { attempts: 0, crashes: [] });
    if (worker.life.state !== 'BACKOFF') continue;
    if (event.reachable) brokerIsUp(turn, worker, cause);
    else brokerIsDown(turn, worker);
  }
};

const brokerIsDown = (turn: Turn, worker: WorkerState): void => {
  if (worker.life.state !== 'BACKOFF' || worker.life.why === 'broker.down') return;
  if (worker.life.why === 'memory.hard.again' || worker.life.why === 'host.reserve') return;
  const until = turn.now + brokerDelay(policyOf(turn, worker), turn.random);
  enter(turn, worker.name, {
    state: 'BACKOFF',
    attempt: 0,
    why: 'broker.down',
    verdict: 'start',
    until: Math.min(until, worker.life.until),
  });
};

const brokerIsUp = (turn: Turn, worker: WorkerState, cause: string | null): void => {
  if (worker.life.state !== 'BACKOFF') return;
  if (worker.life.why === 'broker.down') enter(turn, worker.name, { ...worker.life, until: turn.now });
  else if (worker.life.verdict === 'afterProbe') {
    fatal(turn, worker.name, cause, {
      rule: worker.life.why,
      evidence: { attempts: worker.attempts, crashes: worker.crashes.length },
    });
  }
};
