import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RUNNING, step } from '../../../src/shim/ladder.ts';
import type { Ladder, LadderAction, LadderEvent, Moment } from '../../../src/shim/ladder.ts';
import type { StopPhase } from '../../../src/shim/protocol.ts';
import type { StopPlan } from '../../../src/shim/spawn-spec.ts';

const PLAN: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 60_000,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 50,
  stopSignal: 'TERM',
  stopTimeoutMs: 10_000,
  kill: 'afterTimeout',
};

interface Happening {
  event: LadderEvent;
  moment: Moment;
}

const at = (now: number, event: LadderEvent, about: Partial<Moment> = {}): Happening => ({
  event,
  moment: { now, wall: now + 1e6, inFlight: null, idle: true, ...about },
});
const stop = (now: number, changes: Partial<StopPlan> = {}, by: 'controller' | 'hard' = 'controller'): Happening =>
  at(now, { kind: 'stop', by, plan: { ...PLAN, ...changes } });
const late = (now: number, about: Partial<Moment> = {}): Happening => at(now, { kind: 'deadline' }, about);
/** A stop of a gated worker that holds two messages. */
const drain = (now: number, changes: Partial<StopPlan> = {}, by: 'controller' | 'hard' = 'controller'): Happening => ({
  event: { kind: 'stop', by, plan: { ...PLAN, quiesce: true, ...changes } },
  moment: { now, wall: now + 1e6, inFlight: 2, idle: true },
});
const drained = (now: number): Happening => at(now, { kind: 'drained' }, { inFlight: 0 });
const stuck = (now: number, blind = false): Happening => at(now, { kind: 'stuck', blind }, { inFlight: 2 });
const gone: Happening = at(9, { kind: 'gone' });

function run(happenings: Happening[]): { ladder: Ladder; actions: string[][] } {
  let ladder = RUNNING;
  const actions = happenings.map(({ event, moment }) => {
    const next = step(ladder, event, moment);
    ladder = next.ladder;
    return next.actions.map((action: LadderAction) => (action.kind === 'signal' ? action.signal : action.kind));
  });
  return { ladder, actions };
}

const KILL = ['killGroup', 'killDescendants'];
type Row = [string, Happening[], string[][], StopPhase, number | null];

const expectRun = (happenings: Happening[], actions: string[][], phase: StopPhase, due: number | null): void => {
  const result = run(happenings);
  expect(result.actions).toEqual(actions);
  expect(result.ladder.phase).toBe(phase);
  expect(result.ladder.deadline).toBe(due);
};

describe('without a gate', () => {
  test.each<Row>([
    ['a stop signals', [stop(100)], [['SIGTERM']], 'signalled', 10_100],
    ['the signal is that of the plan', [stop(0, { stopSignal: 'QUIT' })], [['SIGQUIT']], 'signalled', 10_000],
    ['there is nothing to drain', [stop(0, { quiesce: true })], [['SIGTERM']], 'signalled', 10_000],
    ['`now` kills at once', [stop(0, { kill: 'now' })], [KILL], 'killed', 2000],
    ['an early deadline does nothing', [stop(0), late(9_999)], [['SIGTERM'], []], 'signalled', 10_000],
    ['the deadline kills', [stop(0), late(10_000)], [['SIGTERM'], KILL], 'killed', 12_000],
    ['a second stop shortens', [stop(0), stop(1000, { stopTimeoutMs: 500 })], [['SIGTERM'], []], 'signalled', 1500],
    ['… never lengthens', [stop(0), stop(1000, { stopTimeoutMs: 9e9 })], [['SIGTERM'], []], 'signalled', 10_000],
    ['… may kill', [stop(0), stop(5, { kill: 'now' })], [['SIGTERM'], KILL], 'killed', 2005],
    ['a stop after the kill does nothing', [stop(0, { kill: 'now' }), stop(5)], [KILL, []], 'killed', 2000],
    ['SIGKILL is repeated', [stop(0, { kill: 'now' }), late(2000)], [KILL, KILL], 'killed', 4000],
    [
      'tree-kill is the last rung, once',
      [stop(0, { kill: 'now' }), late(2000), late(4000), late(14_000)],
      [KILL, KILL, [...KILL, 'killTree'], KILL],
      'killed',
      24_000,
    ],
    ['gone ends all', [stop(0), gone, late(1e9), stop(1e9)], [['SIGTERM'], [], [], []], 'gone', null],
    ['gone without a stop', [gone], [[]], 'gone', null],
    ['what a gate says of a worker that nobody stops', [drained(1), stuck(2)], [[], []], 'running', null],
  ])('%s', (_, happenings, actions, phase, due) => expectRun(happenings, actions, phase, due));
});

describe('behind a gate', () => {
  test.each<Row>([
    ['a stop drains first', [drain(100)], [['quiesce']], 'draining', 60_100],
    ['drained, it settles', [drain(0), drained(70)], [['quiesce'], []], 'settling', 120],
    [
      'settled, it is signalled',
      [drain(0), drained(70), late(120)],
      [['quiesce'], [], ['SIGTERM']],
      'signalled',
      10_120,
    ],
    ['nothing to settle', [drain(0, { settleMs: 0 }), drained(70)], [['quiesce'], ['SIGTERM']], 'signalled', 10_070],
    [
      'a hard ceiling settles nothing',
      [drain(0, {}, 'hard'), drained(7)],
      [['quiesce'], ['SIGTERM']],
      'signalled',
      10_007,
    ],
    [
      'a busy worker settles on',
      [drain(0), drained(0), late(50, { idle: false })],
      [['quiesce'], [], []],
      'settling',
      100,
    ],
    [
      '… ten times as long at most',
      [drain(0), drained(0), late(499, { idle: false }), late(500, { idle: false })],
      [['quiesce'], [], [], ['SIGTERM']],
      'signalled',
      10_500,
    ],
    ['a drain that does not end', [drain(0), late(60_000)], [['quiesce'], ['SIGTERM']], 'signalled', 70_000],
    [
      '… is tried again where nothing urges',
      [drain(0, { drainAttempts: 2 }), late(60_000), late(120_000), late(180_000)],
      [['quiesce'], ['resume'], ['quiesce'], ['SIGTERM']],
      'signalled',
      190_000,
    ],
    [
      'the second try may succeed',
      [drain(0, { drainAttempts: 2 }), late(60_000), late(120_000), drained(120_500)],
      [['quiesce'], ['resume'], ['quiesce'], []],
      'settling',
      120_550,
    ],
    ['stuck, wait', [drain(0), stuck(5_000)], [['quiesce'], []], 'draining', 60_000],
    [
      'stuck, kill',
      [drain(0, { onStuckDrain: 'kill' }), stuck(5_000)],
      [['quiesce'], ['SIGTERM']],
      'signalled',
      15_000,
    ],
    [
      'stuck, resume',
      [drain(0, { onStuckDrain: 'resume', drainAttempts: 2 }), stuck(5_000)],
      [['quiesce'], ['resume']],
      'resumed',
      65_000,
    ],
    [
      'stuck, resume, no try left',
      [drain(0, { onStuckDrain: 'resume' }), stuck(5)],
      [['quiesce'], []],
      'draining',
      60_000,
    ],
    [
      'stuck and blind: waiting cannot help',
      [drain(0), stuck(0, true)],
      [['quiesce'], ['SIGTERM']],
      'signalled',
      10_000,
    ],
    [
      'a second stop shortens the drain',
      [drain(0), drain(10, { drainTimeoutMs: 100 })],
      [['quiesce'], []],
      'draining',
      110,
    ],
    ['… never lengthens it', [drain(0), drain(10, { drainTimeoutMs: 9e9 })], [['quiesce'], []], 'draining', 60_000],
    ['… without a drain signals', [drain(0), stop(10)], [['quiesce'], ['SIGTERM']], 'signalled', 10_010],
    ['… `now` kills', [drain(0), stop(10, { kill: 'now' })], [['quiesce'], KILL], 'killed', 2010],
    [
      '… that urges takes back the patience',
      [drain(0, { drainAttempts: 3 }), drain(10, {}, 'hard'), late(60_000)],
      [['quiesce'], [], ['SIGTERM']],
      'signalled',
      70_000,
    ],
    [
      '… drains a resumed worker at once',
      [drain(0, { drainAttempts: 3 }), late(60_000), drain(61_000)],
      [['quiesce'], ['resume'], ['quiesce']],
      'draining',
      121_000,
    ],
    ['it may end by itself', [drain(0), gone], [['quiesce'], []], 'gone', null],
  ])('%s', (_, happenings, actions, phase, due) => expectRun(happenings, actions, phase, due));
});

describe('the report', () => {
  test('keeps who began, and when each rung was reached', () => {
    expect(run([stop(100), stop(200, { kill: 'now' })]).ladder.report).toEqual({
      by: 'controller',
      beganAt: 100,
      drainedAt: null,
      unacknowledged: null,
      signal: 'SIGTERM',
      signalledAt: 100,
      signalledWall: 1_000_100,
      killedAt: 200,
    });
  });

  test.each<[string, Happening[], number | null, number | null]>([
    ['a drain that ended', [drain(0), drained(70), late(120, { inFlight: 0 })], 70, 0],
    ['a drain that did not', [drain(0), late(60_000, { inFlight: 2 })], null, 2],
    ['a kill instead of a drain', [at(0, stop(0, { kill: 'now' }).event, { inFlight: 5 })], null, 5],
    ['a kill after a drain', [drain(0), drained(70), late(120, { inFlight: 0 }), late(10_120)], 70, 0],
  ])('%s', (_, happenings, drainedAt, unacknowledged) => {
    expect(run(happenings).ladder.report).toMatchObject({ drainedAt, unacknowledged });
  });
});

const plans = fc.record({
  quiesce: fc.boolean(),
  drainTimeoutMs: fc.integer({ min: 0, max: 30_000 }),
  drainAttempts: fc.integer({ min: 1, max: 3 }),
  onStuckDrain: fc.constantFrom('wait', 'resume', 'kill'),
  settleMs: fc.integer({ min: 0, max: 200 }),
  stopSignal: fc.constant('TERM'),
  stopTimeoutMs: fc.integer({ min: 0, max: 30_000 }),
  kill: fc.constantFrom('now', 'afterTimeout'),
}) satisfies fc.Arbitrary<StopPlan>;
const happening = fc.record({
  wait: fc.integer({ min: 0, max: 20_000 }),
  kind: fc.constantFrom('stop', 'deadline', 'drained', 'stuck', 'gone'),
  plan: plans,
  inFlight: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
  idle: fc.boolean(),
});
const ORDER: StopPhase[] = ['running', 'draining', 'settling', 'signalled', 'killed', 'gone'];
const rank = (phase: StopPhase): number => ORDER.indexOf(phase === 'resumed' ? 'draining' : phase);

describe('whatever happens', () => {
  test('phases move forward, every wait has a deadline, that of a signal is never moved back', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 30 }), (drawn) => {
        let ladder = RUNNING;
        let now = 0;
        for (const { wait, kind, plan, inFlight, idle } of drawn) {
          now += wait;
          const before = ladder;
          const event: LadderEvent =
            kind === 'stop' ? { kind, by: 'controller', plan } : kind === 'stuck' ? { kind, blind: false } : { kind };
          ladder = step(ladder, event, { now, wall: now, inFlight, idle }).ladder;
          expect(rank(ladder.phase)).toBeGreaterThanOrEqual(rank(before.phase));
          expect(ladder.deadline !== null).toBe(ladder.phase !== 'running' && ladder.phase !== 'gone');
          if (before.phase === 'signalled' && ladder.phase === 'signalled')
            expect(ladder.deadline).toBeLessThanOrEqual(before.deadline ?? -1);
        }
      }),
    );
  });

  test('a stop reaches SIGKILL within what its plan allows, if the worker never drains, idles or ends', () => {
    fc.assert(
      fc.property(plans, (plan) => {
        let { ladder } = step(
          RUNNING,
          { kind: 'stop', by: 'controller', plan },
          at(0, { kind: 'gone' }, { inFlight: 1 }).moment,
        );
        const allowed = (2 * plan.drainAttempts - 1) * plan.drainTimeoutMs + 10 * plan.settleMs + plan.stopTimeoutMs;
        for (let turns = 0; ladder.phase !== 'killed'; turns += 1) {
          const now = ladder.deadline ?? Infinity;
          expect(now).toBeLessThanOrEqual(allowed);
          expect(turns).toBeLessThan(100);
          ladder = step(ladder, { kind: 'deadline' }, { now, wall: now, inFlight: 1, idle: false }).ladder;
        }
      }),
    );
  });

  test('no signal while something is in flight before the drain deadline, unless `now`, `kill` or a blind gate say so', () => {
    fc.assert(
      fc.property(plans, fc.array(fc.integer({ min: 0, max: 29_999 }), { maxLength: 10 }), (drawn, times) => {
        const plan: StopPlan = {
          ...drawn,
          quiesce: true,
          kill: 'afterTimeout',
          onStuckDrain: 'wait',
          drainTimeoutMs: 30_000,
        };
        let { ladder } = step(
          RUNNING,
          { kind: 'stop', by: 'controller', plan },
          { now: 0, wall: 0, inFlight: 1, idle: true },
        );
        for (const now of times.toSorted((a, b) => a - b)) {
          const next = step(
            ladder,
            { kind: now % 2 === 0 ? 'deadline' : 'stop', by: 'controller', plan },
            { now, wall: now, inFlight: 1, idle: true },
          );
          expect(next.actions).toEqual([]);
          ladder = next.ladder;
        }
      }),
    );
  });
});
