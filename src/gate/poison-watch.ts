/**
 * Finds the message that a worker died on, and keeps one that has killed too many from the next worker. The suspect is what the worker
 * was at: the oldest unacknowledged message of a channel, and not what was prefetched behind it.
 *
 * Deliveries are traced (trace.ts) while few are in flight, and redelivered ones always; with a large prefetch the first death of a
 * message is therefore not seen. Their bytes are kept back only if they begin like a message that is to be rejected.
 */
import type { Channel } from './channel.ts';
import type { PoisonTable } from './poison-table.ts';
import { identify } from './trace.ts';
import type { MessageIdentity, Trace } from './trace.ts';

/** Deliveries are traced while no more than so many are in flight on their channel: what that costs and keeps is bounded. */
const FEW = 16;
const MANY = 256;
/** A worker that dies closes its connection first, some libraries even politely; its exit is known a little later. */
const LEFT_MS = 5_000;
const MAX_LEFT = 100;

export interface PoisonOptions {
  table: PoisonTable;
  /** Deaths from which on a message is kept from workers; null: never. */
  rejectAfter: number | null;
}

export class PoisonWatch {
  readonly #options: PoisonOptions;
  #left: { trace: Trace; at: number }[] = [];

  constructor(options: PoisonOptions) {
    this.#options = options;
  }

  /** Is a delivery to be traced that comes while so many are in flight on its channel? */
  wants(redelivered: boolean, inFlight: number): boolean {
    return inFlight < (redelivered ? MANY : FEW);
  }

  /** May there be a message to reject at all? */
  get rejects(): boolean {
    return this.#options.rejectAfter !== null && !this.#options.table.isEmpty;
  }

  mayReject(head: string): boolean {
    const { table, rejectAfter } = this.#options;
    return rejectAfter !== null && table.mayHaveKilled(head, rejectAfter);
  }

  /** How many workers died on it, if that is enough to reject it; else null. */
  isPoison(fingerprint: string, now: number): number | null {
    const { table, rejectAfter } = this.#options;
    const deaths = table.deathsOf(fingerprint, now);
    return rejectAfter !== null && deaths >= rejectAfter ? deaths : null;
  }

  rejected(fingerprint: string): void {
    this.#options.table.forget(fingerprint);
  }

  /** The worker settled it and lives. Only what was delivered before can have killed. */
  settled(trace: Trace): void {
    const { table } = this.#options;
    if (trace.redelivered && !table.isEmpty) table.forget(identify(trace).fingerprint);
  }

  sawOtherOrder(): void {
    this.#options.table.sawOtherOrder();
  }

  /** The worker ends this channel with messages in hand. */
  left(channel: Channel, now: number): void {
    const trace = channel.deliveries.oldestTrace;
    if (trace === null) return;
    this.#left = this.#left.filter(({ at }) => now - at <= LEFT_MS).slice(1 - MAX_LEFT);
    this.#left.push({ trace, at: now });
  }

  /** What a worker that ended now was at, on these channels and those it left just before. */
  suspects(channels: Iterable<Channel>, now: number): MessageIdentity[] {
    if (!this.#options.table.worksInOrder) return [];
    const traces = this.#left.filter(({ at }) => now - at <= LEFT_MS).map(({ trace }) => trace);
    for (const { deliveries } of channels) if (deliveries.oldestTrace !== null) traces.push(deliveries.oldestTrace);
    return traces.map(identify);
  }
}
