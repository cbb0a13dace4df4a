/** What the controller looks at once a second; what it finds goes to the core as findings, or to the journal. */
import type { CoreState, EventBody } from '../core/types.ts';
import { LifetimeWatch } from './lifetime-watch.ts';
import { Mover } from './mover.ts';
import type { SampleStore } from './sample-store.ts';
import type { Scribe } from './scribe.ts';
import type { OlderShim } from './shims.ts';

export interface WatchParts {
  core: () => CoreState;
  samples: SampleStore;
  scribe: Scribe;
  post: (event: EventBody) => void;
  olderShims: () => readonly OlderShim[];
}

export class Watches {
  readonly #parts: WatchParts;
  readonly #lifetimes: LifetimeWatch;
  readonly #mover = new Mover();

  constructor(parts: WatchParts) {
    const { core, post, samples, scribe } = parts;
    this.#parts = parts;
    this.#lifetimes = new LifetimeWatch({
      core,
      acknowledged: (incarnation) => samples.of(incarnation)?.gate?.acknowledged ?? null,
      post,
      missed: (program, schedule, at) => scribe.say('warn', 'schedule.missed', { program, schedule, at }),
    });
  }

  /** A shim answered. */
  shimAnswered(): void {
    this.#mover.forget();
  }

  /** @param now CLOCK_MONOTONIC, @param wall since the epoch, both in milliseconds */
  look(now: number, wall: number): void {
    const { core, post, olderShims } = this.#parts;
    this.#lifetimes.look(now, wall);
    for (const finding of this.#mover.ask(core(), olderShims(), now)) post(finding);
  }
}
