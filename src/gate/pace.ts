/**
 * When both sides of a connection may be left unread for a moment. A worker with a large prefetch that acknowledges thousands of messages
 * a second, one frame each, wakes the gate and the broker for each of them. It has so many more in hand that it does not notice when its
 * acknowledgements go on by the dozen, and all three have more of the processor: what network cards do with their interrupts.
 *
 *   eager → resting   after many settlements and nothing else: no rest delays an answer that the worker waits for
 *   resting → eager   by anything else it says; by a rest that brought too few to be worth it, or too much of what the worker had
 */
import type { ConnectionState } from './connection-state.ts';

/** Settlements in a row before a rest: a worker that asks for something now and then waits for one rest in so many messages. */
const TRUST = 500;
/** A rest that brings fewer is not worth its timer. */
const LEAST = 2;
/** At most this part of what the worker has in hand may be settled in a rest: there is no telling how long the next one takes. */
const SHARE = 1 / 4;
const LEAST_IN_HAND = 32;

export class Pace {
  readonly #state: ConnectionState;
  readonly #inFlight: () => number;
  /** What was settled when the last rest began; null: eager. */
  #settled: number | null = null;

  constructor(state: ConnectionState, inFlight: () => number) {
    this.#state = state;
    this.#inFlight = inFlight;
  }

  /** Asked once the worker was given what has come. */
  mayRest(): boolean {
    const { settledInARow, flow } = this.#state;
    const before = this.#settled;
    this.#settled = null;
    if (settledInARow < TRUST || flow !== 'flowing') return false;
    if (!this.#isWorthIt(before === null ? LEAST : settledInARow - before)) {
      this.#state.settledInARow = 0;
      return false;
    }
    this.#settled = settledInARow;
    return true;
  }

  #isWorthIt(brought: number): boolean {
    const inHand = this.#inFlight();
    return brought >= LEAST && brought <= SHARE * inHand && inHand >= LEAST_IN_HAND;
  }
}
