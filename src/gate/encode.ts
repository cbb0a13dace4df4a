/** The few frames the gate writes itself. Everything else passes as it came. */
import { ARGUMENTS, channelOf, methodOf } from './decode.ts';
import type { ConsumeArguments } from './decode.ts';
import { FRAME, METHOD } from './method-ids.ts';

/** A heartbeat: frame type 8 on channel 0 without payload (specification, 4.2.7). */
export const HEARTBEAT = Buffer.from([FRAME.heartbeat, 0, 0, 0, 0, 0, 0, FRAME.end]);

const REPLY_SUCCESS = 200;

/** A whole method frame; `id` is `class << 16 | method`. */
export function methodFrame(channel: number, id: number, ...fields: Buffer[]): Buffer {
  const head = Buffer.alloc(FRAME.head + 4);
  head.writeUInt8(FRAME.method, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(
    fields.reduce((sum, field) => sum + field.length, 4),
    3,
  );
  head.writeUInt32BE(id, 7);
  return Buffer.concat([head, ...fields, Buffer.from([FRAME.end])]);
}

/** basic.cancel that wants an answer: RabbitMQ answers cancel-ok for a tag it does not know, too. */
export const cancelFrame = (channel: number, tag: string): Buffer =>
  methodFrame(channel, METHOD.basicCancel, shortString(tag), Buffer.from([0]));

/** basic.reject that does not requeue. */
export function rejectFrame(channel: number, deliveryTag: number): Buffer {
  const fields = Buffer.alloc(9);
  fields.writeBigUInt64BE(BigInt(deliveryTag), 0);
  return methodFrame(channel, METHOD.basicReject, fields);
}

/** The same basic.deliver, cancel or cancel-ok for another consumer tag, which is the first field of each. */
export function withTag(frame: Buffer, tag: string): Buffer {
  const rest = frame.subarray(ARGUMENTS + 1 + frame.readUInt8(ARGUMENTS), frame.length - 1);
  return methodFrame(channelOf(frame), methodOf(frame), shortString(tag), rest);
}

export const consumeOkFrame = (channel: number, tag: string): Buffer =>
  methodFrame(channel, METHOD.basicConsumeOk, shortString(tag));

export const getEmptyFrame = (channel: number): Buffer => methodFrame(channel, METHOD.basicGetEmpty, shortString(''));

export function consumeFrame(channel: number, { queue, tag, flags, table }: ConsumeArguments): Buffer {
  const fields = [Buffer.alloc(2), shortString(queue), shortString(tag), Buffer.from([flags]), table];
  return methodFrame(channel, METHOD.basicConsume, ...fields);
}

/** basic.qos, for the consumers to come or (`isGlobal`) for the channel as a whole. */
export function qosFrame(channel: number, prefetch: number, isGlobal = false): Buffer {
  const fields = Buffer.alloc(7);
  fields.writeUInt16BE(prefetch, 4);
  fields.writeUInt8(isGlobal ? 1 : 0, 6);
  return methodFrame(channel, METHOD.basicQos, fields);
}

/** connection.close with 200: what we say for a client that is gone. */
export function connectionCloseFrame(text: string): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(REPLY_SUCCESS, 0);
  return methodFrame(0, METHOD.connectionClose, code, shortString(text), Buffer.alloc(4));
}

/** Latin-1 both ways: whatever bytes a name has, they come out again. */
function shortString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
