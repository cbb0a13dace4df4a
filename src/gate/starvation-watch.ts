/**
 * Looks now and then whether the clamp starves a worker. One that holds all it may have and has said nothing for `starvedMs` either
 * works on one message for long, or waits for more. It is sent a heartbeat: who waits for messages reads it, who works does not. Undoing
 * a clamp wrongly costs only prefetch.
 */
import type { Connection } from './connection.ts';
import type { Peer } from './reports.ts';
import type { Full } from './starvation.ts';

/** When to look whether the heartbeat was read: soon at first, then ever later (a worker may sleep between two looks of its own). */
const FIRST_LOOK_MS = 500;
const LAST_LOOK_MS = 30_000;

interface Suspicion {
  since: number;
  lookAt: number;
  waitMs: number;
}

export interface StarvationOptions {
  starvedMs: number;
  /** As for DeafnessOptions. */
  hasRead: (peer: Peer) => Promise<boolean>;
}

export class StarvationWatch {
  #options: StarvationOptions;
  #suspicions = new WeakMap<Connection, Suspicion>();

  constructor(options: StarvationOptions) {
    this.#options = options;
  }

  /** How the clamp starves one of these; null when it does not, as far as can be known. */
  async look(connections: Iterable<Connection>, now: number): Promise<Full | null> {
    for (const connection of connections) {
      const full = connection.session.full;
      if (full === null || now - full.since < this.#options.starvedMs) this.#suspicions.delete(connection);
      else if (this.#isDue(connection, full, now) && (await this.#waits(connection, full))) return full;
    }
    return null;
  }

  #isDue(connection: Connection, { since }: Full, now: number): boolean {
    const suspicion = this.#suspicions.get(connection);
    if (suspicion?.since === since) {
      if (now < suspicion.lookAt) return false;
      suspicion.waitMs = Math.min(2 * suspicion.waitMs, LAST_LOOK_MS);
      suspicion.lookAt = now + suspicion.waitMs;
      return true;
    }
    let isSent = false;
    connection.change((session) => (isSent = session.probe()));
    if (isSent) this.#suspicions.set(connection, { since, lookAt: now + FIRST_LOOK_MS, waitMs: FIRST_LOOK_MS });
    return false;
  }

  /** It has read everything, and nothing happened while it was asked. */
  async #waits(connection: Connection, { since }: Full): Promise<boolean> {
    if (connection.hasUnsent || !(await this.#options.hasRead(connection.peer))) return false;
    return connection.session.full?.since === since;
  }
}
