/** The growth of each living incarnation: what trend it has, and whether its ceiling is near (policy/trend). */
import type { CoreState, EventBody, Evidence, GrowthPolicy } from '../core/types.ts';
import { judgedBytes } from '../policy/soft.ts';
import type { Sign } from '../policy/trend/approach.ts';
import { GrowthTrend } from '../policy/trend/growth-trend.ts';
import type { Leak } from '../policy/trend/growth-trend.ts';
import type { PastRow } from '../policy/trend/past.ts';
import { TIER_LENGTH } from '../policy/trend/tier.ts';
import type { Sample } from '../shim/protocol.ts';
import { ownBytes } from '../shim/samples.ts';
import { WARM_UP_MS, noteLeast } from './sample-store.ts';
import type { Tracked } from './sample-store.ts';

/** Where workers.yaml says nothing of growth its trend is shown all the same. */
const DEFAULT_WINDOW_MS = 1_200_000;
const LEAST_INTERVAL_MS = 250;
/** A standing finding is repeated no oftener than this; the core remembers the first one. */
const FINDING_EVERY_MS = 5_000;

interface Watched {
  watch: GrowthTrend;
  intervalMs: number;
  fedAt: number;
  foundAt: number;
  /** Rules that were said of it: each is, once. */
  said: Set<string>;
  saidBefore: Recalled['said'];
}

export interface GrowthNews {
  /** For the journal, once an incarnation. */
  warning: { rule: 'growth.leaking' | 'growth.near'; evidence: Evidence } | null;
  finding: EventBody | null;
}

const NOTHING: GrowthNews = { warning: null, finding: null };

/** What a shim kept of an incarnation while no controller looked. `said`: whether an earlier controller has journaled this of it. */
export interface Recalled {
  rows: readonly PastRow[];
  said: (rule: string) => boolean;
}

export class GrowthWatch {
  readonly #byIncarnation = new Map<string, Watched>();
  readonly #recalled = new Map<string, Recalled>();

  /** One tick of an incarnation. */
  judge(core: CoreState, tracked: Tracked, at: number): GrowthNews {
    const known = this.#byIncarnation.get(tracked.incarnation);
    if (known !== undefined && at - known.fedAt < known.intervalMs) return NOTHING;
    const policy = core.programs[core.workers[tracked.worker]?.program ?? ''];
    const own = tracked.sample === null ? null : ownBytes(tracked.sample);
    if (policy === undefined || tracked.sample === null || own === null) return NOTHING;
    const watched = known ?? this.#watched(tracked, policy.growth);
    watched.fedAt = at;
    watched.watch.add(rowOf(tracked.sample, { at, own, acknowledged: tracked.gate?.acknowledged ?? null }));
    tracked.trend = watched.watch.trend;
    tracked.past = watched.watch.past;
    const { growth, ceilings } = policy;
    const ceilingBytes = ceilings.softBytes ?? ceilings.hardBytes;
    const judged = judgedBytes(tracked.sample, ceilings.metric);
    // Growth is of anonymous memory; a ceiling also counts what is shared, and that stays.
    const room = ceilingBytes === null || judged === null ? null : ceilingBytes - judged;
    const near = growth === null || room === null ? null : watched.watch.approach(own + room, growth.horizonMs);
    if (near === null || growth === null) return { warning: this.#leakWarning(watched, tracked.sample), finding: null };
    const evidence = {
      ...evidenceOf(watched.watch.leakOf(near.figures, null), tracked.sample),
      ...signEvidence(near.sign),
      bytes: judged,
      ceilingBytes,
      reachesAfterMs: near.ms,
    };
    if (growth.action === 'warn')
      return { warning: isNews(watched, 'growth.near') ? { rule: 'growth.near', evidence } : null, finding: null };
    if (at - watched.foundAt < FINDING_EVERY_MS) return NOTHING;
    watched.foundAt = at;
    const finding = { type: 'findings', incarnation: tracked.incarnation, rule: 'memory.growth', evidence } as const;
    return { warning: null, finding };
  }

  /** A shim was met: the past of what lives in it, from which the trend follows as if it had been seen all along. */
  recall(incarnation: string, recalled: Recalled): void {
    this.#recalled.set(incarnation, recalled);
  }

  forget(incarnation: string): void {
    this.#recalled.delete(incarnation);
    this.#byIncarnation.delete(incarnation);
  }

  /** From now on. */
  #watched(tracked: Tracked, growth: GrowthPolicy | null): Watched {
    const { incarnation } = tracked;
    const windowMs = growth?.windowMs ?? DEFAULT_WINDOW_MS;
    const intervalMs = Math.max(LEAST_INTERVAL_MS, windowMs / TIER_LENGTH);
    const watched: Watched = {
      watch: new GrowthTrend({ windowMs, intervalMs }),
      intervalMs,
      fedAt: -Infinity,
      foundAt: -Infinity,
      said: new Set(),
      saidBefore: this.#recalled.get(incarnation)?.said ?? (() => false),
    };
    this.#byIncarnation.set(incarnation, watched);
    this.#feedPast(tracked, watched);
    return watched;
  }

  #feedPast(tracked: Tracked, watched: Watched): void {
    const { incarnation } = tracked;
    const recalled = this.#recalled.get(incarnation);
    this.#recalled.delete(incarnation);
    if (recalled === undefined) return;
    for (const row of recalled.rows) {
      watched.watch.add(row);
      if (row.at - (recalled.rows[0]?.at ?? row.at) >= WARM_UP_MS) noteLeast(tracked, row.ownBytes);
    }
  }

  #leakWarning(watched: Watched, sample: Sample): GrowthNews['warning'] {
    const { leak } = watched.watch;
    if (leak === null || !isNews(watched, 'growth.leaking')) return null;
    return { rule: 'growth.leaking', evidence: evidenceOf(leak, sample) };
  }
}

/** Asked once it is to be said: an earlier controller may have. */
const isNews = ({ said, saidBefore }: Watched, rule: string): boolean => {
  if (said.has(rule)) return false;
  said.add(rule);
  return !saidBefore(rule);
};

const rowOf = (sample: Sample, of: { at: number; own: number; acknowledged: number | null }): PastRow => ({
  at: of.at,
  rssBytes: sample.treeBytes ?? sample.rssBytes,
  ownBytes: of.own,
  swapBytes: sample.swapBytes ?? 0,
  zendBytes: sample.zendHeapRealBytes,
  acknowledged: of.acknowledged,
});

const evidenceOf = ({ figures, part, zendBytesPerMinute, bytesPerMessage }: Leak, sample: Sample): Evidence => ({
  part,
  zendBytesPerMinute,
  growthBytesPerMinute: Math.round(figures.slope * 60_000),
  growingSeconds: Math.round(figures.spanMs / 1000),
  fromBytes: figures.firstBytes,
  toBytes: figures.lastBytes,
  tau: Math.round(figures.tau * 100) / 100,
  growthBytesPerMessage: bytesPerMessage,
  descendantBytes: descendantBytes(sample),
});

/** Null where it has none. */
const descendantBytes = ({ treeBytes, rssBytes }: Sample): number | null =>
  treeBytes === null || treeBytes <= rssBytes ? null : treeBytes - rssBytes;

const signEvidence = (sign: Sign): Evidence => {
  switch (sign.kind) {
    case 'growth':
      return {};
    case 'leaps':
      return { leaps: sign.count, leapBytes: sign.leapBytes };
    case 'messages':
      return {
        growthBytesPerMessage: Math.round(sign.bytesPerMessage),
        messages: sign.count,
        messagesPerMinute: Math.round(sign.perMinute * 10) / 10,
      };
  }
};
