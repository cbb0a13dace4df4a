import { signalProcess } from '../linux/process-identity.ts';
import { findMarked } from './marked-processes.ts';
import { shimLog } from './shim-log.ts';

/** After an exit: time for what belongs to it to end by itself, and for other exits to share the scan. */
const DELAY_MS = 100;
/** A process that forks while it is looked for is found the next time; there is a last time. */
const MAX_ROUNDS = 5;

/** Kills what left the group of a worker that is gone. One scan of /proc at a time, however many workers end. */
export class Sweeper {
  readonly #life: ReadonlySet<string>;
  readonly #isLiving: (incarnation: string) => boolean;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;

  constructor(life: string, isLiving: (incarnation: string) => boolean) {
    this.#life = new Set([life]);
    this.#isLiving = isLiving;
  }

  /** Look for leftovers in a moment. */
  schedule(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.sweepNow();
    }, DELAY_MS);
  }

  /** Kill every process with our marker whose incarnation is gone. */
  sweepNow(): Promise<void> {
    this.#running ??= this.#sweep(MAX_ROUNDS).finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Kill every process of one incarnation except `spared` (the worker itself, whose signals the ladder sends). */
  async killMarked(incarnation: string, spared: number): Promise<void> {
    try {
      for (const marked of await findMarked(this.#life)) {
        if (marked.incarnation === incarnation && marked.pid !== spared) signalProcess(marked, 'SIGKILL');
      }
    } catch (error) {
      shimLog(`Descendants of ${incarnation} could not be looked for: ${String(error)}`);
    }
  }

  async #sweep(rounds: number): Promise<void> {
    try {
      for (let round = 0; round < rounds; round += 1) {
        const leftovers = (await findMarked(this.#life)).filter(({ incarnation }) => !this.#isLiving(incarnation));
        const killed = leftovers.filter((leftover) => signalProcess(leftover, 'SIGKILL'));
        for (const { pid, incarnation } of killed)
          shimLog(`Killed pid ${pid}, which outlived its worker ${incarnation}.`);
        if (killed.length === 0) return;
      }
    } catch (error) {
      shimLog(`Processes that outlived their workers could not be looked for: ${String(error)}`);
    }
  }
}
