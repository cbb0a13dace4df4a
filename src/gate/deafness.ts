/**
 * A worker whose consumer or channel the broker has ended, or whose connection broke, and that does nothing about it: it consumes nothing,
 * asks for nothing and holds nothing, for ever. One that is still at work on a message it had may not know yet, so what it has read counts,
 * too. And while there is no broker, nobody can consume: who lost its connection has the whole time once the broker is there.
 */
import type { GatedConnections } from './gated-connections.ts';
import type { Loss, Peer } from './reports.ts';

/** It is said again after ever longer times, for as long as it lasts. */
const LONGEST_MS = 600_000;

export interface DeafnessOptions {
  deafMs: number;
  /** Has this peer's process read all that was sent to it, its end included? So has one that closed its own side. */
  hasRead: (peer: Peer) => Promise<boolean>;
  /** Does the broker let anybody in? */
  isBrokerThere: () => Promise<boolean>;
}

/** What was found when it was due: it was said; the broker was away; it is back, and the worker has time to see that. */
interface Finding {
  loss: Loss;
  is: 'said' | 'away' | 'back';
  next: number;
  waitMs: number;
}

export class DeafnessWatch {
  #options: DeafnessOptions;
  #found: Finding | null = null;

  constructor(options: DeafnessOptions) {
    this.#options = options;
  }

  /** The loss that the worker has not got over, when it is time to say so; else null. */
  async look(connections: GatedConnections, now: number): Promise<Loss | null> {
    const { loss } = connections;
    if (loss === null || !this.#isDue(loss, now) || !(await this.#knows(loss, connections))) return null;
    const isThere = loss.reason !== 'connectionLost' || (await this.#options.isBrokerThere());
    // It may have come back while it was asked.
    if (connections.loss !== loss || connections.isQuiesced) return null;
    this.#found = this.#find(loss, isThere, now);
    return this.#found.is === 'said' ? loss : null;
  }

  #find(loss: Loss, isThere: boolean, now: number): Finding {
    const { deafMs } = this.#options;
    const before = this.#of(loss);
    const wait = (is: Finding['is'], waitMs: number): Finding => ({ loss, is, next: now + waitMs, waitMs });
    if (!isThere) return wait('away', deafMs);
    if (before?.is === 'away') return wait('back', deafMs);
    return wait('said', Math.min(2 * (before?.waitMs ?? deafMs), LONGEST_MS));
  }

  #of(loss: Loss): Finding | null {
    return this.#found?.loss === loss ? this.#found : null;
  }

  #isDue(loss: Loss, now: number): boolean {
    return now >= (this.#of(loss)?.next ?? loss.at + this.#options.deafMs);
  }

  /** It has read what the broker said, has nothing in hand, and nothing can reach it. */
  async #knows({ peer }: Loss, connections: GatedConnections): Promise<boolean> {
    const { consumers, inFlight } = connections.counters();
    if (consumers > 0 || inFlight > 0) return false;
    // It may still be at work on what went back with its connection, and not know.
    if (peer !== null && !(await this.#options.hasRead(peer))) return false;
    for (const connection of connections.all) {
      if (connection.hasUnsent || !(await this.#options.hasRead(connection.peer))) return false;
    }
    return true;
  }
}
