import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RUNNING, step } from '../../../src/shim/ladder.ts';
import type { Ladder, LadderAction, LadderEvent } from '../../../src/shim/ladder.ts';
import type { StopPhase, StopPlan } from '../../../src/shim/protocol.ts';

const PLAN: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 0,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 10_000,
  kill: 'afterTimeout',
};
const ORDER: StopPhase[] = ['running', 'quiesced', 'draining', 'settling', 'signalled', 'killed', 'gone'];

const stop = (now: number, changes: Partial<StopPlan> = {}): LadderEvent => ({
  kind: 'stop',
  by: 'controller',
  plan: { ...PLAN, ...changes },
  now,
  wall: now + 1e6,
});
const deadline = (now: number): LadderEvent => ({ kind: 'deadline', now });

function run(events: LadderEvent[]): { ladder: Ladder; actions: string[][] } {
  let ladder = RUNNING;
  const actions = events.map((event) => {
    const next = step(ladder, event);
    ladder = next.ladder;
    return next.actions.map((action: LadderAction) => (action.kind === 'signal' ? action.signal : action.kind));
  });
  return { ladder, actions };
}

const KILL = ['killGroup', 'killDescendants'];

describe('the stop ladder', () => {
  test.each<[string, LadderEvent[], string[][], StopPhase, number | null]>([
    ['a stop signals', [stop(100)], [['SIGTERM']], 'signalled', 10_100],
    ['the signal is that of the plan', [stop(0, { stopSignal: 'QUIT' })], [['SIGQUIT']], 'signalled', 10_000],
    ['`now` kills at once', [stop(0, { kill: 'now' })], [KILL], 'killed', 2000],
    ['an early deadline does nothing', [stop(0), deadline(9_999)], [['SIGTERM'], []], 'signalled', 10_000],
    ['the deadline kills', [stop(0), deadline(10_000)], [['SIGTERM'], KILL], 'killed', 12_000],
    ['a second stop shortens', [stop(0), stop(1000, { stopTimeoutMs: 500 })], [['SIGTERM'], []], 'signalled', 1500],
    [
      'a second stop never lengthens',
      [stop(0), stop(1000, { stopTimeoutMs: 9e9 })],
      [['SIGTERM'], []],
      'signalled',
      10_000,
    ],
    ['a second stop may kill', [stop(0), stop(5, { kill: 'now' })], [['SIGTERM'], KILL], 'killed', 2005],
    ['a stop after the kill does nothing', [stop(0, { kill: 'now' }), stop(5)], [KILL, []], 'killed', 2000],
    ['SIGKILL is repeated', [stop(0, { kill: 'now' }), deadline(2000)], [KILL, KILL], 'killed', 4000],
    [
      'tree-kill is the last rung, once',
      [stop(0, { kill: 'now' }), deadline(2000), deadline(4000), deadline(14_000)],
      [KILL, KILL, [...KILL, 'killTree'], KILL],
      'killed',
      24_000,
    ],
    ['gone ends all', [stop(0), { kind: 'gone' }, deadline(1e9), stop(1e9)], [['SIGTERM'], [], [], []], 'gone', null],
    ['gone without a stop', [{ kind: 'gone' }], [[]], 'gone', null],
  ])('%s', (_, events, actions, phase, due) => {
    const result = run(events);
    expect(result.actions).toEqual(actions);
    expect(result.ladder.phase).toBe(phase);
    expect(result.ladder.deadline).toBe(due);
  });

  test('the report keeps who began, and when each rung was reached', () => {
    const { ladder } = run([stop(100), { ...stop(200, { kill: 'now' }), by: 'kill' } as LadderEvent]);
    expect(ladder.report).toEqual({
      by: 'controller',
      beganAt: 100,
      signal: 'SIGTERM',
      signalledAt: 100,
      signalledWall: 1_000_100,
      killedAt: 200,
    });
  });

  const event = fc.record({
    wait: fc.integer({ min: 0, max: 20_000 }),
    kind: fc.constantFrom('stop', 'deadline', 'gone'),
    stopTimeoutMs: fc.integer({ min: 0, max: 30_000 }),
    kill: fc.constantFrom('now', 'afterTimeout'),
  });

  test('phases only move forward, a deadline is never moved back, every wait has one', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let ladder = RUNNING;
        let now = 0;
        for (const { wait, kind, stopTimeoutMs, kill } of events) {
          now += wait;
          const before = ladder;
          const plan = { stopTimeoutMs, kill } as const;
          const next =
            kind === 'stop' ? stop(now, plan) : kind === 'deadline' ? deadline(now) : ({ kind: 'gone' } as const);
          ladder = step(ladder, next).ladder;
          expect(ORDER.indexOf(ladder.phase)).toBeGreaterThanOrEqual(ORDER.indexOf(before.phase));
          const waiting = ladder.phase !== 'running' && ladder.phase !== 'gone';
          expect(ladder.deadline !== null).toBe(waiting);
          if (before.phase === 'signalled' && ladder.phase === 'signalled') {
            expect(ladder.deadline).toBeLessThanOrEqual(before.deadline ?? -1);
          }
        }
      }),
    );
  });

  test('a stop ends in SIGKILL within its shortest deadline', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 6 }), (timeouts) => {
        let ladder = RUNNING;
        timeouts.forEach((stopTimeoutMs, index) => {
          ladder = step(ladder, stop(index, { stopTimeoutMs })).ladder;
        });
        const due = Math.min(...timeouts.map((timeout, index) => timeout + index));
        expect(ladder.deadline).toBe(due);
        const killed = step(ladder, deadline(due));
        expect(killed.ladder.phase).toBe('killed');
        expect(killed.actions.map((action) => action.kind)).toEqual(KILL);
      }),
    );
  });
});
