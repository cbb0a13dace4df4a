/**
 * The past of one figure at one resolution: the lowest reading of each slot, because what a job holds for a moment is no leak.
 * Bounded: the oldest slot goes when a new one comes.
 */
import { Floors } from './floors.ts';

export const TIER_LENGTH = 240;

export class Tier {
  readonly #slotMs: number;
  /** Of complete slots; their time is that of the slot's first reading. */
  readonly floors = new Floors(TIER_LENGTH);
  #openedAt: number | null = null;
  #lowest = 0;

  constructor(slotMs: number) {
    this.#slotMs = slotMs;
  }

  /** Readings come in order of time. Returns whether a slot was completed. */
  add(at: number, bytes: number): boolean {
    const openedAt = this.#openedAt;
    if (openedAt !== null && at - openedAt < this.#slotMs) {
      this.#lowest = Math.min(this.#lowest, bytes);
      return false;
    }
    if (openedAt !== null) this.floors.push(openedAt, this.#lowest);
    this.#openedAt = at;
    this.#lowest = bytes;
    return openedAt !== null;
  }
}
