/** What a gate looks at now and then while it is open, because no event tells of it. */
import type { GatedConnections } from './gated-connections.ts';
import { StarvationWatch } from './starvation-watch.ts';
import type { StarvationOptions } from './starvation-watch.ts';

const LOOK_MS = 2_000;

export interface VigilOptions extends StarvationOptions {
  connections: GatedConnections;
  now: () => number;
}

export class Vigil {
  #options: VigilOptions;
  #starvation: StarvationWatch;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: VigilOptions) {
    this.#options = options;
    this.#starvation = new StarvationWatch(options);
    this.#arm();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.#timer = setTimeout(() => void this.#look(), Math.min(LOOK_MS, this.#options.starvedMs));
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { connections, now } = this.#options;
    const full = connections.clamp === null ? null : await this.#starvation.look(connections.all, now());
    if (full !== null) connections.liftClamp(full);
    if (this.#timer !== null) this.#arm();
  }
}
