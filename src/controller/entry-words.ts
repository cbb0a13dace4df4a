/** What sentences (sentences.ts) say of an entry: whom it is about, and its evidence, as text or as a number. */
import type { Evidence } from '../core/types.ts';

/** `shop:0 (pid 4711)`. */
export const who = ({ worker, pid }: { worker: string | null; pid: number | null }): string =>
  `${worker ?? 'a worker'}${pid === null ? '' : ` (pid ${pid})`}`;

/** Null where the evidence has no such number. */
export const number = (evidence: Evidence, key: string): number | null => {
  const value = evidence[key];
  return typeof value === 'number' ? value : null;
};

/** Empty where the evidence has nothing of that name. */
export const text = (evidence: Evidence, key: string): string => {
  const value = evidence[key];
  return value === null || value === undefined ? '' : String(value);
};

/** A sentence of somebody else in the middle of ours: without its full stop. */
export const said = (evidence: Evidence, key: string): string => text(evidence, key).replace(/[.\s]+$/, '');
