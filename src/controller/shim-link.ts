/**
 * The controller's standing connection to whichever shim lives in one slot: it attaches, starts a shim where none lives, and attaches
 * anew when the connection breaks, one attempt at a time. It knows which facts were heard, so that none is heard twice or acknowledged
 * to the wrong shim.
 */
import { join } from 'node:path';
import { slotPaths } from '../linux/shim-slots.ts';
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
  /** Of the shim that `shimScript` is. */
  build: string;
  shimScript: string;
}

export interface ShimLinkListener {
  /** A shim answered. Its facts, less those heard before, follow one by one. */
  attached: (hello: Hello) => void;
  fact: (fact: Fact) => void;
  message: (message: Exclude<Told, { type: 'fact' }>) => void;
  lost: () => void;
  /** It was told to leave, and did. */
  left: () => void;
  /** It cannot be reached or started again; tried anew in a while, unless the link is closed. */
  trouble: (text: string) => void;
}

export class ShimLink {
  readonly slot: number;
  readonly #options: ShimLinkOptions;
  readonly #listener: ShimLinkListener;
  readonly #closing = new AbortController();
  #client: ShimClient | null = null;
  #again: NodeJS.Timeout | null = null;
  /** Which life of a shim `#heard` counts for. */
  #life = '';
  #heard = 0;
  #acknowledged = 0;
  /** What answered last. */
  #hello: Hello | null = null;
  #startedHere = false;
  #leaving = false;

  constructor(slot: number, options: ShimLinkOptions, listener: ShimLinkListener) {
    this.slot = slot;
    this.#options = options;
    this.#listener = listener;
  }

  get pid(): number | null {
    return this.#client?.hello.pid ?? null;
  }

  /** Of the shim that answered last, also once it is gone. */
  get lastPid(): number | null {
    return this.#hello?.pid ?? null;
  }

  get version(): string | null {
    return this.#hello?.version ?? null;
  }

  get isAttached(): boolean {
    return this.#client !== null;
  }

  get isLeaving(): boolean {
    return this.#leaving;
  }

  /**
   * Another program than ours. Never one that we started: where a new version was installed under us, what we start is the newest there
   * is, whatever we are.
   */
  get isOutdated(): boolean {
    return !this.#startedHere && this.#hello !== null && this.#hello.build !== this.#options.build;
  }

  /** Whether it knows of other shims that write the same files: it does if it says its build. */
  get sharesLogs(): boolean {
    return this.#hello?.build !== undefined;
  }

  /** Nothing it told us has yet to be made safe. */
  get isSettled(): boolean {
    return this.#client !== null && this.#heard === this.#acknowledged;
  }

  /** Dropped while no shim is attached: the attach tells what did not happen. */
  send(message: ToShim): void {
    this.#client?.send(message);
  }

  /** False: no shim lives there. @throws with a sentence when one does and cannot be talked to */
  async attach(): Promise<boolean> {
    return (await ShimClient.attach(this.#door)) !== null;
  }

  /** Start a shim there and attach to it. @throws with a sentence when that fails */
  async start(): Promise<void> {
    const { shimScript: script, stateDir, logDir, intervalMs } = this.#options;
    const { slot } = this;
    this.#startedHere = true;
    const hopeless = startShim({ script, stateDir, slot, logPath: join(logDir, 'shim.log'), intervalMs });
    await ShimClient.attachWithin(this.#door, {
      deadlineMs: ATTACH_DEADLINE_MS,
      hopeless,
      cancelled: this.#closing.signal,
    });
  }

  /** It is to end as soon as it is empty. */
  leave(): void {
    this.#leaving = true;
    this.send({ type: 'leave' });
  }

  get #door() {
    return {
      path: slotPaths(this.#options.stateDir, this.slot).socket,
      version: this.#options.version,
      listener: {
        hello: (client: ShimClient) => this.#meet(client),
        message: (message: Told) => this.#take(message),
        closed: () => this.#lost(),
      },
    };
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
    this.#hello = client.hello;
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
    if (this.#closing.signal.aborted) return;
    if (this.#leaving) {
      this.#listener.left();
      return;
    }
    this.#listener.lost();
    this.#reopen();
  }

  async #open(): Promise<void> {
    if (!(await this.attach())) await this.start();
  }

  #reopen(): void {
    if (this.#closing.signal.aborted) return;
    this.#open().catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      this.#again = setTimeout(() => this.#reopen(), AGAIN_AFTER_MS);
      this.#listener.trouble((error as Error).message);
    });
  }
}
