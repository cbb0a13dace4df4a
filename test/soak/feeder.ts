/** Publishes numbered messages to every queue, at a pace that rises and falls as a day's does. */
import type { ConfirmChannel } from 'amqplib';

/** The tide of a day, in five minutes. */
const TIDE_MS = 300_000;
const TIDE = 0.6;

export class Feeder {
  readonly #channel: ConfirmChannel;
  readonly #queues: readonly string[];
  readonly #perSecond: number;
  #next: NodeJS.Timeout | null = null;
  published = 0;

  /** @param perSecond messages a queue, in the mean */
  constructor(channel: ConfirmChannel, queues: readonly string[], perSecond: number) {
    this.#channel = channel;
    this.#queues = queues;
    this.#perSecond = perSecond;
  }

  async start(): Promise<void> {
    for (const queue of this.#queues) await this.#channel.assertQueue(queue, { durable: true });
    this.#publish();
  }

  /** No more comes. Resolves once the broker has all of them. */
  async stop(): Promise<void> {
    if (this.#next !== null) clearTimeout(this.#next);
    await this.#channel.waitForConfirms();
  }

  #publish(): void {
    for (const queue of this.#queues) {
      this.#channel.sendToQueue(queue, Buffer.from(String(this.published)), { persistent: true });
      this.published += 1;
    }
    const pace = this.#perSecond * (1 + TIDE * Math.sin((2 * Math.PI * Date.now()) / TIDE_MS));
    this.#next = setTimeout(() => this.#publish(), 1_000 / pace);
  }
}
