/**
 * A worker whose consumer or channel the broker has ended, and that does nothing about it: it consumes nothing, asks for nothing and holds
 * nothing, for ever. One that is still at work on a message it had may not know yet, so what it has read counts, too.
 */
import type { GatedConnections } from './gated-connections.ts';
import type { Loss, Peer } from './reports.ts';

/** It is said again after ever longer times, for as long as it lasts. */
const LONGEST_MS = 600_000;

export interface DeafnessOptions {
  deafMs: number;
  /** Has this peer's process read all that was sent to it? */
  hasRead: (peer: Peer) => Promise<boolean>;
}

export class DeafnessWatch {
  #options: DeafnessOptions;
  #said: { loss: Loss; next: number; waitMs: number } | null = null;

  constructor(options: DeafnessOptions) {
    this.#options = options;
  }

  /** The loss that the worker has not got over, when it is time to say so; else null. */
  async look(connections: GatedConnections, now: number): Promise<Loss | null> {
    const { loss } = connections;
    if (loss === null || !this.#isDue(loss, now) || !(await this.#knows(connections))) return null;
    // It may have come back while it was asked.
    if (connections.loss !== loss || connections.isQuiesced) return null;
    const waitMs = Math.min(2 * (this.#said?.loss === loss ? this.#said.waitMs : this.#options.deafMs), LONGEST_MS);
    this.#said = { loss, next: now + waitMs, waitMs };
    return loss;
  }

  #isDue(loss: Loss, now: number): boolean {
    return now >= (this.#said?.loss === loss ? this.#said.next : loss.at + this.#options.deafMs);
  }

  /** It has read what the broker said, has nothing in hand, and nothing can reach it. */
  async #knows(connections: GatedConnections): Promise<boolean> {
    const { consumers, inFlight } = connections.counters();
    if (consumers > 0 || inFlight > 0) return false;
    for (const connection of connections.all) {
      if (connection.hasUnsent || !(await this.#options.hasRead(connection.peer))) return false;
    }
    return true;
  }
}
