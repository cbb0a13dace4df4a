/** AMQP frames written the plain way, independent of the gate's own codec, and a parser of whole byte strings as reference. */
export type Field =
  { u8: number } | { u16: number } | { u32: number } | { u64: number } | { short: string } | { long: string };

const bytesOf = (field: Field): number[] => {
  if ('u8' in field) return [field.u8];
  if ('u16' in field) return [field.u16 >> 8, field.u16 & 255];
  if ('u32' in field) return [24, 16, 8, 0].map((shift) => (field.u32 >>> shift) & 255);
  if ('u64' in field) return [...bytesOf({ u32: 0 }), ...bytesOf({ u32: field.u64 })];
  if ('long' in field) return [...bytesOf({ u32: field.long.length }), ...Buffer.from(field.long, 'latin1')];
  return [field.short.length, ...Buffer.from(field.short, 'latin1')];
};

export const frame = (type: number, channel: number, payload: Uint8Array | number[]): Buffer =>
  Buffer.concat([
    Buffer.from([type, ...bytesOf({ u16: channel }), ...bytesOf({ u32: payload.length })]),
    payload instanceof Uint8Array ? payload : Uint8Array.from(payload),
    Buffer.from([0xce]),
  ]);

export const method = (channel: number, [klass, id]: [number, number], ...fields: Field[]): Buffer =>
  frame(1, channel, [...bytesOf({ u16: klass }), ...bytesOf({ u16: id }), ...fields.flatMap(bytesOf)]);

const flag = (isSet: boolean): Field => ({ u8: isSet ? 1 : 0 });
const NO_TABLE: Field = { u32: 0 };

export const PREAMBLE = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
export const heartbeat = frame(8, 0, []);

/** A client that wants to be told of connection.blocked, or of nothing. */
export const startOk = (user: string, password: string, asks = true): Buffer =>
  method(
    0,
    [10, 11],
    ...(asks ? CAPABILITIES : [NO_TABLE]),
    { short: 'PLAIN' },
    { long: `\0${user}\0${password}` },
    { short: 'en_US' },
  );
export const open = method(0, [10, 40], { short: '/' }, { short: '' }, { u8: 0 });
const tableEntry = (name: string, type: string): Field[] => [{ short: name }, { u8: type.charCodeAt(0) }];
const CAPABILITIES: Field[] = [
  { u32: 39 },
  ...tableEntry('capabilities', 'F'),
  { u32: 21 },
  ...tableEntry('connection.blocked', 't'),
  { u8: 1 },
];
export const tune = (seconds: number): Buffer => method(0, [10, 30], { u16: 2047 }, { u32: 131_072 }, { u16: seconds });
export const tuneOk = (seconds: number, frameMax = 131_072): Buffer =>
  method(0, [10, 31], { u16: 2047 }, { u32: frameMax }, { u16: seconds });
export const openOk = method(0, [10, 41], { short: '' });
export const connectionClose = method(0, [10, 50], { u16: 320 }, { short: 'CONNECTION_FORCED' }, { u32: 0 });
export const connectionCloseOk = method(0, [10, 51]);
export const blocked = method(0, [10, 60], { short: 'low on memory' });
export const unblocked = method(0, [10, 61]);

export const channelOpen = (channel: number): Buffer => method(channel, [20, 10], { short: '' });
export const channelOpenOk = (channel: number): Buffer => method(channel, [20, 11], { u32: 0 });
export const channelClose = (channel: number): Buffer =>
  method(channel, [20, 40], { u16: 404 }, { short: 'NOT_FOUND' }, { u32: 0 });
export const channelCloseOk = (channel: number): Buffer => method(channel, [20, 41]);

export const declare = (channel: number, queue: string, flags: number): Buffer =>
  method(channel, [50, 10], { u16: 0 }, { short: queue }, { u8: flags }, NO_TABLE);
export const declareOk = (channel: number, queue: string): Buffer =>
  method(channel, [50, 11], { short: queue }, { u32: 0 }, { u32: 0 });

export const qos = (channel: number, count: number, isGlobal = false): Buffer =>
  method(channel, [60, 10], { u32: 0 }, { u16: count }, flag(isGlobal));
export const qosOk = (channel: number): Buffer => method(channel, [60, 11]);
/** flags: no-ack 2, exclusive 4, no-wait 8. */
export const consume = (channel: number, queue: string, tag: string, flags = 0): Buffer =>
  method(channel, [60, 20], { u16: 0 }, { short: queue }, { short: tag }, { u8: flags }, NO_TABLE);
export const consumeOk = (channel: number, tag: string): Buffer => method(channel, [60, 21], { short: tag });
export const cancel = (channel: number, tag: string, isNoWait = false): Buffer =>
  method(channel, [60, 30], { short: tag }, flag(isNoWait));
export const cancelOk = (channel: number, tag: string): Buffer => method(channel, [60, 31], { short: tag });
export const publish = (channel: number, queue = 'q'): Buffer =>
  method(channel, [60, 40], { u16: 0 }, { short: '' }, { short: queue }, { u8: 0 });
export const get = (channel: number, queue: string, isNoAck = false): Buffer =>
  method(channel, [60, 70], { u16: 0 }, { short: queue }, flag(isNoAck));
export const getEmpty = (channel: number): Buffer => method(channel, [60, 72], { short: '' });
export const ack = (channel: number, tag: number, isMultiple = false): Buffer =>
  method(channel, [60, 80], { u64: tag }, flag(isMultiple));
export const reject = (channel: number, tag: number, isRequeue = true): Buffer =>
  method(channel, [60, 90], { u64: tag }, flag(isRequeue));
export const nack = (channel: number, tag: number, isMultiple = false): Buffer =>
  method(channel, [60, 120], { u64: tag }, { u8: (isMultiple ? 1 : 0) | 2 });
export const recover = (channel: number): Buffer => method(channel, [60, 110], { u8: 1 });
export const recoverOk = (channel: number): Buffer => method(channel, [60, 111]);
export const recoverAsync = (channel: number): Buffer => method(channel, [60, 100], { u8: 1 });
export const confirmSelect = (channel: number): Buffer => method(channel, [85, 10], { u8: 0 });
export const confirmSelectOk = (channel: number): Buffer => method(channel, [85, 11]);
export const tx = (channel: number, what: keyof typeof TX): Buffer => method(channel, [90, TX[what]]);
const TX = { select: 10, selectOk: 11, commit: 20, commitOk: 21, rollback: 30, rollbackOk: 31 } as const;

export const header = (channel: number, bodySize: number): Buffer =>
  frame(2, channel, [0, 60, 0, 0, ...bytesOf({ u64: bodySize }), 0, 0]);
/** A header frame with properties; headers are strings. */
export const richHeader = (
  channel: number,
  bodySize: number,
  { headers = null, messageId = null }: { headers?: Record<string, string> | null; messageId?: string | null },
): Buffer => {
  const table = Object.entries(headers ?? {}).flatMap(([name, value]) => [
    ...bytesOf({ short: name }),
    0x53,
    ...bytesOf({ u32: value.length }),
    ...Buffer.from(value, 'latin1'),
  ]);
  const flags = 0x8000 | (headers === null ? 0 : 0x2000) | (messageId === null ? 0 : 0x0080);
  const fields = [
    ...bytesOf({ short: 'text/plain' }),
    ...(headers === null ? [] : [...bytesOf({ u32: table.length }), ...table]),
    ...(messageId === null ? [] : bytesOf({ short: messageId })),
  ];
  return frame(2, channel, [0, 60, 0, 0, ...bytesOf({ u64: bodySize }), ...bytesOf({ u16: flags }), ...fields]);
};
export const bodyOf = (channel: number, bytes: Buffer): Buffer => frame(3, channel, bytes);
export const deliverMethod = (channel: number, consumer: string, tag: number, isRedelivered: boolean): Buffer =>
  method(
    channel,
    [60, 60],
    { short: consumer },
    { u64: tag },
    flag(isRedelivered),
    { short: 'orders' },
    { short: 'new' },
  );
export const getOkMethod = (channel: number, tag: number, isRedelivered: boolean): Buffer =>
  method(channel, [60, 71], { u64: tag }, flag(isRedelivered), { short: 'orders' }, { short: 'new' }, { u32: 0 });
export const body = (channel: number, size: number): Buffer => frame(3, channel, Buffer.alloc(size, 0xce));

export const deliver = (channel: number, consumer: string, tag: number, isRedelivered = false): Buffer =>
  Buffer.concat([
    method(channel, [60, 60], { short: consumer }, { u64: tag }, flag(isRedelivered), { short: '' }, { short: 'q' }),
    header(channel, 3),
    body(channel, 3),
  ]);
export const getOk = (channel: number, tag: number): Buffer =>
  Buffer.concat([
    method(channel, [60, 71], { u64: tag }, flag(false), { short: '' }, { short: 'q' }, { u32: 0 }),
    header(channel, 3),
    body(channel, 3),
  ]);

/** All whole frames of a byte string. Throws when a frame has no end byte, or bytes are left over. */
export function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at + 3);
    if (bytes[end - 1] !== 0xce) throw new Error(`The frame at ${at} has no end byte.`);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

/** `class.method` of a method frame, `header`, `body`. */
export function nameOf(bytes: Buffer): string {
  const type = bytes[0];
  if (type !== 1) return type === 2 ? 'header' : type === 3 ? 'body' : 'heartbeat';
  return `${bytes.readUInt16BE(7)}.${bytes.readUInt16BE(9)}`;
}

export const channelOf = (bytes: Buffer): number => bytes.readUInt16BE(1);
/** The consumer tag of the basic.consume among these frames. */
export const consumeTagIn = (bytes: Buffer): string => {
  const found = framesOf(bytes).find((one) => nameOf(one) === '60.20') ?? Buffer.alloc(0);
  const at = 14 + found.readUInt8(13);
  return found.toString('latin1', at + 1, at + 1 + found.readUInt8(at));
};
export const tagOf = (bytes: Buffer): string => bytes.toString('latin1', 12, 12 + bytes.readUInt8(11));
