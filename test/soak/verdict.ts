/** What the journal tells of a soak: who was recycled, by which rule, and how near to its ceiling it had come. */
import type { JournalEntry } from '../../src/api/types.ts';
import { isLeaking } from './programs.ts';

const MEMORY_RULES = ['memory.growth', 'memory.soft', 'memory.hard', 'memory.kill'] as const;

export interface Recycles {
  program: string;
  /** By rule. */
  counts: Record<string, number>;
  /** Minutes that a recycle for growth left to the ceiling, as foreseen; the least. */
  leastLeadMinutes: number | null;
}

/** Of each program that was recycled for its memory. */
export const recyclesOf = (entries: Iterable<JournalEntry>): Recycles[] => {
  const found = new Map<string, Recycles>();
  for (const { action, program, reason } of entries) {
    if (action !== 'recycle' || program === null || !isMemoryRule(reason.rule)) continue;
    const one = found.get(program) ?? { program, counts: {}, leastLeadMinutes: null };
    one.counts[reason.rule] = (one.counts[reason.rule] ?? 0) + 1;
    const ms = reason.evidence['reachesAfterMs'];
    if (typeof ms === 'number') one.leastLeadMinutes = Math.min(one.leastLeadMinutes ?? Infinity, ms / 60_000);
    found.set(program, one);
  }
  return [...found.values()].toSorted((a, b) => (a.program < b.program ? -1 : 1));
};

const isMemoryRule = (rule: string): boolean => MEMORY_RULES.some((each) => each === rule);

/** What should not have been, in sentences. */
export const faultsOf = (recycles: readonly Recycles[], leaking: readonly string[]): string[] => {
  const healthy = recycles.filter(({ program }) => !isLeaking(program));
  const late = recycles.filter(({ counts }) => (counts['memory.hard'] ?? 0) + (counts['memory.kill'] ?? 0) > 0);
  const missed = leaking.filter((name) => recycles.every(({ program }) => program !== name));
  return [
    ...healthy.map(({ program, counts }) => `${program} is healthy and was recycled: ${JSON.stringify(counts)}`),
    ...late.map(({ program, counts }) => `${program} came to its hard ceiling: ${JSON.stringify(counts)}`),
    ...missed.map((name) => `${name} leaks and was never recycled for it`),
  ];
};

/** What was done to the workers of a program, and what came of it, for whoever looks for a cause. */
export const storyOf = (program: string, entries: Iterable<JournalEntry>): string =>
  [...entries]
    .filter((entry) => entry.program === program)
    .map(({ time, reason, outcome }) => `${time} ${reason.text}; ${outcome?.text ?? 'not over'}`)
    .join('\n');

export const tableOf = (recycles: readonly Recycles[]): string => {
  const rows = recycles.map(({ program, counts, leastLeadMinutes }) => {
    const cells = MEMORY_RULES.map((rule) => String(counts[rule] ?? ''));
    return [program, ...cells, leastLeadMinutes === null ? '' : leastLeadMinutes.toFixed(1)];
  });
  const head = ['recycled', 'growth', 'soft', 'hard', 'kill', 'least minutes to its ceiling'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
};
