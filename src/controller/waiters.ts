/** Commands that end when the workers are where they were told to go. Checked after every step; each wait has a deadline. */
import { incarnationsOf } from '../core/find.ts';
import type { CoreState, WorkerState } from '../core/types.ts';
import { holdText } from './hold-text.ts';

export type Goal = 'running' | 'stopped' | 'replaced';

interface Waiter {
  worker: string;
  goal: Goal;
  /** Number of the newest incarnation when the command came; a replacement has a higher one. */
  from: number;
  resolve: (end: WaitEnd) => void;
  timer: NodeJS.Timeout;
}

export interface WaitResult {
  ok: boolean;
  text: string;
}

/** A wait that is over, and the state of the worker at that moment (null: not known, or it is gone). */
export type WaitEnd = WaitResult & { state: WorkerState['life']['state'] | null };

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  wait(worker: WorkerState, goal: Goal, deadlineMs: number): Promise<WaitEnd> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        resolve({
          ok: false,
          text: `not yet ${goal} after ${Math.round(deadlineMs / 1000)} s; it goes on, see ackwarden status`,
          state: null,
        });
      }, deadlineMs);
      const waiter: Waiter = { worker: worker.name, goal, from: worker.nextNumber - 1, resolve, timer };
      this.#waiting.add(waiter);
    });
  }

  check(state: CoreState): void {
    for (const waiter of this.#waiting) {
      const worker = state.workers[waiter.worker];
      const result =
        worker === undefined ? { ok: false, text: 'is gone from the configuration' } : judge(worker, waiter);
      if (result === null) continue;
      clearTimeout(waiter.timer);
      this.#waiting.delete(waiter);
      waiter.resolve({ ...result, state: worker?.life.state ?? null });
    }
  }

  /** The controller ends: whoever still waits is told. */
  giveUp(text: string): void {
    for (const waiter of this.#waiting) {
      clearTimeout(waiter.timer);
      waiter.resolve({ ok: false, text, state: null });
    }
    this.#waiting.clear();
  }
}

const judge = (worker: WorkerState, waiter: Waiter): WaitResult | null => {
  const { life } = worker;
  if (waiter.goal === 'stopped') {
    return life.state === 'STOPPED' && incarnationsOf(worker).length === 0 ? { ok: true, text: 'stopped' } : null;
  }
  if (life.state === 'FATAL') return { ok: false, text: `gave up (ackwarden explain ${worker.name})` };
  if (life.state === 'EXITED') return { ok: false, text: 'exited by itself' };
  if (life.state === 'STOPPED' && worker.wanted === 'down') return { ok: false, text: 'was stopped meanwhile' };
  if (life.state === 'STOPPED' && life.hold !== undefined && life.hold.reason !== 'starting')
    return { ok: false, text: holdText(life.hold) };
  if (life.state === 'BACKOFF')
    return { ok: false, text: `could not be started, it is retried (ackwarden explain ${worker.name})` };
  if (life.state !== 'RUNNING' || life.swap !== null) {
    return null;
  }
  if (waiter.goal === 'running') return { ok: true, text: `running, pid ${life.incarnation.pid}` };
  if (life.incarnation.number > waiter.from) return { ok: true, text: `replaced, now pid ${life.incarnation.pid}` };
  return worker.recycle === null && worker.pending === null
    ? { ok: false, text: 'the recycle was given up (ackwarden journal)' }
    : null;
};
