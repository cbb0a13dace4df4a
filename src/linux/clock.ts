const TRIES = 16;

/** What is read of both clocks, one right after the other. */
interface Clocks {
  now: () => number;
  hrtimeMs: () => number;
}

/**
 * By what they differ, which is a constant. Between the two readings a busy machine may stop us for as long as it likes, and a process whose
 * clock is behind by that takes what others tell it for the future: of some tries, the one that took the least counts.
 */
export function offsetOf({ now, hrtimeMs }: Clocks): number {
  let best = { tookMs: Infinity, offsetMs: 0 };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = now();
    const at = hrtimeMs();
    const tookMs = now() - before;
    if (tookMs < best.tookMs) best = { tookMs, offsetMs: at - before - tookMs / 2 };
  }
  return best.offsetMs;
}

/** `performance.now` makes no BigInt, and is asked hundreds of times a second. */
const offsetMs = offsetOf({
  now: () => performance.now(),
  hrtimeMs: () => Number(process.hrtime.bigint()) / 1e6,
});

/** Milliseconds of CLOCK_MONOTONIC, with a fraction; the same clock in every process of this boot (clock_gettime(2)). */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
