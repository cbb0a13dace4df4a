/** Memory that was given back before: a climb that stays below an earlier peak is the next tooth of a saw, not a leak. */
const MIN_CLIMB_BYTES = 4 * 1024 * 1024;
/** Of a climb so much must be given back to count as a fall. */
const FALL_SHARE = 0.5;
const ABOVE_PEAK = 1.02;

export class Falls {
  #low = Infinity;
  #peak = 0;
  #earlierPeak = 0;
  #lastFallAt = -Infinity;
  #bytes = 0;
  #count = 0;

  /** Returns whether this reading ends a climb by a fall. */
  add(at: number, bytes: number): boolean {
    this.#bytes = bytes;
    this.#low = Math.min(this.#low, bytes);
    this.#peak = Math.max(this.#peak, bytes);
    const climb = this.#peak - this.#low;
    if (climb < MIN_CLIMB_BYTES || this.#peak - bytes < climb * FALL_SHARE) return false;
    this.#earlierPeak = Math.max(this.#earlierPeak, this.#peak);
    this.#lastFallAt = at;
    this.#count += 1;
    this.#peak = bytes;
    return true;
  }

  /** Whether what is seen since `from` is only the way back to where it has been. */
  explain(from: number): boolean {
    return from >= this.#lastFallAt && this.#bytes <= this.#earlierPeak * ABOVE_PEAK;
  }

  /** Of the last fall; −∞ before the first. */
  get lastAt(): number {
    return this.#lastFallAt;
  }

  get count(): number {
    return this.#count;
  }
}
