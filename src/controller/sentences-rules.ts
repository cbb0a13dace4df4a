/** Rules about a worker and about its host, in words (sentences.ts). */
import type { Evidence } from '../core/types.ts';
import { bytes } from './words.ts';

interface RuleEntry {
  worker: string | null;
  program: string | null;
  pid: number | null;
  evidence: Evidence;
}

type Template = (entry: RuleEntry, where: string) => string;

const number = ({ evidence }: RuleEntry, key: string): number | null => {
  const value = evidence[key];
  return typeof value === 'number' ? value : null;
};

const tooLow =
  (what: string): Template =>
  (entry, where) => {
    const ceiling = String(entry.evidence['ceiling'] ?? 'soft');
    return `The ${ceiling} ceiling of ${entry.program ?? ''} is too low for its workers${where}: a fresh one settles at ${bytes(number(entry, 'bytes'))}, and ${bytes(number(entry, 'ceilingBytes'))} is allowed; ${what}; set memory.${ceiling} to at least ${bytes(number(entry, 'leastBytes'))}, or find out what takes it (ackwarden diagnose ${entry.worker ?? ''})`;
  };

const NO_MORE = 'recycling does not help, so it is not recycled for that any more until workers.yaml changes';

export const VERIFY_ENTRIES: Record<string, Template> = {
  'memory.soft.tooLow': tooLow(NO_MORE),
  'memory.growth.tooLow': tooLow(NO_MORE),
  'memory.hard.tooLow': tooLow('it goes on being recycled there, because that ceiling protects the host'),
};
