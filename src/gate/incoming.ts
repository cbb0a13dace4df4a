/**
 * A delivery whose content is on its way from the broker: traced as it passes, or kept back until it is known whether it is a message to
 * reject.
 *
 *   tracing ──────────────────────────▶ done, the trace goes to the ledger
 *   holding ─(it begins differently)──▶ tracing
 *   holding ─(it is poison)───────────▶ dropping ─(its content is over)─▶ done, rejected
 */
import type { Channel, Incoming } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { readBodySize } from './decode.ts';
import { getEmptyFrame, rejectFrame } from './encode.ts';
import { FRAME } from './method-ids.ts';
import type { Verdict } from './scanner.ts';
import { MAX_HEADER_BYTES, PREFIX_BYTES, headOf, identify, payloadOf } from './trace.ts';

/** What the scanner of the broker's side must know: which frames of a content to hold, and which bytes to show. */
export class IncomingContents {
  #state: ConnectionState;
  /** The channel of the body frame that streams by. */
  #channel: Channel | null = null;

  constructor(state: ConnectionState) {
    this.#state = state;
  }

  /** Bodies stream, unless their message is kept back; so do headers, unless it is traced. */
  isHeld(type: number, channel: number): boolean {
    if (type === FRAME.method || type === FRAME.heartbeat) return true;
    if (this.#state.poison === null) return false;
    const incoming = this.#state.channels.get(channel)?.incoming ?? null;
    return incoming !== null && (type === FRAME.header || incoming.is !== 'tracing');
  }

  /** How many bytes of a streamed frame's payload to show. */
  wantedOf(type: number, channel: number): number {
    if (type !== FRAME.body || this.#state.poison === null) return 0;
    this.#channel = this.#state.channels.get(channel) ?? null;
    return this.#channel?.incoming?.prefixMissing ?? 0;
  }

  onPayload(bytes: Buffer): void {
    if (this.#channel !== null) onBodyBytes(this.#channel, bytes);
  }
}

/** The header frame of the delivery under way. */
export function onHeader(state: ConnectionState, channel: Channel, frame: Buffer): Verdict {
  const { incoming } = channel;
  if (incoming === null) return 'pass';
  incoming.bodyMissing = readBodySize(frame);
  incoming.prefixMissing = Math.min(PREFIX_BYTES, incoming.bodyMissing);
  if (frame.length > MAX_HEADER_BYTES) return giveUp(channel, incoming, frame);
  incoming.header = Buffer.from(frame);
  if (incoming.is === 'tracing') {
    finishTrace(channel, incoming);
    return 'pass';
  }
  if (!(state.poison?.mayReject(headOf(incoming.method, incoming.header)) ?? false)) return release(channel, frame);
  incoming.held?.frames.push(incoming.header);
  return decide(state, channel, incoming);
}

/** A body frame that is not streamed: of a delivery that is held, or dropped. */
export function onHeldBody(state: ConnectionState, channel: Channel, frame: Buffer): Verdict {
  const { incoming } = channel;
  if (incoming === null) return 'pass';
  const payload = payloadOf(frame);
  incoming.bodyMissing -= payload.length;
  if (incoming.is === 'dropping') return dropped(state, channel, incoming);
  addPrefix(incoming, payload);
  incoming.held?.frames.push(Buffer.from(frame));
  return decide(state, channel, incoming);
}

/** The first bytes of a body that streams by. */
function onBodyBytes(channel: Channel, bytes: Buffer): void {
  const { incoming } = channel;
  if (incoming === null) return;
  addPrefix(incoming, bytes);
  finishTrace(channel, incoming);
}

function addPrefix(incoming: Incoming, bytes: Buffer): void {
  const { prefix, prefixMissing } = incoming;
  if (prefixMissing === 0) return;
  const taken = bytes.length > prefixMissing ? bytes.subarray(0, prefixMissing) : bytes;
  incoming.prefix = prefix.length === 0 ? Buffer.from(taken) : Buffer.concat([prefix, taken]);
  incoming.prefixMissing -= taken.length;
}

function finishTrace(channel: Channel, incoming: Incoming): void {
  const { header, method, prefix, prefixMissing, redelivered, queue, tag } = incoming;
  if (header === null || prefixMissing > 0) return;
  channel.incoming = null;
  channel.deliveries.trace(tag, { method, header, prefix, redelivered, queue });
}

/** Once the beginning of a held message is there: is it one to reject? */
function decide(state: ConnectionState, channel: Channel, incoming: Incoming): Verdict {
  const { header, method, prefix, prefixMissing, redelivered, queue } = incoming;
  if (header === null || prefixMissing > 0) return [];
  const message = identify({ method, header, prefix, redelivered, queue });
  const deaths = state.poison?.isPoison(message.fingerprint, state.now) ?? null;
  if (deaths === null) return release(channel);
  state.poison?.rejected(message.fingerprint);
  state.report({ kind: 'poisonRejected', message, deaths });
  incoming.is = 'dropping';
  incoming.held = null;
  return dropped(state, channel, incoming);
}

/** When the last byte has come, the broker is told; a get is answered as if the queue were empty. */
function dropped(state: ConnectionState, channel: Channel, { bodyMissing, isGet, tag }: Incoming): Verdict {
  if (bodyMissing > 0) return [];
  channel.incoming = null;
  state.lastDeliveryAt = state.now;
  channel.touched();
  channel.due.push(rejectFrame(channel.number, tag));
  return isGet ? [getEmptyFrame(channel.number)] : [];
}

/** It goes to the worker after all; `last` is the frame in hand, where that was not kept back. */
function release(channel: Channel, last: Buffer | null = null): Verdict {
  const { incoming } = channel;
  if (incoming === null) return 'pass';
  const { held } = incoming;
  const frames = [...(held?.frames ?? []), ...(last === null ? [] : [last])];
  incoming.is = 'tracing';
  incoming.held = null;
  held?.count();
  finishTrace(channel, incoming);
  return frames;
}

/** Too much to keep: it passes, and is not traced. */
function giveUp(channel: Channel, incoming: Incoming, frame: Buffer): Verdict {
  const verdict = incoming.is === 'holding' ? release(channel, frame) : 'pass';
  channel.incoming = null;
  return verdict;
}
