/** A worker that stays deaf is recycled under the ordinary rules; a successor that is deaf as well is not, for a while. */
import { expect, test } from 'vitest';
import { Driven } from './driven.ts';

const deaf = (core: Driven, incarnation: string, afterMs = 60_000): Driven =>
  core.send({ type: 'findings', incarnation, rule: 'deaf', evidence: { reason: 'consumerCancelled' } }, afterMs);

test('it is recycled, the replacement first, and by its budget', () => {
  const core = deaf(Driven.up(), 'shop:0#1');
  expect(core.is()).toBe('RUNNING #1 +#2');
  expect(core.said()).toContain('recycle deaf');
  expect(core.state.granted['shop']).toHaveLength(1);
});

test('a successor that is deaf at once waits until it is five minutes old', () => {
  const core = deaf(Driven.up({ overlap: false }), 'shop:0#1')
    .exits('shop:0#1')
    .toRunning();
  expect(deaf(core, 'shop:0#2', 200_000).is()).toBe('RUNNING #2');
  expect(deaf(core, 'shop:0#2', 100_000).is()).toBe('STOPPING #2 then start');
});

test('too low a soft ceiling has nothing to do with it', () => {
  const core = Driven.up({ overlap: false })
    .finding('shop:0#1')
    .exits('shop:0#1')
    .toRunning()
    .finding('shop:0#2', 1_000);
  expect(core.state.futile).toEqual({ shop: ['memory.soft'] });
  expect(deaf(core, 'shop:0#2', 1_000).is()).toBe('STOPPING #2 then start');
});
