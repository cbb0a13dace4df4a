/**
 * The past of one figure at one resolution: the lowest reading of each slot, because what a job holds for a moment is no leak.
 * Bounded: the oldest slot goes when a new one comes.
 */
export interface Floor {
  /** Of the slot's first reading, milliseconds. */
  at: number;
  bytes: number;
}

export const TIER_LENGTH = 240;

export class Tier {
  readonly #slotMs: number;
  /** Complete slots, oldest first. */
  readonly #floors: Floor[] = [];
  #open: Floor | null = null;

  constructor(slotMs: number) {
    this.#slotMs = slotMs;
  }

  /** Readings come in order of time. Returns whether a slot was completed. */
  add(at: number, bytes: number): boolean {
    if (this.#open !== null && at - this.#open.at < this.#slotMs) {
      this.#open.bytes = Math.min(this.#open.bytes, bytes);
      return false;
    }
    const completed = this.#open;
    this.#open = { at, bytes };
    if (completed === null) return false;
    this.#floors.push(completed);
    if (this.#floors.length > TIER_LENGTH) this.#floors.shift();
    return true;
  }

  get floors(): readonly Floor[] {
    return this.#floors;
  }
}
