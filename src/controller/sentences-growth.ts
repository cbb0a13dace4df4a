/** Sentences about growth (policy/trend). */
import type { EntryDraft, Evidence } from '../core/types.ts';
import { bytes, seconds } from './words.ts';

type Entry = Omit<EntryDraft, 'action'>;

const number = (evidence: Evidence, key: string): number | null => {
  const value = evidence[key];
  return typeof value === 'number' ? value : null;
};

const grew = ({ evidence }: Entry): string => {
  const each = number(evidence, 'growthBytesPerMessage');
  const perMessage = each === null || each <= 0 ? '' : `, ${bytes(each)} for each message it acknowledged`;
  const span = seconds((number(evidence, 'growingSeconds') ?? 0) * 1000);
  return `it has grown ${bytes(number(evidence, 'growthBytesPerMinute'))} a minute for ${span}, from ${bytes(number(evidence, 'fromBytes'))} to ${bytes(number(evidence, 'toBytes'))}${perMessage}`;
};

const nears = (entry: Entry, where: string): string =>
  `${grew(entry)}, and at ${bytes(number(entry.evidence, 'bytes'))} it would pass its ceiling of ${bytes(number(entry.evidence, 'ceilingBytes'))} in ${seconds(number(entry.evidence, 'reachesAfterMs') ?? 0)}${where}`;

const who = (entry: Entry): string => `${entry.worker ?? 'a worker'}${entry.pid === null ? '' : ` (pid ${entry.pid})`}`;

export const GROWTH_ENTRIES: Record<string, (entry: Entry, where: string) => string> = {
  'memory.growth': (entry, where) => `Recycled ${who(entry)} before its ceiling: ${nears(entry, where)}`,
  'growth.leaking': (entry) => `${who(entry)} leaks: ${grew(entry)}`,
  'growth.near': (entry, where) => `${who(entry)} nears its ceiling: ${nears(entry, where)}`,
};
