import { expect, test } from 'vitest';
import { isDeath, isThreshold } from '../../../src/shim/death.ts';
import type { ExitStatus, StopReport } from '../../../src/shim/protocol.ts';

const stopped = (change: Partial<StopReport>): StopReport => ({
  by: 'controller',
  beganAt: 0,
  drainedAt: null,
  unacknowledged: 0,
  signal: null,
  signalledAt: 5,
  signalledWall: 5,
  killedAt: null,
  ...change,
});
const code = (status: number): ExitStatus => ({ code: status, signal: null });
const signal = (name: string): ExitStatus => ({ code: null, signal: name });

test.each<[string, ExitStatus, StopReport | null, boolean]>([
  ['a fatal error', code(255), null, true],
  ['a signal that nobody of ours sent', signal('SIGKILL'), null, true],
  ['its own end', code(0), null, false],
  ['an exit code that the program calls normal', code(12), null, false],
  ['nobody saw how', { code: null, signal: null }, null, false],
  ['a fatal error while it drained', code(255), stopped({ signalledAt: null }), true],
  ['our signal', signal('SIGTERM'), stopped({ unacknowledged: 1 }), false],
  ['our SIGKILL after a deadline: a long job', signal('SIGKILL'), stopped({ killedAt: 9, unacknowledged: 1 }), false],
  ['memory.kill', signal('SIGKILL'), stopped({ by: 'kill', signalledAt: null, killedAt: 9 }), true],
  [
    'a hard ceiling, at work until the drain was given up',
    signal('SIGKILL'),
    stopped({ by: 'hard', unacknowledged: 1 }),
    true,
  ],
  ['a hard ceiling, drained', signal('SIGTERM'), stopped({ by: 'hard' }), false],
])('%s', (_, status, stop, expected) => expect(isDeath(status, stop, [0, 12])).toBe(expected));

test.each([
  [1, [1, 2, 4, 8]],
  [2, [2, 4, 8]],
  [3, [3, 6]],
])('of deaths, %i being enough, these are said', (enough, said) =>
  expect([1, 2, 3, 4, 5, 6, 7, 8].filter((deaths) => isThreshold(deaths, enough))).toEqual(said),
);
