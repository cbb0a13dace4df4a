/** What the gate does with the methods a worker sends. Each handler says what goes to the broker in place of the frame. */
import type { Channel } from './channel.ts';
import type { ConnectionState } from './connection-state.ts';
import { consumes, isPrivateQueue, newTag, rememberPrivate } from './connection-state.ts';
import { clampFirst } from './consume-upstream.ts';
import type { Consumer } from './consumer.ts';
import {
  ARGUMENTS,
  CONSUME_FLAG,
  QOS_COUNT,
  isQosGlobal,
  readCancel,
  readConsume,
  readDeclare,
  readGet,
  readSettlement,
  readTag,
} from './decode.ts';
import type { Settled } from './delivery-ledger.ts';
import { cancelFrame, withTag } from './encode.ts';
import { METHOD } from './method-ids.ts';
import type { Verdict } from './scanner.ts';

type Handler = (state: ConnectionState, channel: Channel, frame: Buffer) => Verdict;

const settle =
  (how: Settled): Handler =>
  (_state, channel, frame) => {
    const { deliveryTag, multiple } = readSettlement(frame);
    channel.touched();
    if (deliveryTag !== 0 || !multiple) {
      channel.deliveries.settle(deliveryTag, multiple, how);
      return 'pass';
    }
    return settleAll(channel, frame, how);
  };

/** "All" means what the client has been handed: a message between the broker and us is not meant. */
function settleAll(channel: Channel, frame: Buffer, how: Settled): Verdict {
  if (channel.deliveries.isRecovering) return [];
  const { highest } = channel.deliveries;
  channel.deliveries.settle(0, true, how);
  if (highest === null) return [];
  const pinned = Buffer.from(frame);
  pinned.writeBigUInt64BE(BigInt(highest), ARGUMENTS);
  return [pinned];
}

const reject: Handler = (_state, channel, frame) => {
  channel.touched();
  channel.deliveries.settle(readTag(frame, ARGUMENTS), false, 'rejected');
  return 'pass';
};

const consume: Handler = (state, channel, frame) => {
  const asked = readConsume(frame);
  const queue = asked.queue === '' ? channel.lastQueue : asked.queue;
  const isPrivate = isPrivateQueue(state, queue);
  const consumer: Consumer = {
    arguments: { ...asked, queue },
    brokerTag: asked.tag,
    state: 'starting',
    isPrivate,
    clamped: null,
  };
  if (state.flow !== 'flowing' && !isPrivate) return consumeLocally(state, channel, consumer);
  channel.touched();
  const first = clampFirst(state, channel);
  consumer.clamped = channel.clampOfNext;
  if ((asked.flags & CONSUME_FLAG.noWait) === 0) {
    channel.consumeReplies.push({ tag: asked.tag, isOurs: false, consumer });
  } else {
    consumer.state = 'active';
  }
  // A delivery may be told from its tag alone, so a named consumer is known before its consume-ok.
  if (asked.tag !== '') channel.consumers.set(asked.tag, consumer);
  return [...first, frame];
};

/** The worker is quiesced: remember the consumer, and answer in place of the answer to a cancel nobody minds. */
function consumeLocally(state: ConnectionState, channel: Channel, consumer: Consumer): Verdict {
  const tag = consumer.arguments.tag === '' ? newTag(state) : consumer.arguments.tag;
  const remembered: Consumer = {
    ...consumer,
    arguments: { ...consumer.arguments, tag },
    brokerTag: tag,
    state: 'quiesced',
  };
  channel.consumers.set(tag, remembered);
  if ((consumer.arguments.flags & CONSUME_FLAG.noWait) !== 0) return [];
  return insteadOf(state, channel, { for: 'consume', tag });
}

function insteadOf(
  state: ConnectionState,
  channel: Channel,
  reply: { for: 'get' } | { for: 'consume'; tag: string },
): Verdict {
  const unknown = newTag(state);
  channel.expectCancelOk(unknown, reply);
  return [cancelFrame(channel.number, unknown)];
}

const get: Handler = (state, channel, frame) => {
  const asked = readGet(frame);
  const queue = asked.queue === '' ? channel.lastQueue : asked.queue;
  if (state.flow !== 'flowing' && !isPrivateQueue(state, queue)) return insteadOf(state, channel, { for: 'get' });
  channel.touched();
  channel.gets.push({ noAck: asked.noAck, queue });
  consumes(state);
  return 'pass';
};

const cancel: Handler = (_state, channel, frame) => {
  const { tag, noWait } = readCancel(frame);
  channel.touched();
  const consumer = channel.consumers.get(tag);
  const brokerTag = consumer?.brokerTag ?? tag;
  if (!noWait) channel.expectCancelOk(brokerTag, { for: 'client' });
  if (consumer === undefined) return 'pass';
  consumer.state = 'cancelling';
  channel.forget(tag);
  return brokerTag === tag ? 'pass' : [withTag(frame, brokerTag)];
};

const qos: Handler = (state, channel, frame) => {
  const asked = frame.readUInt16BE(QOS_COUNT);
  channel.qosReplies.push('client');
  const granted = state.clamp !== null && (asked === 0 || asked > state.clamp) ? state.clamp : asked;
  channel.prefetch = granted;
  channel.clamped = granted === asked ? null : { limit: granted, asked };
  channel.isQosGlobal = isQosGlobal(frame);
  if (granted === asked) return 'pass';
  const clamped = Buffer.from(frame);
  clamped.writeUInt16BE(granted, QOS_COUNT);
  return [clamped];
};

const declare: Handler = (state, channel, frame) => {
  const { queue, isPrivate, noWait } = readDeclare(frame);
  if (isPrivate) rememberPrivate(state, queue);
  if (noWait && queue !== '') channel.lastQueue = queue;
  return 'pass';
};

const publish: Handler = (_state, channel) => {
  channel.touched();
  channel.publishes.published(channel.deliveries.isTransactional);
  return 'pass';
};

const recover: Handler = (_state, channel) => {
  channel.touched();
  channel.deliveries.recovering();
  return 'pass';
};

/** recover-async has no answer, so a cancel of an unknown tag follows: its cancel-ok says that the recovery is done. */
const recoverAsync: Handler = (state, channel, frame) => {
  channel.touched();
  channel.deliveries.recovering();
  const tag = newTag(state);
  channel.expectCancelOk(tag, { for: 'recovery' });
  return [frame, cancelFrame(channel.number, tag)];
};

const endTransaction =
  (how: 'commit' | 'rollback'): Handler =>
  (_state, channel) => {
    channel.touched();
    channel.deliveries.endTransaction(how);
    channel.publishes.transactionEnding();
    return 'pass';
  };

const close: Handler = (_state, channel) => {
  channel.state = 'closing';
  return 'pass';
};

const HANDLERS = new Map<number, Handler>([
  [METHOD.basicAck, settle('acknowledged')],
  [METHOD.basicNack, settle('rejected')],
  [METHOD.basicReject, reject],
  [METHOD.basicConsume, consume],
  [METHOD.basicGet, get],
  [METHOD.basicCancel, cancel],
  [METHOD.basicQos, qos],
  [METHOD.basicPublish, publish],
  [METHOD.basicRecover, recover],
  [METHOD.basicRecoverAsync, recoverAsync],
  [METHOD.queueDeclare, declare],
  [METHOD.confirmSelect, (_state, channel) => (channel.publishes.select(), 'pass')],
  [METHOD.txSelect, (_state, channel) => (channel.deliveries.beginTransactions(), 'pass')],
  [METHOD.txCommit, endTransaction('commit')],
  [METHOD.txRollback, endTransaction('rollback')],
  [METHOD.channelClose, close],
]);

/** A method of the client on an open channel; a closing one is not listened to any more. */
export function onClientMethod(state: ConnectionState, channel: Channel, method: number, frame: Buffer): Verdict {
  const handler = channel.state === 'closing' ? undefined : HANDLERS.get(method);
  return handler === undefined ? 'pass' : handler(state, channel, frame);
}
