/**
 * The controller's standing connection to whichever shim lives: it attaches, starts a shim where none lives, and attaches anew when the
 * connection breaks, one attempt at a time. It knows which facts were heard, so that none is heard twice or acknowledged to the wrong
 * shim.
 */
import { join } from 'node:path';
import type { Fact, ToShim } from '../shim/protocol.ts';
import { ShimClient } from './shim-client.ts';
import type { Hello, Told } from './shim-client.ts';
import { startShim } from './shim-process.ts';

/** A shim that first has to end the orphans of a dead one takes its time; longer than this is a fault. */
const ATTACH_DEADLINE_MS = 120_000;
const AGAIN_AFTER_MS = 5_000;

export interface ShimLinkOptions {
  stateDir: string;
  logDir: string;
  intervalMs: number;
  version: string;
  shimScript: string;
}

export interface ShimLinkListener {
  /** A shim answered. Its facts, less those heard before, follow one by one. */
  attached: (hello: Hello) => void;
  fact: (fact: Fact) => void;
  message: (message: Exclude<Told, { type: 'fact' }>) => void;
  lost: () => void;
  /** It cannot be reached or started again; tried anew in a while, unless the link is closed. */
  trouble: (text: string) => void;
}

export class ShimLink {
  readonly #options: ShimLinkOptions;
  readonly #listener: ShimLinkListener;
  readonly #closing = new AbortController();
  #client: ShimClient | null = null;
  #again: NodeJS.Timeout | null = null;
  /** Which life of a shim `#heard` counts for. */
  #life = '';
  #heard = 0;
  #acknowledged = 0;

  constructor(options: ShimLinkOptions, listener: ShimLinkListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get pid(): number | null {
    return this.#client?.hello.pid ?? null;
  }

  /** Dropped while no shim is attached: the attach tells what did not happen. */
  send(message: ToShim): void {
    this.#client?.send(message);
  }

  /** How often shims that are started from now on take samples. */
  sampleEvery(intervalMs: number): void {
    this.#options.intervalMs = intervalMs;
  }

  /** Attach to the living shim, or start one. @throws with a sentence when neither works */
  async open(): Promise<void> {
    const door = {
      path: join(this.#options.stateDir, 'shim.sock'),
      version: this.#options.version,
      listener: {
        hello: (client: ShimClient) => this.#meet(client),
        message: (message: Told) => this.#take(message),
        closed: () => this.#lost(),
      },
    };
    if ((await ShimClient.attach(door)) !== null) return;
    const { shimScript: script, stateDir, logDir, intervalMs } = this.#options;
    const hopeless = startShim({ script, stateDir, logPath: join(logDir, 'shim.log'), intervalMs });
    await ShimClient.attachWithin(door, {
      deadlineMs: ATTACH_DEADLINE_MS,
      hopeless,
      cancelled: this.#closing.signal,
    });
  }

  /** Everything heard so far is safe: the shim may forget it. */
  acknowledge(): void {
    if (this.#client === null || this.#heard === this.#acknowledged) return;
    this.send({ type: 'ack', seq: this.#heard });
    this.#acknowledged = this.#heard;
  }

  /** Let go of the shim; it and its workers go on. */
  close(): void {
    this.#closing.abort();
    if (this.#again !== null) clearTimeout(this.#again);
    this.#client?.close();
  }

  #meet(client: ShimClient): void {
    if (this.#closing.signal.aborted) {
      client.close();
      return;
    }
    this.#client = client;
    const { pid, bootId, startedWall } = client.hello;
    const life = `${bootId}:${pid}:${startedWall}`;
    if (life !== this.#life) this.#heard = 0;
    this.#life = life;
    // It keeps what it still tells us, so nothing of that was acknowledged as far as it knows.
    this.#acknowledged = 0;
    const facts = client.hello.facts.filter((fact) => fact.seq > this.#heard);
    this.#listener.attached({ ...client.hello, facts });
    for (const fact of facts) this.#hear(fact);
  }

  #take(message: Told): void {
    if (this.#closing.signal.aborted) return;
    if (message.type === 'fact') this.#hear(message.fact);
    else this.#listener.message(message);
  }

  #hear(fact: Fact): void {
    if (fact.seq <= this.#heard) return;
    this.#listener.fact(fact);
    this.#heard = fact.seq;
  }

  #lost(): void {
    this.#client = null;
    this.#listener.lost();
    this.#reopen();
  }

  #reopen(): void {
    if (this.#closing.signal.aborted) return;
    this.open().catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      this.#again = setTimeout(() => this.#reopen(), AGAIN_AFTER_MS);
      this.#listener.trouble((error as Error).message);
    });
  }
}
