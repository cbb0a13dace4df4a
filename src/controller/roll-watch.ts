/** Follows a reload until every process is of the configuration that it brought; then its journal entry has its outcome. */
import { CHANGED } from '../core/request.ts';
import { isOutdated } from '../core/roll.ts';
import type { CoreState, Outcome } from '../core/types.ts';

export class RollWatch {
  readonly #conclude: (outcome: Outcome) => void;
  #open: { entry: string; rolled: number } | null = null;

  constructor(conclude: (outcome: Outcome) => void) {
    this.#conclude = conclude;
  }

  /** @param entry of the journal, waiting for its outcome */
  begin(entry: string, core: CoreState): void {
    if (this.#open !== null)
      this.#conclude({ of: this.#open.entry, ok: false, rule: 'overtaken', evidence: { by: 'reload' } });
    this.#open = { entry, rolled: unfinished(core) };
    this.check(core);
  }

  /** After every event; costs nothing while no reload is under way. */
  check(core: CoreState): void {
    if (this.#open === null || unfinished(core) > 0) return;
    const { entry, rolled } = this.#open;
    this.#open = null;
    this.#conclude({ of: entry, ok: true, rule: 'reloaded', evidence: { replaced: rolled } });
  }
}

const unfinished = (core: CoreState): number =>
  Object.values(core.workers).filter((worker) => worker.recycle?.rule === CHANGED || isOutdated(core, worker)).length;
