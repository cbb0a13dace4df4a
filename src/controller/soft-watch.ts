/** Samples against the soft ceiling: which incarnations stand over theirs, said no oftener than the core needs to hear it. */
import { findIncarnation } from '../core/find.ts';
import type { CoreState, EventBody } from '../core/types.ts';
import { isDoubtful } from '../policy/settle.ts';
import { judgeSoft, judgedBytes, softEvidence } from '../policy/soft.ts';
import type { Tracked } from './sample-store.ts';

/** A standing soft finding is repeated no oftener than this; the core remembers the first one. */
const FINDING_EVERY_MS = 2_000;

/** An incarnation over its ceiling: since when, with how much, and when that was last said. */
interface Over {
  since: number;
  firstBytes: number;
  saidAt: number;
}

export class SoftWatch {
  readonly #over = new Map<string, Over>();

  /** One tick of an incarnation; the finding to post, or null. */
  judge(core: CoreState, tracked: Tracked, at: number): EventBody | null {
    const { sample, incarnation } = tracked;
    const ceilings = core.programs[core.workers[tracked.worker]?.program ?? '']?.ceilings;
    if (ceilings?.softBytes == null || sample === null) return null;
    const bytes = judgedBytes(sample, ceilings.metric);
    if (bytes === null) return null;
    const { bits, passed } = judgeSoft(tracked.overSoft, bytes > ceilings.softBytes);
    tracked.overSoft = bits;
    if (!passed) {
      this.#over.delete(incarnation);
      return null;
    }
    const over = this.#over.get(incarnation) ?? { since: at, firstBytes: bytes, saidAt: -Infinity };
    this.#over.set(incarnation, over);
    if (at - over.saidAt < FINDING_EVERY_MS || waitsToSettle(core, incarnation, { at, over, bytes })) return null;
    over.saidAt = at;
    return {
      type: 'findings',
      incarnation,
      rule: 'memory.soft',
      evidence: softEvidence(sample, ceilings, tracked.growth),
    };
  }

  forget(incarnation: string): void {
    this.#over.delete(incarnation);
  }
}

/** It replaced one that was over this ceiling, and nobody knows yet whether it leaks or needs so much (core/futile.ts). */
const waitsToSettle = (core: CoreState, id: string, seen: { at: number; over: Over; bytes: number }): boolean => {
  const place = findIncarnation(core, id);
  if (place === null || place.worker.bornOf !== 'memory.soft' || place.worker.recycle?.from === id) return false;
  const { spawnedAt, settledBytes } = place.incarnation;
  const { at, over, bytes } = seen;
  if (settledBytes !== undefined && settledBytes > over.firstBytes / 2) return false;
  return isDoubtful({ ageMs: at - spawnedAt, overMs: at - over.since, firstBytes: over.firstBytes, bytes });
};
