import { expect, test } from 'vitest';
import {
  arm,
  beginTurn,
  change,
  conclude,
  deadlineOf,
  enter,
  journal,
  policyOf,
  workerOf,
} from '../../../src/core/turn.ts';
import { deepFreeze } from '../../sim/invariants.ts';
import { Driven } from './driven.ts';

const turnOf = (core: Driven) => ({ ...beginTurn(deepFreeze(core.state)), now: core.now });

test('a turn never touches the state it began with', () => {
  const core = Driven.up({ workers: 2 });
  const turn = turnOf(core);
  change(turn, 'shop:0', { restarts: 9 });
  journal(turn, { action: 'warn', rule: 'x' });
  expect(core.worker().restarts).toBe(0);
  expect(core.state.journal.next).toBe(4);
  expect(turn.state.workers['shop:0']?.restarts).toBe(9);
  expect(turn.state.workers['shop:1']).toBe(core.state.workers['shop:1']);
});

test('it knows whose recycle waits, from the beginning and as that changes', () => {
  const core = Driven.up({ workers: 3, overlap: false }).finding('shop:0#1').finding('shop:1#1');
  const turn = turnOf(core);
  expect([...turn.waiting]).toEqual(['shop:1']);
  change(turn, 'shop:2', { pending: core.worker('shop:1').pending });
  change(turn, 'shop:1', { pending: null });
  expect([...turn.waiting]).toEqual(['shop:2']);
});

test('a name nobody has is a fault of the caller', () => {
  const turn = turnOf(Driven.up());
  expect(() => workerOf(turn, 'nobody')).toThrow('no worker named nobody');
  expect(() => policyOf(turn, { ...workerOf(turn, 'shop:0'), program: 'none' })).toThrow('no program named none');
});

test.each([
  ['RUNNING', () => Driven.up(), null],
  ['STOPPED', () => Driven.up().command('stop').exits('shop:0#1'), null],
  ['STARTING', () => new Driven(), 30_000],
  ['BACKOFF', () => new Driven().spawnFailed('shop:0#1'), 800],
  ['STOPPING', () => Driven.up().command('stop'), 20_000],
  ['a swap', () => Driven.up().finding('shop:0#1'), 30_000],
  ['leaving, and STARTING later', () => Driven.up().ceiling('shop:0#1'), 20_000],
])('the earliest deadline of %s', (_where, make, inMs) => {
  const core = make();
  expect(deadlineOf(core.worker())).toBe(inMs === null ? null : core.now + inMs);
});

test('entering a state that waits arms its timer; one that does not arms none', () => {
  const turn = turnOf(Driven.up());
  enter(turn, 'shop:0', { state: 'FATAL', why: 'x' });
  expect(turn.effects).toEqual([]);
  enter(turn, 'shop:0', { state: 'BACKOFF', attempt: 1, why: 'x', verdict: 'start', until: 7 });
  expect(turn.effects).toEqual([{ type: 'timer', worker: 'shop:0', at: 7 }]);
  expect(arm(turn, 'shop:0').life.state).toBe('BACKOFF');
});

test('an entry has everything, unknown as null; an outcome names its entry', () => {
  const turn = turnOf(Driven.up());
  const id = journal(turn, { action: 'warn', rule: 'x' });
  const nothing = { worker: null, program: null, pid: null, incarnation: null, cause: null, text: null, policy: null };
  expect(turn.effects).toEqual([
    { type: 'journal', entry: { id, action: 'warn', rule: 'x', evidence: {}, ...nothing } },
  ]);
  conclude(turn, id, false, 'y');
  expect(turn.effects.at(-1)).toEqual({ type: 'outcome', outcome: { of: id, ok: false, rule: 'y', evidence: {} } });
});
