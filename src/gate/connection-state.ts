/** What the handlers of methods share about one connection. The Session owns it; nothing here does I/O. */
import type { Told } from './capabilities.ts';
import type { Channel } from './channel.ts';
import type { Totals } from './delivery-ledger.ts';
import type { PoisonWatch } from './poison-watch.ts';
import type { GateReport } from './reports.ts';

/**
 * flowing → quieting (the client is read no further while deliveries are still coming) → quiesced (consumers cancelled at the
 * broker) → flowing again by resume. In the last two a get or consume of the client is answered here.
 */
export type Flow = 'flowing' | 'quieting' | 'quiesced';

/** preamble: nothing said yet; raw: not AMQP 0-9-1, passed on unseen; closing: connection.close was said by either side. */
export type Stage = 'preamble' | 'handshake' | 'open' | 'closing' | 'raw' | 'closed';

export interface ConnectionState {
  stage: Stage;
  flow: Flow;
  readonly channels: Map<number, Channel>;
  readonly totals: Totals;
  /** Highest prefetch the worker may have; null: what it asks for. */
  clamp: number | null;
  /** Queues this connection declared exclusive or auto-delete. */
  readonly privateQueues: Set<string>;
  readonly report: (report: GateReport) => void;
  /** Null: messages that kill are not looked for. */
  readonly poison: PoisonWatch | null;
  /** Who said first that the connection is to end; null: nobody has. */
  endedBy: 'client' | 'broker' | null;
  /** Time of the event in hand. */
  now: number;
  isBlocked: boolean;
  /** Of what the worker asked to be told. */
  told: Told;
  /** It had a consumer here, or asked for a message. */
  hasConsumed: boolean;
  lastDeliveryAt: number | null;
  lastClientFrameAt: number | null;
  /** Frames of the worker in a row that only settle messages, heartbeats apart. */
  settledInARow: number;
  lastNumber: number;
}

export interface SessionOptions {
  clamp: number | null;
  /** Deliveries must have been quiet for this long before consumers are cancelled (quorum queues; gate.md 3.2). */
  quietMs: number;
  /** Heartbeat asked of the broker, seconds; the broker's own offer if that is shorter. 0 where the broker offers none. */
  heartbeatSeconds: number;
  isQuiesced: boolean;
  /** Null: messages that kill are not looked for. */
  poison?: PoisonWatch | null;
  totals: Totals;
  report: (report: GateReport) => void;
}

const MAX_PRIVATE_QUEUES = 10_000;

/** A tag no consumer has. */
export function newTag(state: ConnectionState): string {
  state.lastNumber += 1;
  return `ackwarden.gate.${state.lastNumber}`;
}

/** A consumer runs, or a message was asked for. */
export function consumes(state: ConnectionState): void {
  state.hasConsumed = true;
  state.report({ kind: 'consuming' });
}

export function rememberPrivate(state: ConnectionState, queue: string): void {
  if (queue !== '' && state.privateQueues.size < MAX_PRIVATE_QUEUES) state.privateQueues.add(queue);
}

/**
 * Queues that belong to the worker: replies it waits for inside a handler, and queues that vanish with their last consumer.
 * Cancelling these would hang the handler or delete the messages, so a quiesce leaves them alone.
 */
export function isPrivateQueue(state: ConnectionState, queue: string): boolean {
  return queue.startsWith('amq.rabbitmq.reply-to') || queue.startsWith('amq.gen-') || state.privateQueues.has(queue);
}

/** A connection before its first byte. */
export function newState({ clamp, isQuiesced, poison = null, totals, report }: SessionOptions): ConnectionState {
  return {
    stage: 'preamble',
    flow: isQuiesced ? 'quiesced' : 'flowing',
    channels: new Map(),
    totals,
    clamp,
    privateQueues: new Set(),
    report,
    poison,
    endedBy: null,
    now: 0,
    isBlocked: false,
    told: { alarms: true, cancels: true },
    hasConsumed: false,
    lastDeliveryAt: null,
    lastClientFrameAt: null,
    settledInARow: 0,
    lastNumber: 0,
  };
}
