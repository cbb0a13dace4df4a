/**
 * Who grows towards a memory ceiling and is not far from it: the last good moment to look into it, because a worker that is replaced may
 * be gone within a second. Once for each process, and of each program at most one a minute: what leaks in one leaks in its siblings.
 */
import type { CoreState } from '../core/types.ts';
import { judgedBytes } from '../policy/soft.ts';
import type { Recalled } from './growth-watch.ts';
import type { Tracked } from './sample-store.ts';

/** Of the lower ceiling: it is near, and it grew so much to come there (one that is large from the start does not leak). */
const NEAR = 0.75;
const GROWN = 0.2;
const PROGRAM_EVERY_MS = 60_000;

export class NearWatch {
  /** By incarnation its lowest reading; null once it was looked into. */
  readonly #lowest = new Map<string, number | null>();
  readonly #saidBefore = new Map<string, Recalled['said']>();
  /** By program. */
  readonly #saidAt = new Map<string, number>();

  /** One tick of an incarnation: whether it is to be looked into now. */
  judge(core: CoreState, { incarnation, sample, worker }: Tracked, at: number): boolean {
    const lowest = this.#lowest.get(incarnation);
    const program = core.workers[worker]?.program ?? '';
    const ceilings = core.programs[program]?.ceilings;
    if (lowest === null || ceilings === undefined || sample === null) return false;
    const ceiling = ceilings.softBytes ?? ceilings.hardBytes;
    const bytes = judgedBytes(sample, ceilings.metric);
    if (ceiling === null || bytes === null) return false;
    const from = Math.min(lowest ?? bytes, bytes);
    if (from !== lowest) this.#lowest.set(incarnation, from);
    if (bytes < NEAR * ceiling || bytes - from < GROWN * ceiling) return false;
    if (at - (this.#saidAt.get(program) ?? -Infinity) < PROGRAM_EVERY_MS) return false;
    this.#lowest.set(incarnation, null);
    if (this.#saidBefore.get(incarnation)?.('diagnose.begun') === true) return false;
    this.#saidAt.set(program, at);
    return true;
  }

  /** A shim was met: how small it was once, and whether an earlier controller has had it looked into. */
  recall(incarnation: string, { rows, said }: Recalled): void {
    if (rows.length > 0) this.#lowest.set(incarnation, Math.min(...rows.map(({ rssBytes }) => rssBytes)));
    this.#saidBefore.set(incarnation, said);
  }

  forget(incarnation: string): void {
    this.#lowest.delete(incarnation);
    this.#saidBefore.delete(incarnation);
  }
}
