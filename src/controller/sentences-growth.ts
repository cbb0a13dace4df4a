/** Sentences about growth (policy/trend). */
import type { EntryDraft, Evidence } from '../core/types.ts';
import { placeOf } from '../policy/trend/parts.ts';
import { ZEND_REFUSED } from '../linux/zend-reader.ts';
import { number, who } from './entry-words.ts';
import { bytes, seconds } from './words.ts';

type Entry = Omit<EntryDraft, 'action'>;

const grew = (entry: Entry): string => {
  const { evidence } = entry;
  const each = number(evidence, 'growthBytesPerMessage');
  const perMessage = each === null || each <= 0 ? '' : `, ${bytes(each)} for each message it acknowledged`;
  return `it has grown ${bytes(number(evidence, 'growthBytesPerMinute'))} a minute for ${span(evidence)}${fromTo(evidence)}${perMessage}${where(entry.evidence)}`;
};

const where = (evidence: Evidence): string => {
  if (evidence['part'] === 'php')
    return ", in PHP's own heap (what is outside of it goes up and down, and is left out here): PHP code keeps it";
  if (evidence['part'] === 'native')
    return `, outside PHP's own heap (which goes up and down, and is left out here): ${taker(evidence)}`;
  const zend = number(evidence, 'zendBytesPerMinute');
  const place = placeOf(zend, number(evidence, 'growthBytesPerMinute'));
  if (place === null) return '';
  if (place === 'php') return ", in PHP's own heap: PHP code keeps it";
  if (place === 'both') return `, ${bytes(zend)} a minute of that in PHP's own heap`;
  return `, outside PHP's own heap, which grew ${bytes(Math.max(0, zend ?? 0))} a minute: ${taker(evidence)}`;
};

/** Who takes memory that is not in PHP's own heap. */
const taker = (evidence: Evidence): string => {
  const held = number(evidence, 'descendantBytes') ?? 0;
  if (held <= 0) return 'an extension or a library takes it';
  return `an extension, a library, or its child processes take it, which hold ${bytes(held)}`;
};

const nears = (entry: Entry, line: string): string => {
  const { evidence } = entry;
  const ceiling = `its ceiling of ${bytes(number(evidence, 'ceilingBytes'))}`;
  const stands = bytes(number(evidence, 'bytes'));
  if (number(evidence, 'leaps') !== null)
    return `${leapt(evidence)}, and at ${stands} one more such leap takes it over ${ceiling}${line}`;
  const passes = `would pass ${ceiling} in ${seconds(number(evidence, 'reachesAfterMs') ?? 0)}${line}`;
  const perMinute = number(evidence, 'messagesPerMinute');
  if (perMinute === null) return `${grew(entry)}, and at ${stands} it ${passes}`;
  return `${grewByMessages(evidence)}, and at ${stands}, with ${perMinute} messages a minute to come, it ${passes}`;
};

const leapt = (evidence: Evidence): string =>
  `it has leapt ${number(evidence, 'leaps')} times by about ${bytes(number(evidence, 'leapBytes'))} within ${span(evidence)}${fromTo(evidence)}`;

const grewByMessages = (evidence: Evidence): string =>
  `each message leaves ${bytes(number(evidence, 'growthBytesPerMessage'))} behind, as ${(number(evidence, 'messages') ?? 0).toLocaleString('en-US')} of them within ${span(evidence)} did${fromTo(evidence)}${where(evidence)}`;

const span = (evidence: Evidence): string => seconds((number(evidence, 'growingSeconds') ?? 0) * 1000);

const fromTo = (evidence: Evidence): string =>
  `, from ${bytes(number(evidence, 'fromBytes'))} to ${bytes(number(evidence, 'toBytes'))}`;

export const GROWTH_ENTRIES: Record<string, (entry: Entry, line: string) => string> = {
  'memory.growth': (entry, line) => `Recycled ${who(entry)} before its ceiling: ${nears(entry, line)}`,
  'growth.leaking': (entry) => `${who(entry)} leaks: ${grew(entry)}`,
  'zend.refused': (entry) =>
    `PHP's own heap is not known of ${who(entry)}: ${ZEND_REFUSED}; growth is judged all the same, but nobody can tell PHP code from an extension (see \`ackwarden doctor\`)`,
  'growth.near': (entry, line) => `${who(entry)} nears its ceiling: ${nears(entry, line)}`,
};
