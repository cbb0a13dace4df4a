/**
 * A clamp below the batch of a worker that acknowledges in batches starves it for ever: all that the clamp allows is in flight, and the
 * worker waits for more. How that looks from here, and how the clamp is undone: the broker is asked for what the worker asked for, and
 * its consumers are cancelled and started anew, because a basic.qos holds for the consumers that come after it.
 */
import type { Channel } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { cancelUpstream } from './consume-upstream.ts';
import { isNoAck } from './consumer.ts';
import type { Clamped, Consumer } from './consumer.ts';
import { qosFrame } from './encode.ts';

/** A worker that holds all that the clamp lets it have. */
export interface Full extends Clamped {
  inFlight: number;
  /** Since when nothing was delivered, and nothing said by the worker. */
  since: number;
}

/** The channel of this connection whose clamp is used up; null: none. */
export function findFull(state: ConnectionState): Full | null {
  if (state.stage !== 'open' || state.flow !== 'flowing') return null;
  const since = Math.max(state.lastClientFrameAt ?? 0, state.lastDeliveryAt ?? 0);
  for (const channel of state.channels.values()) {
    const { inFlight } = channel.deliveries;
    const clamped = clampsOf(channel).find(({ limit }) => inFlight >= limit);
    if (clamped !== undefined) return { ...clamped, inFlight, since };
  }
  return null;
}

/** From now on the worker gets what it asks for, on this connection. */
export function undoClamp(state: ConnectionState): void {
  state.clamp = null;
  for (const channel of state.channels.values()) {
    if (channel.state === 'closing') continue;
    const consumers = [...channel.consumers.values()].filter(isClampedItself);
    if (channel.clamped !== null) askForAll(channel, channel.clamped.asked);
    for (const consumer of consumers) cancelUpstream(channel, consumer);
  }
}

function askForAll(channel: Channel, asked: number): void {
  channel.prefetch = asked;
  channel.clamped = null;
  channel.qosReplies.push('ours');
  channel.due.push(qosFrame(channel.number, asked, channel.isQosGlobal));
}

/** The clamps under which consumers of this channel run. */
function clampsOf(channel: Channel): Clamped[] {
  const { consumers, clamped, isQosGlobal } = channel;
  const running = [...consumers.values()].filter(canStarve);
  const shared = isQosGlobal && running.length > 0 ? clamped : null;
  return [shared, ...running.map((consumer) => consumer.clamped)].filter((clamp) => clamp !== null);
}

/** A private queue may vanish with its consumer, so that one is not started anew. */
const canStarve = (consumer: Consumer): boolean =>
  consumer.state === 'active' && !consumer.isPrivate && !isNoAck(consumer);

const isClampedItself = (consumer: Consumer): boolean => canStarve(consumer) && consumer.clamped !== null;
