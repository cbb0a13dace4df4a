/** One timer per worker: a later `timer` effect replaces the earlier one. */
import { monotonicMs } from '../linux/clock.ts';

export class Timers {
  readonly #armed = new Map<string, NodeJS.Timeout>();
  readonly #fire: (worker: string) => void;

  constructor(fire: (worker: string) => void) {
    this.#fire = fire;
  }

  /** @param at CLOCK_MONOTONIC in milliseconds */
  arm(worker: string, at: number): void {
    clearTimeout(this.#armed.get(worker));
    // One millisecond late rather than early: Node's timers round down, and an early one would only arm itself again.
    const delay = Math.min(2 ** 31 - 1, Math.max(0, Math.ceil(at - monotonicMs()) + 1));
    this.#armed.set(
      worker,
      setTimeout(() => {
        this.#armed.delete(worker);
        this.#fire(worker);
      }, delay),
    );
  }

  clear(): void {
    for (const timer of this.#armed.values()) clearTimeout(timer);
    this.#armed.clear();
  }
}
