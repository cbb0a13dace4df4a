/** Workers that hold a message for longer than their program allows (`stuck`): said once a message, with what they do meanwhile. */
import type { CoreState, EventBody, Evidence, ProgramPolicy } from '../core/types.ts';
import { StuckEpisode } from '../policy/stuck.ts';
import type { StuckFigures } from '../policy/stuck.ts';
import type { SampleStore, Tracked } from './sample-store.ts';

export interface StuckParts {
  core: () => CoreState;
  samples: SampleStore;
  post: (event: EventBody) => void;
  /** Write that it is stuck; the entry. */
  say: (evidence: Evidence, incarnation: string) => string;
  /** Take evidence of it, because of that entry. */
  diagnose: (incarnation: string, cause: string) => void;
  /** What a process waits in, in words; null: not known. */
  waitOf: (pid: number) => string | null;
}

interface Watched {
  episode: StuckEpisode;
  /** The message that was said, by the time of its delivery, and when. */
  said: { of: number | null; at: number };
}

/** That a worker is to be recycled is found again and again while it lasts; the core remembers the first time. */
const FINDING_EVERY_MS = 5_000;

type Rule = NonNullable<ProgramPolicy['stuck']>;

export class StuckWatch {
  readonly #parts: StuckParts;
  /** By incarnation; only of those that run. */
  #watched = new Map<string, Watched>();

  constructor(parts: StuckParts) {
    this.#parts = parts;
  }

  /** @param now CLOCK_MONOTONIC in milliseconds */
  look(now: number): void {
    const { core, samples } = this.#parts;
    const before = this.#watched;
    this.#watched = new Map();
    for (const { stuck, workers } of Object.values(core().programs)) {
      if (stuck === null) continue;
      for (const name of workers) {
        const worker = core().workers[name];
        if (worker?.life.state !== 'RUNNING') continue;
        const { id, pid } = worker.life.incarnation;
        const watched = before.get(id) ?? { episode: new StuckEpisode(), said: { of: null, at: -Infinity } };
        this.#watched.set(id, watched);
        const tracked = samples.of(id);
        const found = tracked === null ? null : watched.episode.add(readingOf(tracked, now), stuck.inFlightMs);
        // One that is being replaced drains already, and its drain has its own deadline.
        if (found !== null && worker.recycle === null && isNews(watched, { stuck, tracked, now }))
          this.#act({ id, pid, stuck }, found, tracked?.gate?.inFlight ?? null);
      }
    }
  }

  #act(
    { id, pid, stuck }: { id: string; pid: number | null; stuck: Rule },
    figures: StuckFigures,
    inFlight: number | null,
  ): void {
    const { post, say, diagnose, waitOf } = this.#parts;
    const waits = pid === null ? null : waitOf(pid);
    const evidence: Evidence = { ...figures, limitMs: stuck.inFlightMs, inFlight, waits };
    if (stuck.action === 'recycle') {
      post({ type: 'findings', incarnation: id, rule: 'stuck.inFlight', evidence });
      return;
    }
    const entry = say(evidence, id);
    if (stuck.action === 'diagnose') diagnose(id, entry);
  }
}

const isNews = ({ said }: Watched, seen: { stuck: Rule; tracked: Tracked | null; now: number }): boolean => {
  const of = seen.tracked?.gate?.oldestUnacknowledgedAt ?? null;
  const isAgain = said.of === of;
  if (isAgain && (seen.stuck.action !== 'recycle' || seen.now - said.at < FINDING_EVERY_MS)) return false;
  said.of = of;
  said.at = seen.now;
  return true;
};

const readingOf = (
  { gate, sample }: Tracked,
  at: number,
): { at: number; oldestAt: number | null; ticks: number | null } => {
  const user = sample?.treeUserTicks ?? null;
  const system = sample?.treeSystemTicks ?? null;
  return {
    at,
    oldestAt: gate?.oldestUnacknowledgedAt ?? null,
    ticks: user === null || system === null ? null : user + system,
  };
};
