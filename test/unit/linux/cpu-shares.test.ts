import { expect, test } from 'vitest';
import { cpuShares } from '../../../src/linux/cpu-shares.ts';

//              user nice system idle iowait irq softirq steal guest
const BEFORE = [1_000, 100, 500, 9_000, 200, 10, 20, 5, 700];

test('shares of the ticks between two readings; guest is in user already', () => {
  const share = cpuShares(BEFORE, [1_030, 110, 520, 9_020, 205, 11, 24, 15, 790]);
  expect(share('user', 'nice')).toBe(40);
  expect(share('system', 'irq', 'softirq')).toBe(25);
  expect(share('idle', 'iowait')).toBe(25);
  expect([share('softirq'), share('steal'), share()]).toEqual([4, 10, 0]);
});

test.each([
  ['no time has passed', BEFORE, BEFORE],
  ['nothing was read', [], []],
])('%s: unknown, not 0', (_, before, after) => {
  expect(cpuShares(before, after)('user')).toBeNull();
});
