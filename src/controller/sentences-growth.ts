/** Sentences about growth (policy/trend). */
import type { EntryDraft, Evidence } from '../core/types.ts';
import { placeOf } from '../policy/trend/parts.ts';
import { ZEND_REFUSED } from '../linux/zend-reader.ts';
import { bytes, seconds } from './words.ts';

type Entry = Omit<EntryDraft, 'action'>;

const number = (evidence: Evidence, key: string): number | null => {
  const value = evidence[key];
  return typeof value === 'number' ? value : null;
};

const grew = (entry: Entry): string => {
  const { evidence } = entry;
  const each = number(evidence, 'growthBytesPerMessage');
  const perMessage = each === null || each <= 0 ? '' : `, ${bytes(each)} for each message it acknowledged`;
  const span = seconds((number(evidence, 'growingSeconds') ?? 0) * 1000);
  return `it has grown ${bytes(number(evidence, 'growthBytesPerMinute'))} a minute for ${span}, from ${bytes(number(evidence, 'fromBytes'))} to ${bytes(number(evidence, 'toBytes'))}${perMessage}${where(entry.evidence)}`;
};

const where = (evidence: Evidence): string => {
  const zend = number(evidence, 'zendBytesPerMinute');
  const place = placeOf(zend, number(evidence, 'growthBytesPerMinute'));
  if (place === null) return '';
  if (place === 'php') return ", in PHP's own heap: PHP code keeps it";
  if (place === 'both') return `, ${bytes(zend)} a minute of that in PHP's own heap`;
  return `, outside PHP's own heap, which grew ${bytes(Math.max(0, zend ?? 0))} a minute: an extension or a library takes it`;
};

const nears = (entry: Entry, line: string): string =>
  `${grew(entry)}, and at ${bytes(number(entry.evidence, 'bytes'))} it would pass its ceiling of ${bytes(number(entry.evidence, 'ceilingBytes'))} in ${seconds(number(entry.evidence, 'reachesAfterMs') ?? 0)}${line}`;

const who = (entry: Entry): string => `${entry.worker ?? 'a worker'}${entry.pid === null ? '' : ` (pid ${entry.pid})`}`;

export const GROWTH_ENTRIES: Record<string, (entry: Entry, line: string) => string> = {
  'memory.growth': (entry, line) => `Recycled ${who(entry)} before its ceiling: ${nears(entry, line)}`,
  'growth.leaking': (entry) => `${who(entry)} leaks: ${grew(entry)}`,
  'zend.refused': (entry) =>
    `PHP's own heap is not known of ${who(entry)}: ${ZEND_REFUSED}; growth is judged all the same, but nobody can tell PHP code from an extension (see \`ackwarden doctor\`)`,
  'growth.near': (entry, line) => `${who(entry)} nears its ceiling: ${nears(entry, line)}`,
};
