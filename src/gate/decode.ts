/**
 * Readers of the method frames the gate must understand. Each takes the whole frame. Names are read as Latin-1, which keeps every
 * byte; delivery tags as numbers (exact up to 2^53). A frame that is too short throws a RangeError, which ends the connection.
 */
import { FRAME } from './method-ids.ts';

/** Where the arguments of a method begin in its frame. */
export const ARGUMENTS = FRAME.head + 4;

const TWO_32 = 2 ** 32;

export const channelOf = (frame: Buffer): number => frame.readUInt16BE(1);
export const methodOf = (frame: Buffer): number => frame.readUInt32BE(FRAME.head);

export const readTag = (frame: Buffer, at: number): number =>
  frame.readUInt32BE(at) * TWO_32 + frame.readUInt32BE(at + 4);

/** The string at `at`, and where the next field begins. */
export function readShortString(frame: Buffer, at: number): [text: string, next: number] {
  const next = at + 1 + frame.readUInt8(at);
  if (next >= frame.length) throw new RangeError('A string of an AMQP method runs past the end of its frame.');
  return [frame.toString('latin1', at + 1, next), next];
}

export interface Delivery {
  deliveryTag: number;
  redelivered: boolean;
}

/** basic.deliver without its consumer tag, which is rarely needed: see `readConsumerTag`. */
export function readDeliver(frame: Buffer): Delivery {
  const at = ARGUMENTS + 1 + frame.readUInt8(ARGUMENTS);
  return { deliveryTag: readTag(frame, at), redelivered: (frame.readUInt8(at + 8) & 1) === 1 };
}

export function readGetOk(frame: Buffer): Delivery {
  return { deliveryTag: readTag(frame, ARGUMENTS), redelivered: (frame.readUInt8(ARGUMENTS + 8) & 1) === 1 };
}

/** The first field of basic.deliver, cancel-ok, consume-ok and cancel. */
export const readConsumerTag = (frame: Buffer): string => readShortString(frame, ARGUMENTS)[0];

export interface Settlement {
  deliveryTag: number;
  multiple: boolean;
}

/** basic.ack and basic.nack, in both directions. */
export function readSettlement(frame: Buffer): Settlement {
  return { deliveryTag: readTag(frame, ARGUMENTS), multiple: (frame.readUInt8(ARGUMENTS + 8) & 1) === 1 };
}

export function readCancel(frame: Buffer): { tag: string; noWait: boolean } {
  const [tag, at] = readShortString(frame, ARGUMENTS);
  return { tag, noWait: (frame.readUInt8(at) & 1) === 1 };
}

export const CONSUME_FLAG = { noAck: 2, exclusive: 4, noWait: 8 } as const;

/** Arguments of a basic.consume, as the gate remembers them to consume anew. */
export interface ConsumeArguments {
  queue: string;
  tag: string;
  /** no-local 1, no-ack 2, exclusive 4, no-wait 8. */
  flags: number;
  /** The encoded table, with its length. */
  table: Buffer;
}

export function readConsume(frame: Buffer): ConsumeArguments {
  const [queue, afterQueue] = readShortString(frame, ARGUMENTS + 2);
  const [tag, afterTag] = readShortString(frame, afterQueue);
  // A copy: it is kept as long as the consumer, the chunk it came in must not be.
  const table = Buffer.from(frame.subarray(afterTag + 1, frame.length - 1));
  return { queue, tag, flags: frame.readUInt8(afterTag), table };
}

export function readGet(frame: Buffer): { queue: string; noAck: boolean } {
  const [queue, at] = readShortString(frame, ARGUMENTS + 2);
  return { queue, noAck: (frame.readUInt8(at) & 1) === 1 };
}

/** Offset of prefetch-count in a basic.qos frame. */
export const QOS_COUNT = ARGUMENTS + 4;

/** RabbitMQ: for the channel as a whole, and at once; else for each consumer to come. */
export const isQosGlobal = (frame: Buffer): boolean => (frame.readUInt8(QOS_COUNT + 2) & 1) === 1;

/** `isPrivate`: the queue is exclusive or deletes itself with its last consumer. */
export function readDeclare(frame: Buffer): { queue: string; isPrivate: boolean; noWait: boolean } {
  const [queue, at] = readShortString(frame, ARGUMENTS + 2);
  const flags = frame.readUInt8(at);
  return { queue, isPrivate: (flags & (4 | 8)) !== 0, noWait: (flags & 16) !== 0 };
}

/** Offset of the heartbeat in a connection.tune or tune-ok frame, and of the frame size. */
export const TUNE_HEARTBEAT = ARGUMENTS + 6;
export const TUNE_FRAME_MAX = ARGUMENTS + 2;

export function readClose(frame: Buffer): { code: number; text: string } {
  return { code: frame.readUInt16BE(ARGUMENTS), text: readShortString(frame, ARGUMENTS + 2)[0] };
}

/** Bytes of body that a content header frame (19 bytes or more) announces. */
export const readBodySize = (frame: Buffer): number => readTag(frame, BODY_SIZE);
/** Where that is in the frame. */
export const BODY_SIZE = FRAME.head + 4;
