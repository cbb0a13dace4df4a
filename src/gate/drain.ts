/** Is a quiesced connection drained, and if not, why. Pure questions about its state, and the barrier that makes it sure. */
import { BARRIER_ROUNDS } from './channel.ts';
import type { Channel } from './channel.ts';
import { newTag } from './connection-state.ts';
import type { ConnectionState } from './connection-state.ts';
import { cancelFrame } from './encode.ts';
import type { ObstacleReason } from './reports.ts';

/** Worst first: what has no end of its own before what only takes time. */
export const BY_WEIGHT: readonly ObstacleReason[] = [
  'notGated',
  'blocked',
  'openTransaction',
  'openContent',
  'privateQueue',
  'unacknowledged',
  'unconfirmed',
  'unanswered',
  'noAck',
];

/** Once all else of a channel is settled: ask the broker whether it has read it, until it has said so often enough. */
export function raiseBarrier(state: ConnectionState, channel: Channel): void {
  if (channel.barrier.is !== 'due' || channel.state === 'closing' || obstacleBeforeBarrier(channel) !== null) return;
  if (channel.barrier.rounds >= BARRIER_ROUNDS) {
    channel.barrier = { is: 'passed' };
    return;
  }
  const tag = newTag(state);
  channel.barrier = { is: 'sent', rounds: channel.barrier.rounds };
  channel.expectCancelOk(tag, { for: 'barrier', settlements: channel.settlements });
  channel.due.push(cancelFrame(channel.number, tag));
}

/** What keeps this channel from being drained; null when nothing does. */
export function obstacleOf(channel: Channel): ObstacleReason | null {
  return obstacleBeforeBarrier(channel) ?? (channel.barrier.is === 'passed' ? null : 'unanswered');
}

function obstacleBeforeBarrier(channel: Channel): ObstacleReason | null {
  const { deliveries, publishes } = channel;
  if (publishes.isContentOpen) return 'openContent';
  if (deliveries.inTransaction > 0 || deliveries.isEnding || publishes.uncommitted > 0) return 'openTransaction';
  if (deliveries.inFlight > 0) return isPrivateOnly(channel) ? 'privateQueue' : 'unacknowledged';
  if (publishes.unconfirmed > 0) return 'unconfirmed';
  return isUnanswered(channel) ? 'unanswered' : null;
}

/** Something of this channel is on its way: to the broker, or back. */
function isUnanswered(channel: Channel): boolean {
  const { gets, consumeReplies, cancelReplies, due, state, consumers, incoming } = channel;
  if (gets.length > 0 || consumeReplies.length > 0 || due.length > 0) return true;
  // A delivery that is kept back may yet be handed over.
  if (incoming !== null && incoming.is !== 'tracing') return true;
  // A get or consume that is answered here brings no message: nothing is lost if nobody waits for the answer.
  const replies = [...cancelReplies.values()].flat();
  if (replies.some((reply) => reply.for !== 'get' && reply.for !== 'consume')) return true;
  if (state === 'closing') return true;
  return [...consumers.values()].some(({ state: is, isPrivate }) => is === 'active' && !isPrivate);
}

function isPrivateOnly({ consumers }: Channel): boolean {
  return consumers.size > 0 && [...consumers.values()].every(({ isPrivate }) => isPrivate);
}
