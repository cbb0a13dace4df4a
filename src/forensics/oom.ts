/** Whom the kernel would kill first when memory runs out, and where this process stands (proc(5), oom_score). */
import { readdirSync } from 'node:fs';
import { nameOfProcess } from './identity.ts';
import { textOf } from './target.ts';
import type { OomFacts } from './types.ts';

const numberOf = (text: string | null): number | null => {
  const value = Number(text?.trim() ?? '');
  return text === null || text.trim() === '' || Number.isNaN(value) ? null : value;
};

export const oomOf = (pid: number): OomFacts => {
  const score = numberOf(textOf(pid, 'oom_score'));
  const others = scores();
  const first = others.toSorted((a, b) => b.score - a.score)[0];
  return {
    score,
    scoreAdj: numberOf(textOf(pid, 'oom_score_adj')),
    place: score === null ? null : 1 + others.filter((other) => other.score > score).length,
    first: first === undefined ? null : { ...first, name: nameOfProcess(first.pid) ?? 'unknown' },
  };
};

const scores = (): { pid: number; score: number }[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const score = numberOf(textOf(Number(name), 'oom_score'));
      return score === null ? [] : [{ pid: Number(name), score }];
    });
