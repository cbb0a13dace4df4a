/** The state of one channel number from channel.open to its close-ok; reused numbers begin afresh. Data, and small questions. */
import type { Clamped, Consumer } from './consumer.ts';
import { isNoAck, isReachable } from './consumer.ts';
import { DeliveryLedger } from './delivery-ledger.ts';
import type { SettlementListener, Totals } from './delivery-ledger.ts';
import { PublishLedger } from './publish-ledger.ts';

/** What to do with a cancel-ok, found by its consumer tag: those of one tag come in the order the cancels were sent. */
export type CancelReply =
  | { for: 'client' }
  | { for: 'quiesce' }
  | { for: 'barrier'; settlements: number }
  | { for: 'recovery' }
  /** A get (or consume) of a quiesced worker went upstream as a cancel; its answer is made from the cancel-ok. */
  | { for: 'get' }
  | { for: 'consume'; tag: string };

/** A consume that the broker has not answered; the tag is empty where the broker chooses it. */
export interface ConsumeReply {
  tag: string;
  isOurs: boolean;
  consumer: Consumer;
}

export interface Held {
  /** In order; the method as the worker is to see it. */
  frames: Buffer[];
  /** Counts it as delivered. */
  count: () => void;
}

/** A delivery whose content is on its way from the broker (incoming.ts). */
export interface Incoming {
  is: 'tracing' | 'holding' | 'dropping';
  tag: number;
  isGet: boolean;
  method: Buffer;
  header: Buffer | null;
  /** The first bytes of its body. */
  prefix: Buffer;
  prefixMissing: number;
  /** Bytes of body that are still to come. */
  bodyMissing: number;
  redelivered: boolean;
  queue: string | null;
  /** Null unless it is kept back. */
  held: Held | null;
}

/** How sure it is that the broker has processed what the client settled: each round is one answered barrier. */
export type Barrier = { is: 'due'; rounds: number } | { is: 'sent'; rounds: number } | { is: 'passed' };

/**
 * One answered barrier proves that the broker has read all before it; a second one, that deliveries which its queues had sent by
 * then are here, too (a cancel that asked for no answer may be overtaken once).
 */
export const BARRIER_ROUNDS = 2;
const BARRIER_DUE: Barrier = { is: 'due', rounds: 0 };

const MAX_TOMBSTONES = 1_000;
const MAX_ALIASES = 1_000;

export class Channel {
  readonly number: number;
  readonly deliveries: DeliveryLedger;
  readonly publishes = new PublishLedger();
  /** By tag. A no-ack consumer stays known after its cancel, since its last deliveries may be on their way. */
  readonly consumers = new Map<string, Consumer>();
  /** Tags of consumers that were started anew → the tags that the worker knows them by. */
  readonly aliases = new Map<string, string>();
  readonly consumeReplies: ConsumeReply[] = [];
  readonly cancelReplies = new Map<string, CancelReply[]>();
  /** Outstanding basic.get, oldest first. */
  readonly gets: { noAck: boolean; queue: string }[] = [];
  readonly qosReplies: ('client' | 'ours')[] = [];
  /** Our frames that wait for a place where they may go out. */
  readonly due: Buffer[] = [];
  /** Prefetch in force (0: no limit); null until a basic.qos was sent. */
  prefetch: number | null = null;
  /** What consumers started from now on get less than the worker asked for; null: nothing less. */
  clamped: Clamped | null = null;
  /** The last basic.qos was for the channel as a whole: it holds for consumers that run, too. */
  isQosGlobal = false;
  /** The name an empty queue name stands for. */
  lastQueue = '';
  /** Closing: from channel.close of either side on the broker ignores all but close and close-ok. */
  state: 'open' | 'closing' = 'open';
  /** Grows with each frame of the client that concerns a message. */
  settlements = 0;
  barrier: Barrier = { is: 'passed' };
  /** Work was handed over that needs no acknowledgement. */
  hasUnprotectedWork = false;

  /** The delivery whose content is on its way, where somebody wants to see it. */
  incoming: Incoming | null = null;

  constructor(number: number, totals: Totals, listener: SettlementListener | null = null) {
    this.number = number;
    this.deliveries = new DeliveryLedger(totals, listener);
  }

  /** Our frames may go out: no content of the client is under way here, and the channel is not closing. */
  get mayInsert(): boolean {
    return this.state === 'open' && !this.publishes.isContentOpen;
  }

  /** The clamp that a consumer started now runs under; one for the channel as a whole is no consumer's own. */
  get clampOfNext(): Clamped | null {
    return this.isQosGlobal ? null : this.clamped;
  }

  get reachableConsumers(): number {
    let count = 0;
    for (const consumer of this.consumers.values()) if (isReachable(consumer)) count += 1;
    return count;
  }

  get hasNoAckConsumer(): boolean {
    for (const consumer of this.consumers.values()) if (isNoAck(consumer)) return true;
    return false;
  }

  /** The client did something that the broker must have read before the process may end. */
  touched(): void {
    this.settlements += 1;
    if (this.barrier.is !== 'sent') this.barrier = BARRIER_DUE;
  }

  /** The consumer gets a new tag at the broker. The old one stays known: its last deliveries may be on their way. */
  rename(consumer: Consumer, brokerTag: string): void {
    consumer.brokerTag = brokerTag;
    this.aliases.set(brokerTag, consumer.arguments.tag);
    const [oldest] = this.aliases.keys();
    if (this.aliases.size > MAX_ALIASES && oldest !== undefined) this.aliases.delete(oldest);
  }

  /** The tag by which the worker knows what the broker calls `tag`. */
  tagOfWorker(tag: string): string {
    return this.aliases.get(tag) ?? tag;
  }

  expectCancelOk(tag: string, reply: CancelReply): void {
    const replies = this.cancelReplies.get(tag);
    if (replies === undefined) this.cancelReplies.set(tag, [reply]);
    else replies.push(reply);
  }

  takeCancelReply(tag: string): CancelReply | null {
    const replies = this.cancelReplies.get(tag);
    const reply = replies?.shift();
    if (replies?.length === 0) this.cancelReplies.delete(tag);
    return reply ?? null;
  }

  /** The consume that this consume-ok answers: the one with its tag, else the oldest whose tag the broker chooses. */
  takeConsumeReply(tag: string): ConsumeReply | null {
    const named = this.consumeReplies.findIndex((reply) => reply.tag === tag);
    const index = named === -1 ? this.consumeReplies.findIndex((reply) => reply.tag === '') : named;
    return index === -1 ? null : (this.consumeReplies.splice(index, 1)[0] ?? null);
  }

  /** The consumer is over. Bounded: of many cancelled no-ack consumers the oldest are forgotten. */
  forget(tag: string): void {
    const consumer = this.consumers.get(tag);
    if (consumer === undefined) return;
    if (!isNoAck(consumer)) {
      this.consumers.delete(tag);
      return;
    }
    consumer.state = 'cancelling';
    if (this.consumers.size <= MAX_TOMBSTONES) return;
    for (const [old, { state }] of this.consumers) {
      if (state !== 'cancelling') continue;
      this.consumers.delete(old);
      return;
    }
  }

  /** Nobody will answer any more: the channel or its connection is closing. */
  forgetReplies(): void {
    this.consumeReplies.length = 0;
    this.cancelReplies.clear();
    this.gets.length = 0;
    this.qosReplies.length = 0;
    this.due.length = 0;
    this.incoming = null;
  }
}
