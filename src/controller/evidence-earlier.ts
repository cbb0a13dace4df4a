/**
 * What a controller that was killed had begun to look into. Its `diagnose` went on by itself and wrote its bundle; here the entry that
 * led to it is closed: at once where the bundle is there, else once it is, or when that process must have come to its end.
 */
import type { JournalEntry } from '../api/types.ts';
import type { Outcome } from '../core/types.ts';
import { conclusionOf } from './evidence.ts';
import { EvidenceStore } from './evidence-store.ts';

/** Ten seconds of looking, perf's recording read, and a crowded host. */
const LAST_MS = 90_000;
const AGAIN_MS = 3_000;
/** An entry may be one more about a process that was being looked into already. */
const BEGUN_BEFORE_MS = 15_000;

export interface EarlierParts {
  /** Of the journal, as it was read back. */
  entries: readonly JournalEntry[];
  dataDir: string;
  conclude: (outcome: Outcome) => void;
}

export class EarlierEvidence {
  readonly #parts: EarlierParts;
  #again: NodeJS.Timeout | null = null;
  #leftMs = LAST_MS;
  #open: JournalEntry[];

  constructor(parts: EarlierParts) {
    this.#parts = parts;
    this.#open = parts.entries.filter(({ reason, outcome }) => reason.rule === 'diagnose.begun' && outcome === null);
    this.#look();
  }

  close(): void {
    if (this.#again !== null) clearTimeout(this.#again);
  }

  #look(): void {
    this.#close();
    if (this.#open.length === 0) return;
    if (this.#leftMs <= 0) this.#giveUp();
    else this.#again = setTimeout(() => this.#look(), AGAIN_MS).unref();
    this.#leftMs -= AGAIN_MS;
  }

  /** Those whose bundle is there. */
  #close(): void {
    this.#open = this.#open.filter((entry) => {
      const outcome = this.#outcomeOf(entry);
      if (outcome !== null) this.#parts.conclude(outcome);
      return outcome === null;
    });
  }

  #giveUp(): void {
    const evidence = { text: 'the controller was killed meanwhile' };
    for (const { id } of this.#open) this.#parts.conclude({ of: id, ok: false, rule: 'notDiagnosed', evidence });
    this.#open = [];
  }

  #outcomeOf({ id, worker, pid, time }: JournalEntry): Outcome | null {
    if (worker === null || pid === null) return null;
    const bundle = new EvidenceStore(this.#parts.dataDir).find(worker, pid, Date.parse(time) - BEGUN_BEFORE_MS);
    const found = bundle === null ? null : conclusionOf(bundle.json);
    if (bundle === null || found === null || 'why' in found) return null;
    return { of: id, ok: true, rule: 'diagnosed', evidence: { ...found.figures, path: bundle.path } };
  }
}
