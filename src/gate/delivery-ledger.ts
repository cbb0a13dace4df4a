/**
 * What one channel has been handed and has not settled. In a transaction (tx) an acknowledgement counts once the commit is
 * answered: until then its message is in flight, and a rollback gives it back (RabbitMQ: to the unacknowledged, not to the queue).
 */
import type { Trace } from './trace.ts';
import { TraceSlots } from './trace-slots.ts';
import { Unsettled } from './unsettled.ts';

export interface Totals {
  delivered: number;
  redelivered: number;
  acknowledged: number;
  /** By basic.reject and basic.nack. */
  rejected: number;
  /** Given back unsettled: recover, or the end of a channel or connection. */
  returned: number;
}

export const noTotals = (): Totals => ({ delivered: 0, redelivered: 0, acknowledged: 0, rejected: 0, returned: 0 });

export type Settled = 'acknowledged' | 'rejected';

interface Pending {
  at: number;
  how: Settled;
}

interface Ending {
  how: 'commit' | 'rollback';
  settled: Map<number, Pending>;
}

interface Transaction {
  /** Settled since the last commit or rollback was asked for. */
  open: Map<number, Pending>;
  /** Commits and rollbacks that the broker has not answered, oldest first. */
  ending: Ending[];
}

/** Who wants to know what a channel's settlements tell about its messages (poison-watch.ts). */
export interface SettlementListener {
  settled(trace: Trace): void;
  /** Several messages were settled at once, or another than the oldest. */
  sawOtherOrder(): void;
}

export class DeliveryLedger {
  #unacked = new Unsettled();
  #transaction: Transaction | null = null;
  /** How often basic.recover was asked for and is not answered. */
  #recoveries = 0;
  /** Of some messages in flight what they are recognised by. */
  #traces = new Map<number, Trace>();
  /** And of the most common ones. */
  #slots = new TraceSlots();
  #totals: Totals;
  #listener: SettlementListener | null;

  constructor(totals: Totals, listener: SettlementListener | null = null) {
    this.#totals = totals;
    this.#listener = listener;
  }

  get inFlight(): number {
    return this.#unacked.size + this.inTransaction;
  }

  /** Settled by the client, not committed yet. */
  get inTransaction(): number {
    if (this.#transaction === null) return 0;
    return this.#transaction.ending.reduce((sum, { settled }) => sum + settled.size, this.#transaction.open.size);
  }

  get isTransactional(): boolean {
    return this.#transaction !== null;
  }

  /** A commit or rollback was sent and is not answered. */
  get isEnding(): boolean {
    return this.#transaction !== null && this.#transaction.ending.length > 0;
  }

  /** All that the client has been handed goes back: it can settle none of it any more. */
  get isRecovering(): boolean {
    return this.#recoveries > 0;
  }

  /** When the oldest message in flight was delivered; null when there is none. */
  get oldestAt(): number | null {
    let oldest = this.#unacked.firstAt;
    for (const settled of this.#pendingMaps()) {
      for (const { at } of settled.values()) oldest = oldest === null ? at : Math.min(oldest, at);
    }
    return oldest;
  }

  /** The highest unsettled tag the client has been handed; null when there is none. */
  get highest(): number | null {
    return this.#unacked.last;
  }

  /** The trace of the oldest unsettled message: a worker takes them in order. Null: none is in flight, or it was not traced. */
  get oldestTrace(): Trace | null {
    const oldest = this.#unacked.first;
    return oldest === null ? null : (this.#traces.get(oldest) ?? this.#slots.read(oldest));
  }

  trace(tag: number, trace: Trace): void {
    if (this.#unacked.has(tag)) this.#traces.set(tag, trace);
  }

  /** As `trace`, of a delivery that is about to be counted, and not redelivered. False where it is not kept: see TraceSlots.keep. */
  keepTrace(tag: number, queue: string | null, bytes: { chunk: Buffer; from: number; to: number }): boolean {
    // Another one is still in flight.
    if (this.#unacked.has(this.#slots.holderOf(tag))) return false;
    return this.#slots.keep(tag, queue, bytes);
  }

  delivered(tag: number, at: number): void {
    this.#unacked.add(tag, at);
  }

  /** An ack, nack or reject from the client; `multiple` settles all up to the tag, tag 0 then everything. */
  settle(tag: number, multiple: boolean, how: Settled): void {
    if (this.#listener !== null) this.#watchOrder(tag, multiple, this.#listener);
    if (!multiple) return this.#settleOne(tag, how);
    const highest = tag === 0 ? Infinity : tag;
    for (let { first } = this.#unacked; first !== null; { first } = this.#unacked) {
      if (first > highest) return;
      this.#settleOne(first, how);
    }
  }

  #watchOrder(tag: number, multiple: boolean, listener: SettlementListener): void {
    const oldest = this.#unacked.first;
    if (oldest === null || oldest === tag || (tag === 0 && multiple && this.#unacked.size === 1)) return;
    listener.sawOtherOrder();
    // Nothing more to find out.
    this.#listener = null;
  }

  beginTransactions(): void {
    this.#transaction ??= { open: new Map(), ending: [] };
  }

  /** The client asked for a commit or rollback: what it settles from now on belongs to the next transaction. */
  endTransaction(how: Ending['how']): void {
    if (this.#transaction === null) return;
    this.#transaction.ending.push({ how, settled: this.#transaction.open });
    this.#transaction.open = new Map();
  }

  /** commit-ok or rollback-ok: they come in the order they were asked for. */
  transactionEnded(): void {
    const ended = this.#transaction?.ending.shift();
    if (ended === undefined) return;
    if (ended.how === 'commit') {
      for (const { how } of ended.settled.values()) this.#totals[how] += 1;
      return;
    }
    this.#unacked.giveBack([...ended.settled].map(([tag, { at }]) => [tag, at]));
  }

  /** The client asked for basic.recover. */
  recovering(): void {
    this.#recoveries += 1;
  }

  /** basic.recover was done: the broker took back all that is not settled in an open transaction. */
  recovered(): void {
    this.#recoveries = Math.max(0, this.#recoveries - 1);
    this.#totals.returned += this.#unacked.size;
    this.#unacked.clear();
    this.#traces.clear();
  }

  /** The channel is gone: everything goes back. */
  clear(): void {
    this.#totals.returned += this.inFlight;
    this.#unacked.clear();
    this.#traces.clear();
    this.#transaction = null;
  }

  #settleOne(tag: number, how: Settled): void {
    const at = this.#unacked.take(tag);
    if (at === null) return;
    if (this.#traces.size > 0) this.#forgetTrace(tag);
    if (this.#transaction === null) {
      this.#totals[how] += 1;
      return;
    }
    this.#slots.forget(tag);
    this.#transaction.open.set(tag, { at, how });
  }

  #forgetTrace(tag: number): void {
    const trace = this.#traces.get(tag);
    if (trace === undefined) return;
    this.#traces.delete(tag);
    this.#listener?.settled(trace);
  }

  #pendingMaps(): Map<number, Pending>[] {
    if (this.#transaction === null) return [];
    return [this.#transaction.open, ...this.#transaction.ending.map(({ settled }) => settled)];
  }
}
