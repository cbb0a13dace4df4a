/** Successors of workers that were recycled for memory: where each settles while it is fresh, which says whether the recycle helped. */
import { findIncarnation } from '../core/find.ts';
import type { CoreState, EventBody } from '../core/types.ts';
import { FRESH_MS, Settling } from '../policy/settle.ts';
import { judgedBytes } from '../policy/soft.ts';
import type { Tracked } from './sample-store.ts';

export class SettleWatch {
  readonly #fresh = new Map<string, Settling>();

  /** One tick of an incarnation; the level to tell the core, or null. */
  judge(core: CoreState, { incarnation, worker, sample }: Tracked, at: number): EventBody | null {
    // Asked of every worker at every tick, and of most there is nothing to find.
    if (core.workers[worker]?.bornOf?.startsWith('memory.') !== true || sample === null) return null;
    const place = findIncarnation(core, incarnation);
    if (place === null) return null;
    const age = at - place.incarnation.spawnedAt;
    if (age > FRESH_MS) {
      this.#fresh.delete(incarnation);
      return null;
    }
    const metric = core.programs[place.worker.program]?.ceilings.metric ?? 'rss';
    const bytes = judgedBytes(sample, metric);
    if (bytes === null) return null;
    const settling = this.#fresh.get(incarnation) ?? new Settling();
    this.#fresh.set(incarnation, settling);
    const settled = settling.add(age, bytes);
    return settled === null ? null : { type: 'settled', incarnation, bytes: settled };
  }

  forget(incarnation: string): void {
    this.#fresh.delete(incarnation);
  }
}
