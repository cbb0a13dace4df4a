/**
 * The short way for what a worker says nearly always: acknowledgements and rejections that are whole in the chunk. As delivery-lane.ts,
 * it leaves everything else to the general way (scanner.ts, client-methods.ts), whose outcome it must equal.
 */
import { byteAt, longAt, longLongAt, shortAt } from './bytes.ts';
import type { Channel } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { ARGUMENTS } from './decode.ts';
import { wholeEnd } from './delivery-lane.ts';
import { FRAME, METHOD, isSettlement } from './method-ids.ts';

/** basic.ack, nack and reject: a delivery tag and flags. */
const FRAME_BYTES = ARGUMENTS + 8 + 1 + 1;

/** Take what can be taken of the chunk from `from` on; returns where the next frame begins. */
export function skimSettlements(state: ConnectionState, chunk: Buffer, from: number, maxHeld: number): number {
  if (state.flow === 'quieting' || maxHeld < FRAME_BYTES || hasDue(state)) return from;
  let at = from;
  let number = -1;
  let channel: Channel | undefined;
  while (wholeEnd(chunk, at) === at + FRAME_BYTES && byteAt(chunk, at) === FRAME.method) {
    if (number !== shortAt(chunk, at + 1)) {
      number = shortAt(chunk, at + 1);
      channel = state.channels.get(number);
    }
    if (channel?.state !== 'open' || !settle(channel, chunk, at)) break;
    at += FRAME_BYTES;
    state.settledInARow += 1;
  }
  if (at > from) state.lastClientFrameAt = state.now;
  return at;
}

/** Something of ours is to go before the next frame. */
function hasDue({ channels }: ConnectionState): boolean {
  for (const { due } of channels.values()) if (due.length > 0) return true;
  return false;
}

function settle(channel: Channel, chunk: Buffer, at: number): boolean {
  const method = longAt(chunk, at + FRAME.head);
  if (!isSettlement(method)) return false;
  const tag = longLongAt(chunk, at + ARGUMENTS);
  const isMultiple = method !== METHOD.basicReject && (byteAt(chunk, at + ARGUMENTS + 8) & 1) === 1;
  // "All": which those are, only the general way knows.
  if (isMultiple && tag === 0) return false;
  channel.touched();
  channel.deliveries.settle(tag, isMultiple, method === METHOD.basicAck ? 'acknowledged' : 'rejected');
  return true;
}
