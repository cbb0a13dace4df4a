/** Samples against the soft ceiling: which incarnations stand over theirs, said no oftener than the core needs to hear it. */
import type { CoreState, EventBody } from '../core/types.ts';
import { judgeSoft, judgedBytes, softEvidence } from '../policy/soft.ts';
import type { Tracked } from './sample-store.ts';

/** A standing soft finding is repeated no oftener than this; the core remembers the first one. */
const FINDING_EVERY_MS = 2_000;

export class SoftWatch {
  readonly #foundAt = new Map<string, number>();

  /** One tick of an incarnation; the finding to post, or null. */
  judge(core: CoreState, tracked: Tracked, at: number): EventBody | null {
    const { sample, incarnation } = tracked;
    const ceilings = core.programs[core.workers[tracked.worker]?.program ?? '']?.ceilings;
    if (ceilings?.softBytes == null || sample === null) return null;
    const bytes = judgedBytes(sample, ceilings.metric);
    if (bytes === null) return null;
    const { bits, passed } = judgeSoft(tracked.overSoft, bytes > ceilings.softBytes);
    tracked.overSoft = bits;
    if (!passed || at - (this.#foundAt.get(incarnation) ?? -FINDING_EVERY_MS) < FINDING_EVERY_MS) return null;
    this.#foundAt.set(incarnation, at);
    return {
      type: 'findings',
      incarnation,
      rule: 'memory.soft',
      evidence: softEvidence(sample, ceilings, tracked.growth),
    };
  }

  forget(incarnation: string): void {
    this.#foundAt.delete(incarnation);
  }
}
