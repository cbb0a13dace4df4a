/** What a gate looks at now and then while it is open, because no event tells of it. */
import type { GatedConnections } from './gated-connections.ts';
import { DeafnessWatch } from './deafness.ts';
import type { DeafnessOptions } from './deafness.ts';
import { StarvationWatch } from './starvation-watch.ts';
import type { StarvationOptions } from './starvation-watch.ts';

const LOOK_MS = 2_000;

export interface VigilOptions extends StarvationOptions, DeafnessOptions {
  connections: GatedConnections;
  now: () => number;
}

export class Vigil {
  #options: VigilOptions;
  #starvation: StarvationWatch;
  #deafness: DeafnessWatch;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: VigilOptions) {
    this.#options = options;
    this.#starvation = new StarvationWatch(options);
    this.#deafness = new DeafnessWatch(options);
    this.#arm();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    const { starvedMs, deafMs } = this.#options;
    this.#timer = setTimeout(() => void this.#look(), Math.min(LOOK_MS, starvedMs, deafMs));
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const { connections, now } = this.#options;
    const full = connections.clamp === null ? null : await this.#starvation.look(connections.all, now());
    if (full !== null) connections.liftClamp(full);
    const loss = await this.#deafness.look(connections, now());
    if (loss !== null)
      connections.report({ kind: 'stayedDeaf', reason: loss.reason, text: loss.text, forMs: now() - loss.at });
    if (this.#timer !== null) this.#arm();
  }
}
