/** Live bytes → what the kernel counts of a PHP process: the Zend heap grows by chunks of 2 MiB and gives back late, native memory does not. */
import type { Random } from './random.ts';

const CHUNK = 2 * 1024 * 1024;

export interface Memory {
  anonBytes: number;
  swapBytes: number;
  rssBytes: number;
  zendBytes: number;
}

export const makeWorker = (random: Random): ((zendLive: number, nativeLive: number) => Memory) => {
  const base = random.between(8, 45) * 1e6;
  const files = random.between(12, 30) * 1e6;
  /** Of freed chunks, how much of the average need the allocator keeps. */
  const keeps = random.between(0.2, 1);
  const jitter = random.logBetween(4e3, 300e3);
  const swaps = random.chance(0.15) ? random.between(0.05, 0.4) : 0;
  let average = 1;
  let chunks = 1;
  return (zendLive, nativeLive) => {
    const need = Math.max(1, Math.ceil((zendLive + 0.4e6) / CHUNK));
    average = (average * 3 + need) / 4;
    chunks = need >= chunks ? need : Math.max(need, Math.min(chunks, Math.round(average * keeps + need * (1 - keeps))));
    const total = base + chunks * CHUNK * 0.97 + nativeLive + Math.abs(random.normal(jitter));
    const swapBytes = Math.round((total * swaps) / 4096) * 4096;
    const anonBytes = Math.round((total - swapBytes) / 4096) * 4096;
    return { anonBytes, swapBytes, rssBytes: anonBytes + Math.round(files / 4096) * 4096, zendBytes: chunks * CHUNK };
  };
};
