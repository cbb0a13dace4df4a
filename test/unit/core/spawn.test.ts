import { expect, test } from 'vitest';
import { Driven } from './driven.ts';

test('a spawn names its incarnation, its number, its role and the entry that says why', () => {
  const core = new Driven();
  const spawn = core.effects.find((effect) => effect.type === 'spawn');
  expect(spawn).toEqual({
    type: 'spawn',
    worker: 'shop:0',
    incarnation: 'shop:0#1',
    number: 1,
    role: 'current',
    spec: '1.a',
    cause: 't-2',
  });
  expect(core.ruleOf('t-2')).toBe('start.auto');
  expect(core.worker().nextNumber).toBe(2);
});

test('numbers grow through every kind of start', () => {
  const core = Driven.up().exits('shop:0#1').toRunning().finding('shop:0#2').toRunningSwap().exits('shop:0#2');
  core.command('restart').exits('shop:0#3').spawnFailed('shop:0#4').timer().toRunning().ceiling('shop:0#5');
  const numbers = core.allEffects.flatMap((effect) => (effect.type === 'spawn' ? effect.number : []));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the entry of a start is caused by what led to it', () => {
  const core = Driven.up().exits('shop:0#1');
  const entries = core.effects.flatMap((effect) => (effect.type === 'journal' ? effect.entry : []));
  expect(entries.map(({ rule, cause }) => [rule, cause === null ? null : core.ruleOf(cause)])).toEqual([
    ['exit.unexpected', 'start.auto'],
    ['start.afterExit', 'exit.unexpected'],
  ]);
});
