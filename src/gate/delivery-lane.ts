/**
 * The short way for what a broker says nearly always: deliveries whose frames are whole in the chunk, and which pass as they are. They
 * are counted where they lie, without an object for any of them. It takes no frame that it does not fully understand: that one, and
 * what is wrong with it, is the matter of the general way (scanner.ts, broker-methods.ts), whose outcome this one must equal.
 */
import { byteAt, longAt, longLongAt, shortAt } from './bytes.ts';
import type { Channel } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { ARGUMENTS, BODY_SIZE } from './decode.ts';
import { FRAME, METHOD } from './method-ids.ts';
import { PREFIX_BYTES } from './trace.ts';

/** Class, weight, body size and flags: less is no content header. */
const LEAST_HEADER = 14;

/** Take what can be taken of the chunk from `from` on; returns where the next frame begins. */
export function skimDeliveries(state: ConnectionState, chunk: Buffer, from: number, maxHeld: number): number {
  let at = from;
  let number = -1;
  let channel: Channel | null = null;
  for (let end = wholeEnd(chunk, at); end > 0; end = wholeEnd(chunk, at)) {
    if (number !== shortAt(chunk, at + 1)) {
      number = shortAt(chunk, at + 1);
      channel = plainChannel(state, number);
    }
    if (channel === null) break;
    const type = byteAt(chunk, at);
    if (type === FRAME.method) {
      if (end - at > maxHeld || !deliver(state, channel, { chunk, at, end })) break;
    } else if (type !== FRAME.header && type !== FRAME.body) break;
    at = end;
  }
  return at;
}

/** The channel, if all that it delivers is to be acknowledged, and passes as it is. */
function plainChannel(state: ConnectionState, number: number): Channel | null {
  const channel = state.channels.get(number);
  if (channel === undefined || channel.incoming !== null || channel.aliases.size > 0) return null;
  return channel.hasNoAckConsumer ? null : channel;
}

/** A method frame of a chunk. */
interface Place {
  chunk: Buffer;
  at: number;
  end: number;
}

function deliver(state: ConnectionState, channel: Channel, place: Place): boolean {
  const { chunk, at, end } = place;
  if (end - at <= ARGUMENTS || longAt(chunk, at + FRAME.head) !== METHOD.basicDeliver) return false;
  const tagAt = at + ARGUMENTS + 1 + byteAt(chunk, at + ARGUMENTS);
  const flagsAt = tagAt + 8;
  if (flagsAt >= end - 1 || (byteAt(chunk, flagsAt) & 1) === 1) return false;
  const tag = longLongAt(chunk, tagAt);
  const { poison, now, totals } = state;
  const { deliveries } = channel;
  if (poison?.wants(false, deliveries.inFlight) === true && !keepTrace(channel, tag, place)) return false;
  deliveries.delivered(tag, now);
  totals.delivered += 1;
  state.lastDeliveryAt = now;
  return true;
}

/** Keep what is needed of a delivery; false where the chunk has not all of it. */
function keepTrace(channel: Channel, tag: number, { chunk, at, end }: Place): boolean {
  const { consumers, deliveries } = channel;
  const bodyAt = wholeEnd(chunk, end);
  if (consumers.size !== 1 || bodyAt < end + LEAST_HEADER + FRAME.overhead) return false;
  if (!isOf(chunk, end, FRAME.header, channel.number)) return false;
  const wanted = Math.min(PREFIX_BYTES, longLongAt(chunk, end + BODY_SIZE));
  let to = bodyAt;
  if (wanted > 0) {
    to += FRAME.head + wanted;
    if (to > chunk.length || !isOf(chunk, bodyAt, FRAME.body, channel.number)) return false;
    if (longAt(chunk, bodyAt + 3) < wanted) return false;
  }
  const [consumer] = consumers.values();
  return deliveries.keepTrace(tag, consumer?.arguments.queue ?? null, { chunk, from: at, to });
}

const isOf = (chunk: Buffer, at: number, type: number, channel: number): boolean =>
  byteAt(chunk, at) === type && shortAt(chunk, at + 1) === channel;

/** Where the frame at `at` ends, if the chunk has all of it and it ends as frames do; else 0. */
export function wholeEnd(chunk: Buffer, at: number): number {
  if (at + FRAME.overhead > chunk.length) return 0;
  const end = at + longAt(chunk, at + 3) + FRAME.overhead;
  return end <= chunk.length && byteAt(chunk, end - 1) === FRAME.end ? end : 0;
}
