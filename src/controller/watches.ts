/** What the controller looks at once a second; what it finds goes to the core as findings, or to the journal. */
import { findIncarnation } from '../core/find.ts';
import type { HostStatus } from '../api/types.ts';
import type { Config } from '../config/types.ts';
import type { CoreState, EventBody, Evidence } from '../core/types.ts';
import { readWait } from '../linux/proc-wait.ts';
import { CpuWatch } from './cpu-watch.ts';
import type { EvidenceTaker } from './evidence.ts';
import { HostGuard } from './host-guard.ts';
import { LifetimeWatch } from './lifetime-watch.ts';
import { Mover } from './mover.ts';
import type { SampleStore } from './sample-store.ts';
import type { Scribe } from './scribe.ts';
import type { OlderShim } from './shims.ts';
import { StuckWatch } from './stuck-watch.ts';

export interface WatchParts {
  config: () => Config;
  core: () => CoreState;
  samples: SampleStore;
  scribe: Scribe;
  evidence: EvidenceTaker;
  post: (event: EventBody) => void;
  olderShims: () => readonly OlderShim[];
}

const CPU_HIGH = { action: 'warn', rule: 'cpu.high', key: 'cpu.limit' } as const;
const STUCK = { action: 'stuck', rule: 'stuck.holds', key: 'stuck.inFlight' } as const;

export class Watches {
  readonly #parts: WatchParts;
  readonly #lifetimes: LifetimeWatch;
  readonly #cpu: CpuWatch;
  readonly #stuck: StuckWatch;
  readonly #host: HostGuard;
  readonly #mover = new Mover();

  constructor(parts: WatchParts) {
    const { core, post, samples, scribe, evidence: taker } = parts;
    this.#parts = parts;
    this.#lifetimes = new LifetimeWatch({
      core,
      acknowledged: (incarnation) => samples.of(incarnation)?.gate?.acknowledged ?? null,
      post,
      missed: (program, schedule, at) => scribe.say('warn', 'schedule.missed', { program, schedule, at }),
    });
    this.#host = new HostGuard({
      config: parts.config,
      core,
      samples,
      post,
      say: (said) => scribe.sayOfHost(said),
      conclude: (outcome) => scribe.conclude(outcome),
    });
    this.#cpu = new CpuWatch({
      core,
      samples,
      post,
      warn: (evidence, incarnation) => this.#say(incarnation, { ...CPU_HIGH, evidence }),
    });
    this.#stuck = new StuckWatch({
      core,
      samples,
      post,
      say: (evidence, incarnation) => this.#say(incarnation, { ...STUCK, evidence }),
      diagnose: (incarnation, cause) => taker.take(incarnation, { rule: 'stuck.holds', cause }),
      waitOf: (pid) => readWait(pid),
    });
  }

  /** A shim answered. */
  shimAnswered(): void {
    this.#mover.forget();
  }

  /** @param now CLOCK_MONOTONIC, @param wall since the epoch, both in milliseconds */
  look(now: number, wall: number, host: HostStatus): void {
    const { core, post, olderShims } = this.#parts;
    this.#lifetimes.look(now, wall);
    this.#cpu.look(now);
    this.#stuck.look(now);
    this.#host.look(now, host);
    for (const finding of this.#mover.ask(core(), olderShims(), now)) post(finding);
  }

  /** Returns the entry's id. */
  #say(incarnation: string, said: { action: 'warn' | 'stuck'; rule: string; key: string; evidence: Evidence }): string {
    const { core, scribe } = this.#parts;
    const cause = findIncarnation(core(), incarnation)?.incarnation.entry ?? null;
    return scribe.sayOfIncarnation(incarnation, core(), { ...said, cause });
  }
}
