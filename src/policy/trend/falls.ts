/** Memory that was given back before: a climb that stays below an earlier peak is the next tooth of a saw, not a leak. */
const MIN_CLIMB_BYTES = 4 * 1024 * 1024;
/** Of a climb so much must be given back to count as a fall. */
const FALL_SHARE = 0.5;
/** Teeth are not alike: the next one may be higher by this share of a climb. */
const ABOVE_SHARE = 0.1;
/** The next tooth may take so many times as long as the longest one did; a spike, up at once, says nothing about a climb. */
const LONGER = 4;
/** A climb begins where this share of it is not yet done. */
const FOOT_SHARE = 0.25;

export class Falls {
  #low = Infinity;
  #peak = 0;
  #earlierPeak = 0;
  #lastFallAt = -Infinity;
  #at = 0;
  /** When it was last at the foot of the present climb, and at its peak. */
  #footAt = 0;
  #peakAt = 0;
  #longestClimbMs = 0;
  #bytes = 0;
  #count = 0;

  /** Returns whether this reading ends a climb by a fall. */
  add(at: number, bytes: number): boolean {
    this.#at = at;
    this.#bytes = bytes;
    this.#low = Math.min(this.#low, bytes);
    if (bytes > this.#peak) [this.#peak, this.#peakAt] = [bytes, at];
    const climb = this.#peak - this.#low;
    if (climb < MIN_CLIMB_BYTES || this.#peak - bytes < climb * FALL_SHARE) {
      if (bytes <= this.#low + climb * FOOT_SHARE) this.#footAt = at;
      return false;
    }
    this.#earlierPeak = Math.max(this.#earlierPeak, this.#peak);
    this.#longestClimbMs = Math.max(this.#longestClimbMs, this.#peakAt - this.#footAt);
    this.#lastFallAt = at;
    this.#count += 1;
    [this.#peak, this.#peakAt, this.#footAt] = [bytes, at, at];
    return true;
  }

  /** Whether what is seen since `from` is only the way back to where it has been. */
  explain(from: number): boolean {
    return (
      from >= this.#lastFallAt &&
      this.#bytes <= this.#earlierPeak + ABOVE_SHARE * (this.#earlierPeak - this.#low) &&
      this.#at - this.#lastFallAt <= LONGER * this.#longestClimbMs
    );
  }

  /** Of the last fall; −∞ before the first. */
  get lastAt(): number {
    return this.#lastFallAt;
  }

  get count(): number {
    return this.#count;
  }
}
