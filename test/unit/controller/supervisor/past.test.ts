import { describe, expect, test } from 'vitest';
import type { Evidence, JournalAction, JournalEntry } from '../../../../src/api/types.ts';
import { activityLines } from '../../../../src/controller/supervisor/activity-lines.ts';
import { Pasts } from '../../../../src/controller/supervisor/past.ts';

const at = (second: number): string => new Date(2026, 10, 26, 12, 0, second).toISOString();
const ms = (second: number): number => Date.parse(at(second));

const entry = (action: JournalAction, rule: string, second: number, evidence: Evidence = {}): JournalEntry => ({
  id: String(second),
  time: at(second),
  action,
  worker: 'shop:0',
  program: 'shop',
  pid: null,
  incarnation: 1,
  cause: null,
  reason: { rule, text: `${action} of shop:0`, evidence, policy: null },
  outcome: null,
});

const ended = (begun: JournalEntry, second: number, ok: boolean, evidence: Evidence): JournalEntry => ({
  ...begun,
  outcome: { ok, text: 'so it went', time: at(second), tookMs: null, evidence },
});

const START = entry('start', 'start.auto', 1);
const RUNNING = ended(START, 3, true, { pid: 7, afterMs: 1000 });
const CRASH = entry('exit', 'exit.unexpected', 9, { pid: 7, code: 3, signal: null });
const KILLED = entry('exit', 'exit.unexpected', 9, { pid: 7, code: null, signal: 'SIGKILL' });
const FINE = entry('exit', 'exit.expected', 9, { pid: 7, code: 0, signal: null });
const QUICK = entry('exit', 'exit.tooQuick', 9, { pid: 7, code: 3, signal: null });
const STOP = entry('stop', 'command.stop', 10, {});
const STOPPED = ended(STOP, 12, true, { pid: 7, code: null, exitSignal: 'SIGTERM' });
const IDLE_STOP = ended(STOP, 12, true, {});
const NOT_SPAWNED = entry('backoff', 'spawn.failed', 5, { field: 'command', text: 'no /x' });
const FATAL = entry('fatal', 'fatal.retries', 6, { code: 3, attempts: 2 });

describe('the past of a worker', () => {
  test.each<[string, JournalEntry[], object]>([
    ['never started', [], { startedAt: null, endedAt: null, exitStatus: null, spawnError: '' }],
    ['running', [START, RUNNING], { startedAt: ms(1), exitStatus: null }],
    ['crashed', [START, CRASH], { startedAt: ms(1), endedAt: ms(9), exitStatus: 3, spawnError: 'Bad exit code 3' }],
    ['killed', [START, KILLED], { exitStatus: -1, spawnError: 'Bad exit code -1' }],
    ['ended as expected', [START, FINE], { exitStatus: 0, spawnError: '' }],
    [
      'too quick',
      [START, QUICK],
      { exitStatus: null, spawnError: 'Exited too quickly (process log may have details)' },
    ],
    ['stopped', [START, STOP, STOPPED], { endedAt: ms(12), exitStatus: -1 }],
    ['stopped without a process', [START, CRASH, STOP, IDLE_STOP], { endedAt: ms(9), exitStatus: 3 }],
    ['not to be executed', [START, NOT_SPAWNED], { spawnError: 'no /x' }],
    ['given up', [START, FATAL], { spawnError: 'Exited too quickly (process log may have details)' }],
    ['started again', [CRASH, START], { exitStatus: null, spawnError: '' }],
  ])('%s', (_what, entries, past) => {
    const pasts = new Pasts();
    for (const one of entries) pasts.learn(one);
    expect(pasts.of('shop:0')).toMatchObject(past);
  });
});

describe('activity lines', () => {
  const lines = (one: JournalEntry): string[] => activityLines(one, () => 1000).map(({ text }) => text);
  test.each<[string, JournalEntry, string[]]>([
    ['an order to start', START, []],
    [
      'a start',
      RUNNING,
      [
        "2026-11-26 12:00:02,000 INFO spawned: 'shop:0' with pid 7",
        '2026-11-26 12:00:03,000 INFO success: shop:0 entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
      ],
    ],
    [
      'a start that failed',
      ended(START, 3, false, { pid: 7, ranMs: 500 }),
      ["2026-11-26 12:00:02,500 INFO spawned: 'shop:0' with pid 7"],
    ],
    [
      'no start',
      ended(START, 3, false, { field: 'command', text: 'no /x' }),
      ['2026-11-26 12:00:03,000 INFO spawnerr: no /x'],
    ],
    ['an exit', FINE, ['2026-11-26 12:00:09,000 INFO exited: shop:0 (exit status 0; expected)']],
    ['a crash', CRASH, ['2026-11-26 12:00:09,000 WARN exited: shop:0 (exit status 3; not expected)']],
    ['a death', KILLED, ['2026-11-26 12:00:09,000 WARN exited: shop:0 (terminated by SIGKILL; not expected)']],
    ['an order to stop', STOP, ['2026-11-26 12:00:10,000 INFO stop of shop:0.']],
    ['a stop', STOPPED, ['2026-11-26 12:00:12,000 INFO stopped: shop:0 (terminated by SIGTERM)']],
    ['a stop of nothing', IDLE_STOP, []],
    [
      'FATAL',
      FATAL,
      [
        '2026-11-26 12:00:06,000 INFO gave up: shop:0 entered FATAL state, too many start retries too quickly',
        '2026-11-26 12:00:06,000 WARN fatal of shop:0.',
      ],
    ],
  ])('%s', (_what, one, expected) => expect(lines(one)).toEqual(expected));
});
