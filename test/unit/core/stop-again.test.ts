import { expect, test } from 'vitest';
import { stopAgain } from '../../../src/core/stop-again.ts';
import { beginTurn } from '../../../src/core/turn.ts';
import { Driven, shop } from './driven.ts';

const plan = { ...shop().plan, stopTimeoutMs: 1 };

test('one that runs, or that nobody knows, is not stopped "again"', () => {
  const turn = beginTurn(Driven.up().state);
  stopAgain(turn, 'shop:0#1', 'x', plan);
  stopAgain(turn, 'shop:0#8', 'x', plan);
  expect(turn.effects).toEqual([]);
});

test('the new entry follows from the old one and takes its place; deadlines only come nearer', () => {
  const core = Driven.up().command('stop');
  const turn = { ...beginTurn(core.state), now: core.now };
  stopAgain(turn, 'shop:0#1', 'hurry', plan);
  const entry = turn.effects.flatMap((effect) => (effect.type === 'journal' ? effect.entry : []))[0];
  expect(core.ruleOf(entry?.cause ?? '')).toBe('command.stop');
  expect(turn.state.workers['shop:0']?.life).toMatchObject({ why: entry?.id, until: core.now + 1 + 10_000 });
  stopAgain(turn, 'shop:0#1', 'slowly', { ...plan, stopTimeoutMs: 1e6 });
  expect(turn.state.workers['shop:0']?.life).toMatchObject({ until: core.now + 1 + 10_000 });
});
