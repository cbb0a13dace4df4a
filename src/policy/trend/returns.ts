/**
 * What rose from wherever the process stood and came back there: spikes, forks, the teeth of a saw. Where it has been before and came
 * back from it may come back from again. (falls.ts knows what ends a climb from the very foot; on what the process holds all the time a spike is none.)
 */
import { MIN_GROWTH_BYTES } from './window.ts';

/** It is back where it is clearly below a level. */
const CLEARLY_BYTES = MIN_GROWTH_BYTES / 2;
/** Rises are not alike: the next one may be higher by this share of the highest. */
const ABOVE_SHARE = 0.1;
/** And stay so many times as long as the longest one did. */
const LONGER = 4;

/** Of one rise so many levels are kept at most. */
const MOST_STEPS = 32;

interface Level {
  bytes: number;
  /** Since when it stands above it, milliseconds. */
  since: number;
}

export class Returns {
  #foot = Infinity;
  /** Four chunks apart or more, from the foot up to where it stands. */
  #below: Level[] = [];
  /** Of the present rise, until the next one. */
  #peak = 0;
  #highestPeak = 0;
  #highestRise = 0;
  #longestMs = 0;

  /** In order of time, milliseconds. */
  add(at: number, bytes: number): void {
    this.#peak = Math.max(this.#peak, bytes);
    const left = this.#leave(bytes);
    if (left !== null) {
      this.#highestPeak = Math.max(this.#highestPeak, this.#peak);
      this.#highestRise = Math.max(this.#highestRise, this.#peak - left.bytes);
      this.#longestMs = Math.max(this.#longestMs, at - left.since);
    }
    this.#rise(at, bytes);
  }

  /** Whether it has stood as high as `bytes`, and came back; and is there for no longer than it may be. */
  explain(bytes: number, agoMs: number): boolean {
    return bytes <= this.#highestPeak + ABOVE_SHARE * this.#highestRise && agoMs <= LONGER * this.#longestMs;
  }

  /** Since when it stands clearly above `bytes`, milliseconds; null where it does not. */
  since(bytes: number): number | null {
    return this.#below.find((level) => level.bytes >= bytes + CLEARLY_BYTES)?.since ?? null;
  }

  /** The lowest level that it came back below, or null. */
  #leave(bytes: number): Level | null {
    let left: Level | null = null;
    for (let top = this.#below.at(-1); top !== undefined; top = this.#below.at(-1)) {
      if (bytes >= top.bytes - CLEARLY_BYTES) break;
      left = top;
      this.#below.pop();
    }
    return left;
  }

  #rise(at: number, bytes: number): void {
    this.#foot = Math.min(this.#foot, bytes);
    const top = this.#below.at(-1)?.bytes ?? this.#foot;
    if (bytes < top + MIN_GROWTH_BYTES) return;
    this.#peak = bytes;
    const step = Math.max(MIN_GROWTH_BYTES, (bytes - top) / MOST_STEPS);
    for (let next = top + step; next <= bytes; next += step) this.#below.push({ bytes: next, since: at });
  }
}
