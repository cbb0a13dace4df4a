import { expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';

test('the old one leaves with the deadline of its stop plan', () => {
  const core = Driven.up({ stopTimeoutMs: 500 }).finding('shop:0#1').toRunningSwap();
  expect(core.worker().leaving).toEqual([expect.objectContaining({ number: 1, until: core.now + 500 + 10_000 })]);
  expect(core.effects).toContainEqual({
    type: 'stop',
    incarnation: 'shop:0#1',
    plan: shop({ stopTimeoutMs: 500 }).plan,
  });
});

test('the swap waits for start.seconds of the replacement', () => {
  const core = Driven.up({ secondsMs: 5_000 }).finding('shop:0#1').spawned('shop:0#2');
  expect(core.send({ type: 'timer', worker: 'shop:0' }, 4_999).is()).toBe('RUNNING #1 +#2');
  expect(core.send({ type: 'timer', worker: 'shop:0' }, 1).is()).toBe('RUNNING #2 -#1');
});

test('with start.seconds 0 it happens as soon as the replacement is spawned', () => {
  expect(Driven.up({ secondsMs: 0 }).finding('shop:0#1').spawned('shop:0#2').is()).toBe('RUNNING #2 -#1');
});

test('a replacement that takes over early still has to stay up', () => {
  const core = Driven.up().finding('shop:0#1').spawned('shop:0#2').exits('shop:0#1').exits('shop:0#2');
  expect(core.is()).toBe('BACKOFF exit.tooQuick');
});

test('a recycle that was given up is not counted and can be asked for again', () => {
  const core = Driven.up().finding('shop:0#1').spawnFailed('shop:0#2');
  expect(core.worker()).toMatchObject({ recycles: 0, bornOf: null, recycle: null });
  expect(core.finding('shop:0#1').is()).toBe('RUNNING #1 +#3');
});
