/** Consumers at the broker: started (with the prefetch clamp before them), cancelled without the worker knowing, started anew. */
import type { Channel } from './channel.ts';
import { newTag } from './connection-state.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Consumer } from './consumer.ts';
import { CONSUME_FLAG } from './decode.ts';
import { cancelFrame, consumeFrame, qosFrame } from './encode.ts';

/** What must go before a consume: a channel that never asked for a prefetch gets the clamp. */
export function clampFirst(state: ConnectionState, channel: Channel): Buffer[] {
  if (state.clamp === null || channel.prefetch !== null) return [];
  channel.prefetch = state.clamp;
  channel.clamped = { limit: state.clamp, asked: 0 };
  channel.qosReplies.push('ours');
  return [qosFrame(channel.number, state.clamp)];
}

/** Cancel every work consumer that runs; those that are starting follow with their consume-ok. */
export function cancelConsumers(channel: Channel): void {
  for (const consumer of channel.consumers.values()) {
    if (consumer.state === 'active' && !consumer.isPrivate) cancelUpstream(channel, consumer);
  }
}

export function cancelUpstream(channel: Channel, consumer: Consumer): void {
  consumer.state = 'quiescing';
  channel.expectCancelOk(consumer.brokerTag, { for: 'quiesce' });
  channel.due.push(cancelFrame(channel.number, consumer.brokerTag));
}

/** Start the consumers that a quiesce took away. Those whose cancel is still under way follow with its cancel-ok. */
export function restoreConsumers(state: ConnectionState, channel: Channel): void {
  for (const consumer of channel.consumers.values()) {
    if (consumer.state === 'quiesced') consumeAnew(state, channel, consumer);
  }
}

/**
 * Under a new tag: a quorum queue still knows the old one for as long as messages of it are unacknowledged, and RabbitMQ's channel
 * breaks on the next delivery when it is used again (seen with 3.10.8).
 */
export function consumeAnew(state: ConnectionState, channel: Channel, consumer: Consumer): void {
  const tag = newTag(state);
  const flags = consumer.arguments.flags & ~CONSUME_FLAG.noWait;
  consumer.state = 'resuming';
  channel.rename(consumer, tag);
  channel.consumeReplies.push({ tag, isOurs: true, consumer });
  channel.due.push(...clampFirst(state, channel), consumeFrame(channel.number, { ...consumer.arguments, tag, flags }));
  consumer.clamped = channel.clampOfNext;
}
