import { expect, test } from 'vitest';
import { afterReboot, rested } from '../../../src/core/rest.ts';
import { Driven } from './driven.ts';

test('after a shutdown only the wish and the numbers are left', () => {
  const core = Driven.up().exits('shop:0#1', 1);
  const after = rested(core.state);
  const before = core.worker();
  expect(before.restarts + before.crashes.length).toBeGreaterThan(0);
  expect(after.workers['shop:0']).toMatchObject({
    wanted: before.wanted,
    nextNumber: before.nextNumber,
    life: { state: 'STOPPED' },
    restarts: 0,
    recycles: 0,
    crashes: [],
    attempts: 0,
  });
  expect(after).toMatchObject({ mode: 'running', shim: 'lost', granted: {}, brokers: {} });
});

test('after a reboot only the numbers are left', () => {
  const core = Driven.up().exits('shop:0#1', 1);
  expect(afterReboot(core.state)).toEqual({ retiredNumbers: { 'shop:0': core.worker().nextNumber } });
});
