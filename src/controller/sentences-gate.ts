/** What a gate has to say, in words (sentences.ts); the obstacles are those of gate/reports.ts. */
import type { Evidence } from '../core/types.ts';
import { who } from './entry-words.ts';
import { bytes, exitText, plural, seconds } from './words.ts';

interface GateEntry {
  worker: string | null;
  program: string | null;
  pid: number | null;
  evidence: Evidence;
}

const OBSTACLES: Record<string, string> = {
  notGated: 'it does not speak AMQP 0-9-1, so that nothing can be seen',
  noAck: 'it takes messages without acknowledging them, so that nobody sees when they are done',
  blocked: 'the broker has blocked its connection (a memory or disk alarm) and reads no acknowledgement',
  openTransaction: 'a transaction of its is open',
  openContent: 'it has sent half a message',
  unconfirmed: 'the broker has not confirmed what it published',
  privateQueue: 'its queue is private (exclusive or auto-delete), so that its consumer has to stay',
  unacknowledged: 'it is still at work, or waits for a batch to fill',
  unanswered: 'the broker has not answered yet',
};

const DEAF: Record<string, string> = {
  consumerCancelled: 'the broker has cancelled its consumer',
  channelClosed: 'the broker has closed its channel',
  connectionLost: 'its connection to the broker has ended',
};

const said = ({ evidence }: GateEntry, key: string): string => String(evidence[key] ?? '');
const number = ({ evidence }: GateEntry, key: string): number => Number(evidence[key] ?? 0);
const bracketed = (text: string): string => (text === '' ? '' : ` (${text})`);
const deafness = (entry: GateEntry): string =>
  `${DEAF[said(entry, 'reason')] ?? said(entry, 'reason')}${bracketed(said(entry, 'text'))}`;

/** A message, as far as people may see it: never its body. */
const message = (entry: GateEntry): string => {
  const size = number(entry, 'sizeBytes');
  const known = [
    said(entry, 'messageId') === '' ? '' : `message-id ${said(entry, 'messageId')}`,
    said(entry, 'contentType'),
    size < 10_240 ? plural(size, 'byte', 'bytes') : bytes(size),
    `fingerprint ${said(entry, 'fingerprint')}`,
  ];
  const queue = said(entry, 'queue') === '' ? 'an unknown queue' : said(entry, 'queue');
  return `a message of ${queue} (${known.filter((part) => part !== '').join(', ')})`;
};

export const GATE_ENTRIES = {
  'gate.stuckDrain': (entry) =>
    `${who(entry)} does not drain: ${OBSTACLES[said(entry, 'reason')] ?? said(entry, 'reason')}${bracketed(said(entry, 'text'))}`,
  'gate.resumed': (entry) => `${who(entry)} works on: its drain did not end and is tried again later`,
  'gate.deaf': (entry) =>
    `${who(entry)} lives and gets no more messages: ${deafness(entry)}; if it does not consume again by itself, it is recycled`,
  deaf: (entry) =>
    `Recycled ${who(entry)}: ${deafness(entry)}, and it has consumed nothing for ${seconds(number(entry, 'forMs'))} since`,
  'gate.starved': (entry, where) => {
    const limit = said(entry, 'limit');
    const asked = number(entry, 'asked');
    const has = asked === 0 ? 'no limit, and has none now' : `${asked}, and has that now`;
    return `A prefetch of ${limit}${where} starves ${who(entry)}: it has held ${said(entry, 'inFlight')} messages for ${seconds(number(entry, 'waitedMs'))} and waits for more, as it acknowledges in batches; it asked for ${has}; write an amqp.prefetch of at least its batch, more than ${limit}`;
  },
  'gate.poison': (entry, where) => {
    const workers = plural(number(entry, 'deaths'), 'worker', 'workers');
    if (said(entry, 'reason') === 'rejected')
      return `Rejected ${message(entry)}, which ${workers} of ${entry.program ?? ''} had died on${where}: the broker dead-letters it if its queue has a dead-letter exchange, and drops it if not`;
    const then =
      said(entry, 'action') === 'reject' ? 'it is rejected when it comes again' : 'it goes back to its queue';
    return `${workers} of ${entry.program ?? ''} died working on ${message(entry)}${where}, the last of them ${who(entry)}, which ${exitText(entry.evidence)}; ${then}`;
  },
  'gate.notGated': (entry) =>
    `${who(entry)} does not speak AMQP 0-9-1 to its broker${bracketed(said(entry, 'text'))}: what it holds cannot be seen, and it is drained by signal`,
  'gate.bypassed': (entry) =>
    `${who(entry)} has not come to its gate: it does not read ${said(entry, 'text')}, or has a cached configuration; what it holds cannot be seen, and it is drained by signal`,
  'gate.refused': (entry) => `The gate of ${who(entry)} refused a connection: ${said(entry, 'text')}`,
  'gate.unreachable': (entry) =>
    `The gate of ${who(entry)} finds no way to its broker: ${said(entry, 'text').replace(/\.$/, '')}`,
  'swap.notConsuming': (entry) =>
    `${who(entry)} takes over, although it has not begun to consume within ${seconds(number(entry, 'waitedMs'))}`,
} satisfies Record<string, (entry: GateEntry, where: string) => string>;
