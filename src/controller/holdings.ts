/** What a running controller holds and lets go of at its end: the control socket, the journal, the lock. */
import { existsSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Config } from '../config/types.ts';
import type { Lock } from '../linux/lock.ts';
import type { Journal } from './journal.ts';

/** How often to see whether the control socket is still where clients look for it. */
const SOCKET_LOOK_MS = 5_000;

/** What a run lets go of at its end, once, however often it is told to. */
export class Holdings {
  journal: Journal | null = null;
  /** The control interface on TCP. */
  network: Server | null = null;
  #server: Server | null = null;
  #look: NodeJS.Timeout | null = null;
  readonly #config: Config;
  readonly #lock: Lock;
  #closed: Promise<void> | null = null;

  constructor(config: Config, lock: Lock) {
    this.#config = config;
    this.#lock = lock;
  }

  /** Listen, and again whenever the socket's name is gone: cleaners of /tmp and /run remove what looks old to them. */
  async serve(listenAnew: () => Promise<Server>): Promise<void> {
    this.#server = await listenAnew();
    this.#look = setTimeout(() => void this.#lookAgain(listenAnew), SOCKET_LOOK_MS);
  }

  async #lookAgain(listenAnew: () => Promise<Server>): Promise<void> {
    let next = this.#server;
    try {
      if (!existsSync(this.#config.socket.path)) next = await listenAnew();
    } catch (error) {
      process.stderr.write(
        `ackwarden: the control socket is gone and cannot be made anew: ${(error as Error).message}\n`,
      );
    }
    if (this.#closed !== null) {
      next?.close();
      return;
    }
    // Who is connected to the old one is served to the end.
    if (next !== this.#server) this.#server?.close();
    this.#server = next;
    this.#look = setTimeout(() => void this.#lookAgain(listenAnew), SOCKET_LOOK_MS);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // Whoever waits for a shutdown still gets the answer that it is over.
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (this.#look !== null) clearTimeout(this.#look);
    for (const server of [this.#server, this.network]) {
      server?.closeAllConnections();
      server?.close();
    }
    rmSync(this.#config.socket.path, { force: true });
    this.journal?.close();
    this.#lock.release();
  }
}
