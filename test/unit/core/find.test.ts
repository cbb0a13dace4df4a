import { expect, test } from 'vitest';
import {
  allGone,
  findIncarnation,
  incarnationsOf,
  numberOf,
  openEntryOf,
  workerNameOf,
  workersOf,
} from '../../../src/core/find.ts';
import { Driven } from './driven.ts';

test.each([
  ['shop:2#17', 'shop:2', 17],
  ['odd#name#3', 'odd#name', 3],
  ['shop:2#', 'shop:2', 0],
])('%s is %s, %d', (id, name, number) => {
  expect(workerNameOf(id)).toBe(name);
  expect(numberOf(id)).toBe(number);
});

test('an incarnation is found in its role, and by its own id only', () => {
  const core = Driven.up().ceiling('shop:0#1').toRunning().exits('shop:0#1').finding('shop:0#2').ceiling('shop:0#9');
  const role = (id: string): string | undefined => findIncarnation(core.state, id)?.role;
  expect([role('shop:0#1'), role('shop:0#2'), role('shop:0#3'), role('shop:1#1'), role('')]).toEqual([
    undefined,
    'current',
    'replacement',
    undefined,
    undefined,
  ]);
  expect(incarnationsOf(core.worker()).map(({ number }) => number)).toEqual([2, 3]);
  expect(findIncarnation(core.toRunningSwap().state, 'shop:0#2')?.role).toBe('leaving');
  expect(incarnationsOf(core.worker()).map(({ number }) => number)).toEqual([3, 2]);
});

test.each([
  ['STARTING', () => new Driven(), 'shop:0#1', 'start.auto'],
  ['RUNNING', () => Driven.up(), 'shop:0#1', null],
  ['STOPPING', () => Driven.up().command('stop'), 'shop:0#1', 'command.stop'],
  ['a replacement', () => Driven.up().finding('shop:0#1'), 'shop:0#2', 'start.recycle'],
  ['leaving', () => Driven.up().ceiling('shop:0#1'), 'shop:0#1', 'memory.hard'],
] as const)('%s waits for the outcome of %s', (_where, make, id, rule) => {
  const core = make();
  const place = findIncarnation(core.state, id);
  const entry = place === null ? null : openEntryOf(place);
  expect(entry === null ? null : core.ruleOf(entry)).toBe(rule);
});

test('all is gone when no worker has a process and no stray is left', () => {
  const core = Driven.up().spawned('shop:0#7').command('stop').exits('shop:0#1');
  expect(allGone(core.state)).toBe(false);
  expect(allGone(core.exits('shop:0#7').state)).toBe(true);
});

test('workers of a program, in their order', () => {
  const { state } = new Driven();
  expect(workersOf(state, 'shop').map(({ name }) => name)).toEqual(['shop:0']);
  expect(workersOf(state, 'nobody')).toEqual([]);
});
