/** What a gate tells its owner, and what it can be asked. Times are milliseconds of the clock it was given (monotonic). */
import type { MessageIdentity } from './trace.ts';

export interface Peer {
  address: string;
  port: number;
}

/** Why a drain does not end: of all connections of the gate, the obstacle that is hardest to wait for. */
export type ObstacleReason =
  /** Not AMQP 0-9-1: nothing can be seen. */
  | 'notGated'
  /** Messages were handed over that need no acknowledgement: whether they are done cannot be seen. */
  | 'noAck'
  /** The broker has blocked the connection (memory or disk alarm) and reads no acknowledgement. */
  | 'blocked'
  /** A transaction with unfinished work is open. */
  | 'openTransaction'
  /** A publish is half sent. */
  | 'openContent'
  /** The broker has not confirmed what was published. */
  | 'unconfirmed'
  /** In flight, and the queue is private to the worker (exclusive, auto-delete, reply), so its consumer is left alone. */
  | 'privateQueue'
  /** In flight and not settled: at work, or a batch that does not fill. */
  | 'unacknowledged'
  /** The broker has not answered yet. */
  | 'unanswered';

export interface Obstacle {
  reason: ObstacleReason;
  inFlight: number;
  /** When the oldest message in flight was delivered; null when there is none. */
  oldestUnacknowledgedAt: number | null;
  /** When the worker last said anything but a heartbeat; null if never. */
  lastClientFrameAt: number | null;
}

/** The broker took a consumer or a channel from the worker, or the connection that it consumed on broke. */
export interface Loss {
  reason: 'consumerCancelled' | 'channelClosed' | 'connectionLost';
  text: string;
  at: number;
  /** Whose connection is gone; null where it still stands. */
  peer: Peer | null;
}

export type GateReport =
  /** A consumer runs, or the first basic.get came: once in the life of a gate. */
  | { kind: 'consuming' }
  /** Nothing is in flight and the broker has answered everything: the process can be ended at no cost. */
  | { kind: 'drained'; inFlight: 0; tookMs: number }
  /** A quiesced gate made no progress for `stuckMs`. Said once a reason; the drain may still end. */
  | ({ kind: 'stuckDrain' } & Obstacle)
  | { kind: 'resumed' }
  /** The clamp starved the worker, which acknowledges in batches of more; it has what it asked for now (0: no limit). */
  | { kind: 'starved'; limit: number; asked: number; inFlight: number; waitedMs: number }
  /** The worker lives and will get nothing more through this consumer or channel. */
  | { kind: 'deaf'; reason: 'consumerCancelled' | 'channelClosed'; text: string }
  /** It knows of that, holds nothing, and has consumed nothing since. Said again ever more rarely. */
  | { kind: 'stayedDeaf'; reason: Loss['reason']; text: string; forMs: number }
  /** A message that so many workers died on was kept from this one and rejected without requeue. */
  | { kind: 'poisonRejected'; message: MessageIdentity; deaths: number }
  | { kind: 'notGated'; text: string }
  | { kind: 'refused'; peer: Peer; text: string }
  | { kind: 'connectionOpened'; peer: Peer }
  /** No node of the broker let the connection in, or it ended it without a word. */
  | { kind: 'unreachable'; peer: Peer; text: string }
  /** `unacknowledged`: what went back to the queues because the connection ended. */
  | { kind: 'connectionClosed'; peer: Peer; unacknowledged: number; text: string };

export interface GateCounters {
  inFlight: number;
  /** basic.deliver and basic.get-ok, no_ack ones included. */
  delivered: number;
  acknowledged: number;
  rejected: number;
  /** Delivered with the redelivered flag. */
  redelivered: number;
  /** Given back unsettled: recover, or the end of a channel or connection. */
  returned: number;
  /** The largest prefetch in force on any channel, 0 = no limit; null while no channel has one. */
  prefetch: number | null;
  oldestUnacknowledgedAt: number | null;
  lastClientFrameAt: number | null;
  connections: number;
  /** Consumers that messages can reach. */
  consumers: number;
  /** Publishes under way or not confirmed. */
  publishesOpen: number;
}
