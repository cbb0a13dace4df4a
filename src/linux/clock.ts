/** Milliseconds of CLOCK_MONOTONIC, with a fraction; the same clock in every process of this boot (clock_gettime(2)). */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
