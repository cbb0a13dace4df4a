import { expect, test } from 'vitest';
import { initialState, step, stepAll } from '../../../src/core/step.ts';
import type { CoreEvent } from '../../../src/core/types.ts';
import { deepFreeze } from '../../sim/invariants.ts';
import { Driven, shop } from './driven.ts';

test('the first state is plain JSON and knows nothing', () => {
  const state = initialState('run1');
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(state).toMatchObject({
    version: 1,
    mode: 'running',
    shim: 'lost',
    workers: {},
    journal: { prefix: 'run1', next: 1 },
  });
});

test('journal ids are the prefix and a growing number', () => {
  const ids = Driven.up().allEffects.flatMap((effect) => (effect.type === 'journal' ? effect.entry.id : []));
  expect(ids).toEqual(['t-1', 't-2']);
});

test('equal inputs give equal outputs, and the input is not touched', () => {
  const { state } = Driven.up({ workers: 3 }).finding('shop:0#1');
  const event: CoreEvent = deepFreeze({
    type: 'command',
    verb: 'restart',
    workers: ['shop:1'],
    kill: false,
    reason: null,
    now: 9,
    random: 0.3,
  });
  const copy = structuredClone(state);
  expect(step(deepFreeze(state), event)).toEqual(step(structuredClone(state), event));
  expect(state).toEqual(copy);
});

test('several events as one step lead where single steps lead', () => {
  const start: CoreEvent[] = [
    { type: 'config', programs: [shop({ workers: 3 })], hostMaxConcurrent: 1, reserveBytes: 0, now: 1, random: 0 },
    { type: 'attached', shimPid: 1, incarnations: [], ended: [], untold: [], now: 2, random: 0 },
    { type: 'spawned', incarnation: 'shop:0#1', pid: 5, at: 3, wall: 0, now: 3, random: 0 },
    { type: 'timer', worker: 'shop:0', now: 5_000, random: 0 },
    { type: 'spawnFailed', incarnation: 'shop:1#1', field: 'user', text: 'no such user', now: 5_001, random: 0.5 },
  ];
  let state = initialState('t');
  const effects = start.flatMap((event) => {
    const next = step(state, event);
    state = next.state;
    return next.effects;
  });
  expect(stepAll(initialState('t'), start)).toEqual({ state, effects });
  expect(stepAll(state, [])).toEqual({ state, effects: [] });
});

test('what the host has free is remembered and leads to nothing', () => {
  const core = Driven.up().memory(5);
  expect(core.state.availableBytes).toBe(5);
  expect(core.effects).toEqual([]);
});

test('a signal goes to the process of current, with an entry; to none where there is none', () => {
  const core = Driven.up().send({ type: 'signal', worker: 'shop:0', signal: 'USR1' });
  expect(core.orders()).toEqual(['USR1 shop:0#1']);
  expect(core.said()).toEqual(['command command.signal']);
  for (const other of [new Driven(), new Driven().spawnFailed('shop:0#1')])
    expect(other.send({ type: 'signal', worker: 'shop:0', signal: 'USR1' }).effects).toEqual([]);
  expect(core.send({ type: 'signal', worker: 'nobody', signal: 'USR1' }).effects).toEqual([]);
});
