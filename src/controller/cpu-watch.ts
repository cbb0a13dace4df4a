/** The CPU use of each current incarnation whose program has a `cpu` rule; said once an episode, or found once and again while it lasts. */
import type { CoreState, EventBody, Evidence } from '../core/types.ts';
import { CpuEpisode } from '../policy/cpu.ts';
import type { CpuFigures } from '../policy/cpu.ts';
import type { SampleStore } from './sample-store.ts';

/** A standing finding is repeated no oftener than this; the core remembers the first one. */
const FINDING_EVERY_MS = 5_000;

export interface CpuParts {
  core: () => CoreState;
  samples: SampleStore;
  post: (event: EventBody) => void;
  warn: (evidence: Evidence, incarnation: string) => void;
}

interface Watched {
  episode: CpuEpisode;
  readAt: number;
  figures: CpuFigures | null;
  foundAt: number;
  said: boolean;
}

export class CpuWatch {
  readonly #parts: CpuParts;
  /** By incarnation; only of those that run. */
  #watched = new Map<string, Watched>();

  constructor(parts: CpuParts) {
    this.#parts = parts;
  }

  /** @param now CLOCK_MONOTONIC in milliseconds */
  look(now: number): void {
    const { core } = this.#parts;
    const before = this.#watched;
    this.#watched = new Map();
    for (const { cpu, workers } of Object.values(core().programs)) {
      if (cpu === null) continue;
      for (const name of workers) {
        const life = core().workers[name]?.life;
        if (life?.state !== 'RUNNING') continue;
        const { id } = life.incarnation;
        const watched = before.get(id) ?? newWatched();
        this.#watched.set(id, watched);
        this.#read(id, watched, cpu);
        if (watched.figures !== null) this.#act(watched, { ...cpu, incarnation: id, figures: watched.figures, now });
      }
    }
  }

  #read(id: string, watched: Watched, rule: { limitPercent: number; forMs: number }): void {
    const tracked = this.#parts.samples.of(id);
    if (tracked?.sample == null || tracked.slowAt === null || tracked.slowAt === watched.readAt) return;
    watched.readAt = tracked.slowAt;
    const { treeUserTicks, treeSystemTicks } = tracked.sample;
    watched.figures = watched.episode.add(
      {
        at: tracked.slowAt,
        userTicks: treeUserTicks,
        systemTicks: treeSystemTicks,
        acknowledged: tracked.gate?.acknowledged ?? null,
      },
      rule,
    );
    if (watched.figures === null) watched.said = false;
  }

  #act(
    watched: Watched,
    at: { action: 'warn' | 'recycle'; limitPercent: number; incarnation: string; figures: CpuFigures; now: number },
  ): void {
    const evidence: Evidence = { ...at.figures, limitPercent: at.limitPercent };
    if (at.action === 'warn') {
      if (!watched.said) this.#parts.warn(evidence, at.incarnation);
      watched.said = true;
    } else if (at.now - watched.foundAt >= FINDING_EVERY_MS) {
      watched.foundAt = at.now;
      this.#parts.post({ type: 'findings', incarnation: at.incarnation, rule: 'cpu.limit', evidence });
    }
  }
}

const newWatched = (): Watched => ({
  episode: new CpuEpisode(),
  readAt: -Infinity,
  figures: null,
  foundAt: -Infinity,
  said: false,
});
