import { expect, test } from 'vitest';
import { planFor, stopDeadline } from '../../../src/core/deadlines.ts';
import { shop } from './driven.ts';

const plan = { ...shop().plan, drainTimeoutMs: 60_000, settleMs: 50, stopTimeoutMs: 10_000 };

test.each([
  { quiesce: false, until: 1 + 10_000 + 10_000 },
  { quiesce: true, until: 1 + 60_000 + 500 + 10_000 + 10_000 },
])('a stop with quiesce $quiesce must have ended after all its phases and a slack', ({ quiesce, until }) => {
  expect(stopDeadline(1, { ...plan, quiesce })).toBe(until);
});

test('--now changes the plan to SIGKILL at once and nothing else', () => {
  expect(planFor(plan, false)).toBe(plan);
  expect(planFor(plan, true)).toEqual({
    ...plan,
    hooksMs: 0,
    quiesce: false,
    drainTimeoutMs: 0,
    stopTimeoutMs: 0,
    kill: 'now',
  });
});
