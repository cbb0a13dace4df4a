import { expect, test } from 'vitest';
import { stopStray, strayGone } from '../../../src/core/strays.ts';
import { beginTurn } from '../../../src/core/turn.ts';
import { Driven, shop } from './driven.ts';

test('a stray of a worker is stopped by the plan of its program, one of nobody by TERM and KILL', () => {
  const turn = beginTurn(Driven.up({ stopTimeoutMs: 77 }).state);
  stopStray(turn, { incarnation: 'shop:0#9', pid: 5 }, 'x');
  stopStray(turn, { incarnation: 'old:3#2', pid: 6 }, 'x');
  const plans = turn.effects.flatMap((effect) => (effect.type === 'stop' ? effect.plan : []));
  expect(plans[0]).toEqual(shop({ stopTimeoutMs: 77 }).plan);
  expect(plans[1]).toMatchObject({ stopSignal: 'TERM', stopTimeoutMs: 10_000, kill: 'afterTimeout' });
  expect(turn.state.workers['shop:0']?.nextNumber).toBe(10);
  expect(turn.state.retiredNumbers).toEqual({ 'old:3': 3 });
});

test('its entry names it, and is closed once: when it is gone, or by a stop that follows', () => {
  const turn = beginTurn(Driven.up().state);
  stopStray(turn, { incarnation: 'old:3#2', pid: 6 }, 'first');
  stopStray(turn, { incarnation: 'old:3#2', pid: 6 }, 'second');
  strayGone(turn, 'old:3#2', {});
  strayGone(turn, 'old:3#2', {});
  const entries = turn.effects.flatMap((effect) => (effect.type === 'journal' ? effect.entry : []));
  expect(entries[0]).toMatchObject({ worker: null, incarnation: 2, pid: 6, evidence: { name: 'old:3' } });
  const outcomes = turn.effects.flatMap((effect) => (effect.type === 'outcome' ? effect.outcome : []));
  expect(outcomes.map(({ of, rule }) => [of, rule])).toEqual([
    [entries[0]?.id, 'overtaken'],
    [entries[1]?.id, 'stopped'],
  ]);
});
