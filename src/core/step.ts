/**
 * The core: `step(state, event) → { state, effects }`. Pure; the controller carries the effects out, in order.
 * docs/design.md, section 5, lists the properties that hold in every run (test/sim checks them).
 */
import { onAttached } from './attach.ts';
import { onBroker } from './broker.ts';
import { onCeiling } from './ceiling.ts';
import { onCommand } from './command.ts';
import { onConsuming } from './consuming.ts';
import { onConfig, startWanted } from './configure.ts';
import { onExited } from './exit.ts';
import { onFindings } from './findings.ts';
import { incarnationsOf } from './find.ts';
import { onSettled } from './futile.ts';
import { adjustOom, onOomRefused, onTrend } from './oom.ts';
import { grantPending } from './recycle.ts';
import { onReady } from './ready.ts';
import { rollIfOutdated } from './roll.ts';
import { stopFreed } from './shutdown.ts';
import { onSpawnFailed, onSpawned, startHeld } from './start.ts';
import { onTimer } from './timer.ts';
import { beginTurn, journal } from './turn.ts';
import type { Turn } from './turn.ts';
import type { CoreEvent, CoreState, Effect } from './types.ts';

export const initialState = (journalPrefix: string): CoreState => ({
  version: 1,
  mode: 'running',
  programs: {},
  workers: {},
  shim: 'lost',
  brokers: {},
  granted: {},
  futile: {},
  strays: {},
  stopped: {},
  retiredNumbers: {},
  hostMaxConcurrent: 1,
  reserveBytes: 0,
  availableBytes: null,
  needs: {},
  journal: { prefix: journalPrefix, next: 1 },
});

export const step = (state: CoreState, event: CoreEvent): { state: CoreState; effects: Effect[] } =>
  stepAll(state, [event]);

/**
 * Several events that wait together (the answers to a thousand spawns), in their order, as one step: the table of workers is copied
 * once, and the turns of waiting recycles are granted once, after the last.
 */
export const stepAll = (state: CoreState, events: readonly CoreEvent[]): { state: CoreState; effects: Effect[] } => {
  const turn = beginTurn(state);
  for (const event of events) {
    turn.now = event.now;
    turn.random = event.random;
    dispatch(turn, event);
  }
  for (const name of turn.touched) rollIfOutdated(turn, name);
  if (events.some((event) => event.type !== 'host')) followUp(turn);
  for (const name of turn.touched) adjustOom(turn, name);
  return { state: turn.state, effects: turn.effects };
};

/** What one worker's step may have made possible for others. */
const followUp = (turn: Turn): void => {
  startHeld(turn);
  stopFreed(turn);
  grantPending(turn);
};

const dispatch = (turn: Turn, event: CoreEvent): void => {
  switch (event.type) {
    case 'config':
      onConfig(turn, event);
      startWanted(turn);
      return;
    case 'attached':
      onAttached(turn, event);
      for (const name of Object.keys(turn.state.workers)) turn.touched.add(name);
      startWanted(turn);
      return;
    case 'shimLost':
      turn.state.shim = 'lost';
      journal(turn, {
        action: 'shimLost',
        rule: 'shimLost',
        evidence: { incarnations: event.incarnations ?? countIncarnations(turn.state) },
      });
      return;
    case 'spawned':
      onSpawned(turn, event);
      return;
    case 'spawnFailed':
      onSpawnFailed(turn, event);
      return;
    case 'exited':
      onExited(turn, event.fact);
      return;
    case 'ceiling':
      onCeiling(turn, { ...event.fact, bytesPerMessage: event.bytesPerMessage });
      return;
    case 'findings':
      onFindings(turn, event);
      return;
    case 'settled':
      onSettled(turn, event);
      return;
    case 'trend':
      onTrend(turn, event);
      return;
    case 'oomRefused':
      onOomRefused(turn, event);
      return;
    case 'timer':
      onTimer(turn, event.worker);
      return;
    case 'broker':
      onBroker(turn, event);
      return;
    case 'ready':
      onReady(turn, event);
      return;
    case 'consuming':
      onConsuming(turn, event);
      return;
    case 'host':
      turn.state.availableBytes = event.availableBytes;
      turn.state.needs = { ...turn.state.needs, ...event.needs };
      return;
    case 'command':
      onCommand(turn, event);
      return;
    case 'signal':
      signal(turn, event.worker, event.signal);
  }
};

const signal = (turn: Turn, name: string, signalName: string): void => {
  const worker = turn.state.workers[name];
  if (worker === undefined || !('incarnation' in worker.life) || worker.life.incarnation.pid === null) return;
  const { incarnation } = worker.life;
  journal(turn, { action: 'command', rule: 'command.signal', worker, incarnation, evidence: { signal: signalName } });
  turn.effects.push({ type: 'signal', incarnation: incarnation.id, signal: signalName });
};

const countIncarnations = (state: CoreState): number =>
  Object.values(state.workers).reduce((sum, worker) => sum + incarnationsOf(worker).length, 0);
