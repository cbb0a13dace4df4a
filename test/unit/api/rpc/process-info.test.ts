import { expect, test } from 'vitest';
import { localMinute, processInfo, uptime } from '../../../../src/api/rpc/process-info.ts';
import { aProcess } from './fake-supervisor.ts';

const NOW = 5_000_000;
const STARTED = { startedAt: NOW - 8_000, pid: 42 };

test('a process has fourteen members, always', () => {
  expect(processInfo(aProcess({ ...STARTED, stderrPath: '/e' }), NOW)).toEqual({
    name: 'cat',
    group: 'cat',
    start: 4992,
    stop: 0,
    now: 5000,
    state: 20,
    statename: 'RUNNING',
    spawnerr: '',
    exitstatus: 0,
    logfile: '/nonexistent/stdout.log',
    stdout_logfile: '/nonexistent/stdout.log',
    stderr_logfile: '/e',
    pid: 42,
    description: 'pid 42, uptime 0:00:08',
  });
});

test.each([
  ['RUNNING', STARTED, 20, 'pid 42, uptime 0:00:08'],
  ['DRAINING', STARTED, 20, 'pid 42, uptime 0:00:08'],
  ['STARTING', STARTED, 10, ''],
  ['STOPPING', STARTED, 40, ''],
  ['BACKOFF', { spawnError: 'why' }, 30, 'why'],
  ['FATAL', { spawnError: '' }, 200, 'unknown error (try "tail cat")'],
  ['STOPPED', { startedAt: null, pid: null }, 0, 'Not started'],
  ['STOPPED', { startedAt: 1, endedAt: NOW }, 0, localMinute(NOW)],
  ['EXITED', { startedAt: 1, endedAt: NOW, exitStatus: 3 }, 100, localMinute(NOW)],
] as const)('%s %j', (state, fields, code, description) => {
  const info = processInfo(aProcess({ state, ...fields }), NOW);
  expect([info['state'], info['description']]).toEqual([code, description]);
});

test.each([
  [0, '0:00:00'],
  [-5, '0:00:00'],
  [3599, '0:59:59'],
  [36_000, '10:00:00'],
  [90_002, '1 day, 1:00:02'],
  [172_800, '2 days, 0:00:00'],
])('an uptime of %i s is %s', (seconds, text) => expect(uptime(seconds)).toBe(text));

test.each([
  [new Date(2026, 10, 2, 0, 5), 'Nov 02 12:05 AM'],
  [new Date(2026, 0, 22, 12, 0), 'Jan 22 12:00 PM'],
  [new Date(2026, 11, 31, 21, 11), 'Dec 31 09:11 PM'],
])('%s is %s', (date, text) => expect(localMinute(date.getTime())).toBe(text));
