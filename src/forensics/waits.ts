/** What a process waits in (linux/proc-wait.ts), over some time, and where in the kernel. */
import { textOf } from './target.ts';
import type { WaitFacts } from './types.ts';

/** Shares of the readings, most often first. */
export const waitShares = (waits: readonly string[]): WaitFacts[] => {
  const counts = new Map<string, number>();
  for (const text of waits) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([text, count]) => ({ text, share: Math.round((100 * count) / waits.length) / 100 }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, 5);
};

/** Functions of the kernel, the innermost first; null where it may not be read (root only). */
export const kernelStack = (pid: number): string[] | null => {
  const lines = (textOf(pid, 'stack') ?? '').split('\n');
  const frames = lines.flatMap((line) => /^\[<\S+>\] (\S+?)(?:\+0x\S*)?$/.exec(line.trim())?.[1] ?? []);
  return frames.length === 0 ? null : frames.slice(0, 8);
};
