/** The two clocks differ by a constant; `performance.now` makes no BigInt, and is asked hundreds of times a second. */
const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds of CLOCK_MONOTONIC, with a fraction; the same clock in every process of this boot (clock_gettime(2)). */
export function monotonicMs(): number {
  return performance.now() + offsetMs;
}
