/** Keeps a queue filled for as long as a test needs workers at work, however fast or slow the machine is. */
import { setTimeout as pause } from 'node:timers/promises';
import { fill } from './site.ts';
import type { Site } from './site.ts';

const EVERY_MS = 20;
/** Published so many at once: whole batches of every worker. */
const STEP = 100;

export class Pump {
  readonly #channel: Site['channel'];
  readonly #queue: string;
  readonly #depth: number;
  #published: number;
  #isOn = true;
  readonly #over: Promise<void>;

  private constructor(channel: Site['channel'], queue: string, depth: number) {
    this.#channel = channel;
    this.#queue = queue;
    this.#depth = depth;
    this.#published = depth;
    this.#over = this.#run();
    // Whoever stops it hears of it.
    this.#over.catch(() => undefined);
  }

  /** A queue with the messages `0 … depth-1`, and from then on as many more as its workers take. */
  static async start(
    site: Pick<Site, 'channel'>,
    queue: string,
    depth: number,
    type?: Parameters<typeof fill>[3],
  ): Promise<Pump> {
    await fill(site, queue, depth, type);
    return new Pump(site.channel, queue, depth);
  }

  /** No more comes; how many there were: `0 … n-1`. @throws what made it end before */
  async stop(): Promise<number> {
    this.#isOn = false;
    await this.#over;
    await this.#channel.waitForConfirms();
    return this.#published;
  }

  async #run(): Promise<void> {
    while (this.#isOn) {
      const { messageCount } = await this.#channel.checkQueue(this.#queue);
      for (let room = this.#depth - messageCount; room >= STEP; room -= STEP) this.#publish(STEP);
      await pause(EVERY_MS);
    }
  }

  #publish(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      this.#channel.sendToQueue(this.#queue, Buffer.from(String(this.#published)));
      this.#published += 1;
    }
  }
}
