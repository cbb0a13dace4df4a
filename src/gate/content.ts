/** The content header frame (specification 4.2.6.1): size and properties of a message. */
import { readBodySize } from './decode.ts';
import { FRAME } from './method-ids.ts';

export interface Content {
  sizeBytes: number;
  contentType: string | null;
  messageId: string | null;
}

/** In the order of their flags, from the highest bit on. */
const PROPERTIES = [
  'contentType',
  'contentEncoding',
  'headers',
  'deliveryMode',
  'priority',
  'correlationId',
  'replyTo',
  'expiration',
  'messageId',
  'timestamp',
  'type',
  'userId',
  'appId',
  'clusterId',
] as const;

type Property = (typeof PROPERTIES)[number];

/** Bytes of the properties that are no short string and no table. */
const FIXED: Partial<Record<Property, number>> = { deliveryMode: 1, priority: 1, timestamp: 8 };

/**
 * Read a header frame. `part` is handed each thing that belongs to the message itself: headers that begin with `x-` do not, since the
 * broker adds them from delivery to delivery (x-delivery-count, x-death).
 */
export function readContent(frame: Buffer, part: (bytes: Buffer) => void = () => undefined): Content {
  const sizeBytes = readBodySize(frame);
  part(frame.subarray(FRAME.head + 4, FRAME.head + 12));
  const flags = frame.readUInt16BE(FRAME.head + 12);
  const content: Content = { sizeBytes, contentType: null, messageId: null };
  let at = FRAME.head + 14;
  for (const [index, name] of PROPERTIES.entries()) {
    if ((flags & (1 << (15 - index))) === 0) continue;
    const end = at + lengthAt(frame, at, name);
    if (end > frame.length - 1) throw new RangeError('A property runs past the end of its content header.');
    if (name === 'headers') ownHeaders(frame.subarray(at + 4, end), part);
    else part(Buffer.concat([Buffer.from([index]), frame.subarray(at, end)]));
    if (name === 'contentType' || name === 'messageId') content[name] = frame.toString('utf8', at + 1, end);
    at = end;
  }
  return content;
}

function lengthAt(frame: Buffer, at: number, name: Property): number {
  if (name === 'headers') return 4 + frame.readUInt32BE(at);
  return FIXED[name] ?? 1 + frame.readUInt8(at);
}

const byType = (types: string, bytes: number): Record<string, number> =>
  Object.fromEntries(types.split('').map((type) => [type, bytes]));

/** Bytes of a table's values of fixed length, by type (RabbitMQ's dialect). */
const VALUE_BYTES: Record<string, number> = {
  ...byType('tbB', 1),
  ...byType('suU', 2),
  ...byType('Iif', 4),
  ...byType('lLdT', 8),
  ...byType('D', 5),
  ...byType('V', 0),
};
const LONG = 'SxFA';

function ownHeaders(table: Buffer, part: (bytes: Buffer) => void): void {
  for (let at = 0; at < table.length;) {
    const typeAt = at + 1 + table.readUInt8(at);
    const type = String.fromCharCode(table.readUInt8(typeAt));
    const length = VALUE_BYTES[type] ?? (LONG.includes(type) ? 4 + table.readUInt32BE(typeAt + 1) : table.length);
    const end = Math.min(typeAt + 1 + length, table.length);
    if (table.toString('latin1', at + 1, at + 3) !== 'x-') part(table.subarray(at, end));
    at = end;
  }
}
