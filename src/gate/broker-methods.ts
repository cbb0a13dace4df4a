/** What the gate does with the methods the broker sends. Each handler says what goes to the worker in place of the frame. */
import type { Channel, Incoming } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { consumes, isPrivateQueue, rememberPrivate } from './connection-state.ts';
import { cancelUpstream, consumeAnew } from './consume-upstream.ts';
import type { Consumer } from './consumer.ts';
import { isNoAck } from './consumer.ts';
import {
  ARGUMENTS,
  readClose,
  readConsumerTag,
  readDeliver,
  readGetOk,
  readSettlement,
  readShortString,
} from './decode.ts';
import type { Delivery } from './decode.ts';
import { consumeOkFrame, getEmptyFrame, withTag } from './encode.ts';
import { METHOD } from './method-ids.ts';
import type { Verdict } from './scanner.ts';

type Handler = (state: ConnectionState, channel: Channel, frame: Buffer) => Verdict;

const NOTHING = Buffer.alloc(0);

const deliver: Handler = (state, channel, frame) => {
  const consumer = channel.hasNoAckConsumer ? channel.consumers.get(tagIn(channel, frame)) : undefined;
  const unprotected = consumer !== undefined && isNoAck(consumer) ? consumer : null;
  const visible = forWorker(channel, frame);
  return receive(state, channel, { frame, visible, delivery: readDeliver(frame), unprotected, get: null });
};

const tagIn = (channel: Channel, frame: Buffer): string => channel.tagOfWorker(readConsumerTag(frame));

/** The frame with the tag that the worker knows: its consumer may have been started anew under another one. */
function forWorker(channel: Channel, frame: Buffer): Verdict {
  if (channel.aliases.size === 0) return 'pass';
  const tag = readConsumerTag(frame);
  const known = channel.tagOfWorker(tag);
  return known === tag ? 'pass' : [withTag(frame, known)];
}

const getOk: Handler = (state, channel, frame) => {
  const get = channel.gets.shift() ?? { noAck: false, queue: '' };
  const unprotected = get.noAck ? { isPrivate: false } : null;
  return receive(state, channel, { frame, visible: 'pass', delivery: readGetOk(frame), unprotected, get });
};

interface Received {
  frame: Buffer;
  /** What the worker is to see of it. */
  visible: Verdict;
  delivery: Delivery;
  unprotected: { isPrivate: boolean } | null;
  /** The basic.get that it answers. */
  get: { queue: string } | null;
}

/** Count a message. It may be traced, and one that comes again may be kept back first: is it one to reject? (incoming.ts) */
function receive(state: ConnectionState, channel: Channel, received: Received): Verdict {
  const { visible, delivery, unprotected } = received;
  const { poison } = state;
  if (poison !== null && unprotected === null && poison.wants(delivery.redelivered, channel.deliveries.inFlight)) {
    const incoming = newIncoming(channel, received);
    channel.incoming = incoming;
    if (delivery.redelivered && poison.rejects && !channel.deliveries.isTransactional) {
      incoming.is = 'holding';
      const frames = visible === 'pass' ? [incoming.method] : [...visible];
      incoming.held = { frames, count: () => count(state, channel, delivery, unprotected) };
      return [];
    }
  }
  count(state, channel, delivery, unprotected);
  return visible;
}

function newIncoming(channel: Channel, { frame, delivery, get }: Received): Incoming {
  return {
    is: 'tracing',
    tag: delivery.deliveryTag,
    isGet: get !== null,
    method: Buffer.from(frame),
    header: null,
    prefix: NOTHING,
    prefixMissing: 0,
    bodyMissing: 0,
    redelivered: delivery.redelivered,
    queue: get?.queue ?? queueOf(channel, frame),
    held: null,
  };
}

function queueOf(channel: Channel, frame: Buffer): string | null {
  const [only] = channel.consumers.values();
  const consumer = channel.consumers.size === 1 ? only : channel.consumers.get(tagIn(channel, frame));
  return consumer?.arguments.queue ?? null;
}

/** `unprotected`: nobody will acknowledge it. A message that nothing says this of counts as in flight. */
function count(
  state: ConnectionState,
  channel: Channel,
  { deliveryTag, redelivered }: Delivery,
  unprotected: { isPrivate: boolean } | null,
): void {
  state.lastDeliveryAt = state.now;
  state.totals.delivered += 1;
  if (redelivered) state.totals.redelivered += 1;
  if (unprotected === null) channel.deliveries.delivered(deliveryTag, state.now);
  else if (!unprotected.isPrivate) channel.hasUnprotectedWork = true;
}

const getEmpty: Handler = (_state, channel) => {
  channel.gets.shift();
  return 'pass';
};

const consumeOk: Handler = (state, channel, frame) => {
  const tag = readConsumerTag(frame);
  const reply = channel.takeConsumeReply(tag);
  if (reply === null) return 'pass';
  const { consumer } = reply;
  if (reply.tag === '') {
    consumer.arguments = { ...consumer.arguments, tag };
    consumer.brokerTag = tag;
    if (consumer.state !== 'cancelling') channel.consumers.set(tag, consumer);
  }
  started(state, channel, consumer);
  return reply.isOurs ? [] : 'pass';
};

function started(state: ConnectionState, channel: Channel, consumer: Consumer): void {
  if (consumer.state !== 'starting' && consumer.state !== 'resuming') return;
  consumer.state = 'active';
  if (!consumer.isPrivate) consumes(state);
  if (state.flow === 'quiesced' && !consumer.isPrivate) cancelUpstream(channel, consumer);
}

const cancelOk: Handler = (state, channel, frame) => {
  const reply = channel.takeCancelReply(readConsumerTag(frame));
  const tag = tagIn(channel, frame);
  if (reply === null) return 'pass';
  switch (reply.for) {
    case 'client':
      if (channel.consumers.get(tag)?.state === 'cancelling') channel.forget(tag);
      return forWorker(channel, frame);
    case 'quiesce':
      quiesced(state, channel, channel.consumers.get(tag));
      return [];
    case 'barrier':
      barrierAnswered(channel, reply.settlements);
      return [];
    case 'recovery':
      channel.deliveries.recovered();
      return [];
    case 'get':
      return [getEmptyFrame(channel.number)];
    case 'consume':
      return [consumeOkFrame(channel.number, reply.tag)];
  }
};

/** Our cancel was answered: on a classic queue nothing comes after it. */
function quiesced(state: ConnectionState, channel: Channel, consumer: Consumer | undefined): void {
  if (consumer?.state !== 'quiescing') return;
  consumer.state = 'quiesced';
  if (state.flow === 'flowing') consumeAnew(state, channel, consumer);
}

function barrierAnswered(channel: Channel, settlements: number): void {
  if (channel.barrier.is !== 'sent') return;
  const isCurrent = settlements === channel.settlements;
  channel.barrier = { is: 'due', rounds: isCurrent ? channel.barrier.rounds + 1 : 0 };
}

/**
 * The broker cancels a consumer: its queue is gone. A quiesced worker is not told, for it would throw in the middle of its drain;
 * if it is resumed, the consume of the missing queue fails, and it learns it then.
 */
const serverCancel: Handler = (state, channel, frame) => {
  const tag = tagIn(channel, frame);
  const consumer = channel.consumers.get(tag);
  const queue = consumer?.arguments.queue ?? '';
  state.report({ kind: 'deaf', reason: 'consumerCancelled', text: `The broker cancelled the consumer of ${queue}.` });
  if (consumer !== undefined && state.flow !== 'flowing' && !consumer.isPrivate && consumer.state !== 'cancelling') {
    if (consumer.state !== 'quiescing') consumer.state = 'quiesced';
    return [];
  }
  channel.forget(tag);
  return state.told.cancels ? forWorker(channel, frame) : [];
};

const qosOk: Handler = (_state, channel) => (channel.qosReplies.shift() === 'ours' ? [] : 'pass');

const declareOk: Handler = (state, channel, frame) => {
  const [queue] = readShortString(frame, ARGUMENTS);
  channel.lastQueue = queue;
  if (isPrivateQueue(state, queue)) rememberPrivate(state, queue);
  return 'pass';
};

const confirm: Handler = (_state, channel, frame) => {
  const { deliveryTag, multiple } = readSettlement(frame);
  channel.publishes.confirmed(deliveryTag, multiple);
  return 'pass';
};

const recoverOk: Handler = (_state, channel) => {
  channel.deliveries.recovered();
  return 'pass';
};

const transactionEnded: Handler = (_state, channel) => {
  channel.deliveries.transactionEnded();
  return 'pass';
};

const close: Handler = (state, channel, frame) => {
  const { code, text } = readClose(frame);
  state.report({ kind: 'deaf', reason: 'channelClosed', text: `The broker closed a channel: ${code} ${text}` });
  channel.state = 'closing';
  channel.deliveries.clear();
  channel.consumers.clear();
  channel.forgetReplies();
  return 'pass';
};

const HANDLERS = new Map<number, Handler>([
  [METHOD.basicDeliver, deliver],
  [METHOD.basicGetOk, getOk],
  [METHOD.basicGetEmpty, getEmpty],
  [METHOD.basicConsumeOk, consumeOk],
  [METHOD.basicCancelOk, cancelOk],
  [METHOD.basicCancel, serverCancel],
  [METHOD.basicQosOk, qosOk],
  [METHOD.queueDeclareOk, declareOk],
  [METHOD.basicAck, confirm],
  [METHOD.basicNack, confirm],
  [METHOD.basicRecoverOk, recoverOk],
  [METHOD.txCommitOk, transactionEnded],
  [METHOD.txRollbackOk, transactionEnded],
  [METHOD.channelClose, close],
]);

export function onBrokerMethod(state: ConnectionState, channel: Channel, method: number, frame: Buffer): Verdict {
  const handler = HANDLERS.get(method);
  return handler === undefined ? 'pass' : handler(state, channel, frame);
}
