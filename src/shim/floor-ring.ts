/**
 * What a process held over its whole life, for a controller that comes later: the lowest reading of each slot. Bounded: when it is full, two
 * slots become one, so that the past gets coarser, never shorter.
 */
export interface Floor {
  at: number;
  /** With descendants, as all of it. */
  rssBytes: number;
  /** What growth is judged by (samples.ts). */
  ownBytes: number;
  swapBytes: number;
  /** Null: it cannot be read, or nobody asked. */
  zendBytes: number | null;
  /** Null without a gate. */
  acknowledged: number | null;
}

const MOST = 120;
const FIRST_STEP_MS = 5_000;

export class FloorRing {
  #floors: Floor[] = [];
  #stepMs = FIRST_STEP_MS;
  /** When the newest slot began. */
  #since = -Infinity;

  /** Oldest first. */
  get floors(): readonly Floor[] {
    return this.#floors;
  }

  /** In order of time; `floorOf` is only asked where it is kept. */
  add(at: number, ownBytes: number, floorOf: () => Floor): void {
    const newest = this.#floors.at(-1);
    if (newest !== undefined && at - this.#since < this.#stepMs) {
      if (ownBytes < newest.ownBytes) this.#floors[this.#floors.length - 1] = floorOf();
      return;
    }
    if (this.#floors.length === MOST) this.#thin();
    this.#since = at;
    this.#floors.push(floorOf());
  }

  #thin(): void {
    this.#floors = this.#floors.flatMap((floor, index) => {
      const next = this.#floors[index + 1];
      if (index % 2 === 1) return [];
      return next !== undefined && next.ownBytes < floor.ownBytes ? [next] : [floor];
    });
    this.#stepMs *= 2;
  }
}
