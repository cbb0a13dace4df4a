/** Messages to the shim, in the order of their orders: what is for a process whose spawn is still being prepared waits for that. */
import type { ToShim } from '../shim/protocol.ts';
import type { SpawnSpec } from '../shim/spawn-spec.ts';

export class Outbox {
  readonly #send: (message: ToShim) => void;
  /** By incarnation. */
  readonly #waiting = new Map<string, ToShim[]>();

  constructor(send: (message: ToShim) => void) {
    this.#send = send;
  }

  send(message: ToShim): void {
    const waiting = 'incarnation' in message ? this.#waiting.get(message.incarnation) : undefined;
    if (waiting === undefined) this.#send(message);
    else waiting.push(message);
  }

  /**
   * Send the spawn once it is prepared, then what came for it meanwhile.
   *
   * @param isWanted asked then: its order may be void by now, because the shim was lost
   */
  async spawnLater(incarnation: string, prepared: Promise<SpawnSpec>, isWanted: () => boolean): Promise<void> {
    const waiting: ToShim[] = [];
    this.#waiting.set(incarnation, waiting);
    try {
      const spec = await prepared;
      if (isWanted()) for (const message of [{ type: 'spawn' as const, spec }, ...waiting]) this.#send(message);
    } finally {
      this.#waiting.delete(incarnation);
    }
  }
}
