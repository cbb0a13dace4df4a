/** The journal of a run: every intent, and the one outcome it may have. */
import type { Effect, EntryDraft } from '../../src/core/types.ts';

const MUST_CONCLUDE = new Set<EntryDraft['action']>(['start', 'recycle', 'stop']);

export class Ledger {
  readonly entries = new Map<string, EntryDraft>();
  readonly #outcomes = new Map<string, string>();
  readonly #open = new Set<string>();

  record(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type === 'journal') this.#intend(effect.entry);
      else if (effect.type === 'outcome') this.#conclude(effect.outcome.of, effect.outcome.rule);
    }
  }

  openIntents(): string[] {
    return [...this.#open].map((id) => {
      const entry = this.entries.get(id);
      return `${id} ${entry?.action} ${entry?.rule} ${entry?.worker}#${entry?.incarnation}`;
    });
  }

  #intend(entry: EntryDraft): void {
    if (this.entries.has(entry.id)) throw new Error(`journal id ${entry.id} was given twice`);
    if (entry.cause !== null && !this.entries.has(entry.cause))
      throw new Error(`entry ${entry.id} names the cause ${entry.cause}, which is no entry`);
    this.entries.set(entry.id, entry);
    if (MUST_CONCLUDE.has(entry.action)) this.#open.add(entry.id);
  }

  #conclude(of: string, rule: string): void {
    const entry = this.entries.get(of);
    if (entry === undefined) throw new Error(`outcome ${rule} of ${of}, which is no entry`);
    const before = this.#outcomes.get(of);
    if (before !== undefined)
      throw new Error(`entry ${of} (${entry.action} ${entry.rule}) concluded as ${before} and again as ${rule}`);
    this.#outcomes.set(of, rule);
    this.#open.delete(of);
  }
}
