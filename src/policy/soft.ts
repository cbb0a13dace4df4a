/** The soft ceiling: over it in five of the last six samples. A single good sample does not reset the count, a single bad one does nothing. */
import type { Evidence } from '../core/types.ts';
import type { Sample } from '../shim/protocol.ts';
import type { Ceilings } from '../shim/spawn-spec.ts';

const WINDOW = 6;
const NEEDED = 5;
const MASK = (1 << WINDOW) - 1;

/** Bytes that a ceiling judges: the metric plus swap (unknown swap counts as none), with descendants; null while the metric is unknown. */
export const judgedBytes = (sample: Sample, metric: Ceilings['metric']): number | null => {
  if (sample.treeJudgedBytes !== null) return sample.treeJudgedBytes;
  const figure = metric === 'rss' ? sample.rssBytes : metric === 'anon' ? sample.anonBytes : sample.pssBytes;
  return figure === null ? null : figure + (sample.swapBytes ?? 0);
};

/**
 * One more sample against the ceiling.
 *
 * @param before bit 0: was the last sample over, bit 1: the one before, …
 * @returns the new bits, and whether the ceiling counts as passed
 */
export const judgeSoft = (before: number, over: boolean): { bits: number; passed: boolean } => {
  const bits = ((before << 1) | (over ? 1 : 0)) & MASK;
  return { bits, passed: countBits(bits) >= NEEDED };
};

/** Growth as seen lately; null where there were too few readings. */
export interface Growth {
  bytesPerMinute: number;
  seconds: number;
  /** For each message that was acknowledged meanwhile; null without a gate, or where there was none. */
  bytesPerMessage: number | null;
}

export const softEvidence = (sample: Sample, ceilings: Ceilings, growth: Growth | null): Evidence => ({
  metric: ceilings.metric,
  bytes: judgedBytes(sample, ceilings.metric),
  ceilingBytes: ceilings.softBytes,
  rssBytes: sample.rssBytes,
  swapBytes: sample.swapBytes,
  growthBytesPerSecond: growth === null ? null : Math.round(growth.bytesPerMinute / 60),
  growingSeconds: growth === null ? null : growth.seconds,
  growthBytesPerMessage: growth === null ? null : growth.bytesPerMessage,
});

const countBits = (bits: number): number => {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count;
};
