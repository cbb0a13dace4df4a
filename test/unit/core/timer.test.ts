import { expect, test } from 'vitest';
import { deadlineOf } from '../../../src/core/turn.ts';
import { Driven } from './driven.ts';

test.each([
  ['BACKOFF', () => new Driven().spawnFailed('shop:0#1')],
  ['STARTING', () => new Driven().spawned('shop:0#1')],
  ['STOPPING', () => Driven.up().command('stop')],
  ['swapping', () => Driven.up().finding('shop:0#1').spawned('shop:0#2')],
  ['leaving', () => Driven.up().finding('shop:0#1').toRunningSwap()],
])('a timer that comes too early (%s) changes nothing and is armed again', (_where, make) => {
  const core = make();
  const before = core.state;
  const at = deadlineOf(core.worker());
  core.send({ type: 'timer', worker: 'shop:0' });
  expect(core.state).toEqual(before);
  expect(core.effects).toEqual([{ type: 'timer', worker: 'shop:0', at }]);
});

test('nothing waits: nothing is armed', () => {
  expect(Driven.up().send({ type: 'timer', worker: 'shop:0' }, 1e9).effects).toEqual([]);
  expect(Driven.up().send({ type: 'timer', worker: 'nobody' }).effects).toEqual([]);
});

test('BACKOFF is over at its deadline, not before', () => {
  const core = new Driven().spawnFailed('shop:0#1');
  expect(core.send({ type: 'timer', worker: 'shop:0' }, 799).is()).toBe('BACKOFF spawn.failed');
  expect(core.send({ type: 'timer', worker: 'shop:0' }, 1).is()).toBe('STARTING #2');
  expect(core.said()).toEqual(['start start.retry']);
});

test('a process that neither signal nor SIGKILL ended is said again every minute', () => {
  const core = Driven.up().command('stop').timer();
  expect(core.said()).toEqual(['warn stop.stuck']);
  expect(core.life()).toMatchObject({ state: 'STOPPING', until: core.now + 60_000 });
  expect(core.timer().said()).toEqual(['warn stop.stuck']);
});

test('so is one that leaves, while its worker runs on', () => {
  const core = Driven.up().ceiling('shop:0#1').toRunning();
  expect(core.timer().said()).toEqual(['warn stop.stuck']);
  expect(core.is()).toBe('RUNNING #2 -#1');
  expect(core.worker().leaving[0]?.until).toBe(core.now + 60_000);
});
