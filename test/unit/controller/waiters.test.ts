import { describe, expect, test, vi } from 'vitest';
import { Waiters } from '../../../src/controller/waiters.ts';
import { initialState } from '../../../src/core/step.ts';
import type { CoreState, Incarnation, Life, WorkerState } from '../../../src/core/types.ts';

const incarnation = (number: number): Incarnation => ({
  id: `shop:0#${number}`,
  number,
  pid: 100 + number,
  spawnedAt: 0,
  spawnedWall: 0,
  entry: 'e',
});
const worker = (life: Life, fields: Partial<WorkerState> = {}): WorkerState => ({
  name: 'shop:0',
  program: 'shop',
  wanted: 'up',
  life,
  leaving: [],
  pending: null,
  recycle: null,
  nextNumber: 2,
  attempts: 0,
  crashes: [],
  quickHards: 0,
  bornOf: null,
  restarts: 0,
  recycles: 0,
  ...fields,
});
const running = (number: number): Life => ({ state: 'RUNNING', incarnation: incarnation(number), swap: null });
const stateWith = (one: WorkerState): CoreState => ({ ...initialState('t'), workers: { 'shop:0': one } });

describe('waiters', () => {
  test.each<['running' | 'stopped' | 'replaced', WorkerState, { ok: boolean } | null]>([
    ['running', worker(running(2)), { ok: true }],
    ['running', worker({ state: 'STARTING', incarnation: incarnation(2), until: 0 }), null],
    ['running', worker({ state: 'FATAL', why: 'fatal.retries' }), { ok: false }],
    [
      'replaced',
      worker(running(1), {
        pending: { rule: 'command', reasonText: null, evidence: {}, since: 0, hold: null, kill: false },
      }),
      null,
    ],
    ['replaced', worker(running(1)), { ok: false }],
    ['replaced', worker(running(2)), { ok: true }],
    ['stopped', worker({ state: 'STOPPED' }), { ok: true }],
    ['stopped', worker({ state: 'STOPPED' }, { leaving: [{ ...incarnation(1), why: 'e', until: 0 }] }), null],
  ])('%s', async (goal, after, expected) => {
    const waiters = new Waiters();
    const result = waiters.wait(worker(running(1)), goal, 60_000);
    waiters.check(stateWith(after));
    waiters.giveUp('still waiting');
    if (expected === null) expect((await result).text).toBe('still waiting');
    else expect(await result).toMatchObject(expected);
  });

  test('a wait ends at its deadline with a sentence', async () => {
    vi.useFakeTimers();
    const waiters = new Waiters();
    const result = waiters.wait(worker(running(1)), 'stopped', 5_000);
    vi.advanceTimersByTime(5_001);
    vi.useRealTimers();
    const text = 'not yet stopped after 5 s; it goes on, see ackwarden status';
    expect(await result).toEqual({ ok: false, text, state: null });
  });
});
