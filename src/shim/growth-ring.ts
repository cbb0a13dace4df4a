/** Memory of one incarnation over time, for the sentence "after growing 25 MiB/s for 19 s". Bounded. */

const CAPACITY = 128;
/** A fall by more than this share of the climb behind it, and more than MIN_FALL_BYTES, begins a new climb. */
const FALL_SHARE = 0.1;
const MIN_FALL_BYTES = 1024 * 1024;
/** A point must be lower by this share of the climb to count as its foot: flat time before a climb is not growth. */
const FOOT_SHARE = 0.02;

export interface Growth {
  bytesPerSecond: number;
  seconds: number;
}

export class GrowthRing {
  #at: number[] = [];
  #bytes: number[] = [];

  /** `at` in milliseconds. When full, every second point of the older half goes: the past gets coarser, never shorter. */
  add(at: number, bytes: number): void {
    if (this.#at.length >= CAPACITY) {
      const keep = (_: number, index: number): boolean => index >= CAPACITY / 2 || index % 2 === 0;
      this.#at = this.#at.filter(keep);
      this.#bytes = this.#bytes.filter(keep);
    }
    this.#at.push(at);
    this.#bytes.push(bytes);
  }

  /**
   * The climb that leads to the newest point: from its foot, which is found by going back until a point lies clearly above the lowest
   * one passed so far. Null with fewer than two points or without growth.
   */
  growth(): Growth | null {
    const last = this.#at.length - 1;
    const top = this.#bytes[last];
    const end = this.#at[last];
    if (top === undefined || end === undefined) return null;
    let foot = top;
    let footAt = end;
    for (let index = last - 1; index >= 0; index -= 1) {
      const bytes = this.#bytes[index];
      const at = this.#at[index];
      if (bytes === undefined || at === undefined) break;
      if (bytes - foot > Math.max(MIN_FALL_BYTES, (top - foot) * FALL_SHARE)) break;
      if (foot - bytes > (top - bytes) * FOOT_SHARE) {
        foot = bytes;
        footAt = at;
      }
    }
    const seconds = (end - footAt) / 1000;
    return seconds <= 0 ? null : { bytesPerSecond: (top - foot) / seconds, seconds };
  }
}
