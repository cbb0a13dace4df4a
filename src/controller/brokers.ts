/** Who asks the brokers whether they live: one probe at a time for each, and a slow watch while one is away. */
import { probeBroker } from '../broker/probe.ts';
import { watchBroker } from '../broker/watch.ts';
import type { Config, TlsConfig } from '../config/types.ts';
import { DEFAULT_BROKER } from './policies.ts';

const PROBE_TIMEOUT_MS = 2_000;

export interface BrokerAnswer {
  broker: string;
  reachable: boolean;
  text: string;
}

interface Asked {
  urls: string[];
  tls: TlsConfig | null;
}

export class Brokers {
  readonly #asked = new Map<string, Asked>();
  readonly #asking = new Set<string>();
  readonly #watching = new Map<string, AbortController>();
  readonly #answer: (answer: BrokerAnswer) => void;
  #phase: 'asking' | 'stopped' = 'asking';

  constructor(answer: (answer: BrokerAnswer) => void) {
    this.#answer = answer;
  }

  /** Which brokers there are. One that was known under this key with another address is another broker, and is asked at once. */
  configure(config: Config, embeddedUrl: string | null): void {
    const before = new Map(this.#asked);
    this.#asked.clear();
    const askedOf = (broker: Config['broker']): Asked =>
      broker?.kind === 'url'
        ? broker
        : { urls: broker === null || embeddedUrl === null ? [] : [embeddedUrl], tls: null };
    this.#asked.set(DEFAULT_BROKER, askedOf(config.broker));
    for (const program of Object.values(config.programs)) {
      if (program.broker !== null) this.#asked.set(`program:${program.name}`, askedOf(program.broker));
    }
    for (const [key, asked] of before) {
      if (JSON.stringify(asked) === JSON.stringify(this.#asked.get(key))) this.#asked.set(key, asked);
      else this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#watching.get(key)?.abort();
    this.#watching.delete(key);
    this.#asking.delete(key);
    this.probe(key);
  }

  /** Ask now, unless an answer is on its way; while the broker is away, keep asking until it answers. */
  probe(broker: string): void {
    const asked = this.#asked.get(broker);
    if (asked === undefined || asked.urls.length === 0) return;
    if (this.#asking.has(broker) || this.#watching.has(broker)) return;
    this.#asking.add(broker);
    void probeBroker(asked.urls, { timeoutMs: PROBE_TIMEOUT_MS, tls: asked.tls }).then((found) => {
      // An answer of who was meant by that key before says nothing.
      if (this.#asked.get(broker) !== asked) return;
      this.#asking.delete(broker);
      // A watch that begins after the end would keep the process alive for ever.
      if (this.#phase === 'stopped') return;
      if (!found.reachable) this.#watch(broker, asked);
      this.#answer({ broker, ...found });
    });
  }

  stop(): void {
    this.#phase = 'stopped';
    for (const watch of this.#watching.values()) watch.abort();
    this.#watching.clear();
  }

  #watch(broker: string, { urls, tls }: Asked): void {
    const abort = new AbortController();
    this.#watching.set(broker, abort);
    void watchBroker(urls, { timeoutMs: PROBE_TIMEOUT_MS, tls, signal: abort.signal }).then((text) => {
      if (this.#watching.get(broker) !== abort) return;
      this.#watching.delete(broker);
      if (text !== null) this.#answer({ broker, reachable: true, text });
    });
  }
}
