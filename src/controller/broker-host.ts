/** The embedded broker, where the configuration asks for one: started before the workers, watched, stopped after them. */
import type { EmbeddedBroker } from '../broker/embedded.ts';
import type { Config } from '../config/types.ts';
import type { Endpoint } from './spawn-spec.ts';

const RESTART_AFTER_MS = 1_000;

export class BrokerHost {
  readonly #config: Config;
  readonly #say: (text: string) => void;
  readonly #stopping = new AbortController();
  #starting: Promise<void> = Promise.resolve();
  #broker: EmbeddedBroker | null = null;
  #phase: 'running' | 'stopping' = 'running';

  constructor(config: Config, say: (text: string) => void, cancelled: AbortSignal) {
    cancelled.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    this.#config = config;
    this.#say = say;
  }

  get endpoint(): Endpoint | null {
    return this.#broker;
  }

  /** Start it, or adopt the one that an earlier controller left running; does nothing for an external broker. */
  start(): Promise<void> {
    if (this.#config.broker?.kind !== 'embedded') return Promise.resolve();
    this.#starting = this.#startNode();
    return this.#starting;
  }

  async #startNode(): Promise<void> {
    // Only who has an embedded broker loads it.
    const { startEmbeddedBroker } = await import('../broker/embedded.ts');
    const broker = await startEmbeddedBroker({
      dataDir: this.#config.dataDir,
      log: this.#say,
      signal: this.#stopping.signal,
    });
    this.#broker = broker;
    void broker.exited.then(() => this.#restart());
  }

  async stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#stopping.abort();
    // A start under way ends the node by itself; whoever waits for that start is told.
    await this.#starting.catch(() => undefined);
    await this.#broker?.stop();
    this.#broker = null;
  }

  /** It ended by itself: its workers wait in a slow retry until there is one again. */
  #restart(): void {
    if (this.#phase !== 'running') return;
    this.#say('the embedded broker ended unexpectedly; starting it again');
    setTimeout(() => {
      if (this.#phase === 'running') this.start().catch((error: unknown) => this.#retry(error));
    }, RESTART_AFTER_MS);
  }

  #retry(error: unknown): void {
    this.#say((error as Error).message);
    this.#restart();
  }
}
