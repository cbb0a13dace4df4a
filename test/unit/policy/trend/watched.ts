/** A process watched as by default, read every 5 s. */
import { TrendWatch } from '../../../../src/policy/trend/trend-watch.ts';

export const MIB = 1024 * 1024;
export const MINUTE = 60_000;

/** @param bytes of each reading, the first is 0 */
export const watched = (bytes: (sample: number) => number, minutes: number): TrendWatch => {
  const watch = new TrendWatch({ windowMs: 20 * MINUTE, intervalMs: 5000 });
  for (let sample = 0; sample < minutes * 12; sample += 1) watch.add(sample * 5000, bytes(sample));
  return watch;
};

/** From 40 MiB on. */
export const leak = (mibPerMinute: number) => (sample: number) => (40 + (sample * mibPerMinute) / 12) * MIB;
