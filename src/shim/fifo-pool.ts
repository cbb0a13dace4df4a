import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BATCH = 64;
const REFILL_BELOW = 24;
const MKFIFO_DEADLINE_MS = 10_000;

/** FIFOs made ahead of time: Node has no mkfifo(2), and a process for each spawn would double its cost. */
export class FifoPool {
  readonly #directory: string;
  readonly #ready: string[] = [];
  #making: Promise<void> | null = null;

  /** Empties `directory`: what lies there is from a shim that is dead. Others may pass through it, but not list it. */
  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { mode: 0o711 });
  }

  /** The path of a fresh FIFO, mode 0600. Rejects with a sentence when none can be made. */
  async take(): Promise<string> {
    for (;;) {
      const path = this.#ready.pop();
      if (this.#ready.length < REFILL_BELOW) void this.fill().catch(() => undefined);
      if (path !== undefined) return path;
      await this.fill();
    }
  }

  /** Make one batch; calls at the same time share it. */
  fill(): Promise<void> {
    this.#making ??= this.#make().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #make(): Promise<void> {
    // A name that cannot be guessed: the directory can be passed by every user.
    const paths = Array.from({ length: BATCH }, () => join(this.#directory, randomBytes(9).toString('base64url')));
    try {
      await run('mkfifo', ['-m', '600', '--', ...paths], { timeout: MKFIFO_DEADLINE_MS });
    } catch (error) {
      const found = error instanceof Error ? error.message.trim().split('\n').at(-1) : String(error);
      throw new Error(`No FIFO for a worker's output could be made in ${this.#directory}: ${found}.`, { cause: error });
    }
    this.#ready.push(...paths);
  }
}
