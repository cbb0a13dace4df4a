/** From the core's drafts to journal entries in words, and what each worker did last. */
import type { JournalEntry, JournalAction } from '../api/types.ts';
import type { EntryDraft, Evidence, Outcome } from '../core/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import type { Journal } from './journal.ts';
import { entryText, outcomeText } from './sentences.ts';

export class Scribe {
  readonly #journal: Journal;
  readonly #configFile: string;
  readonly #last = new Map<string, string>();
  /** When an open entry was written, for `tookMs`. */
  readonly #openedAt = new Map<string, number>();
  readonly #prefix: string;
  #next = 1;

  constructor(journal: Journal, configFile: string, prefix: string) {
    this.#journal = journal;
    this.#configFile = configFile;
    this.#prefix = prefix;
  }

  write(draft: EntryDraft): void {
    const entry: JournalEntry = {
      id: draft.id,
      time: new Date().toISOString(),
      action: draft.action,
      worker: draft.worker,
      program: draft.program,
      pid: draft.pid,
      incarnation: draft.incarnation,
      cause: draft.cause,
      reason: {
        rule: draft.rule,
        text: entryText(draft, { configFile: this.#configFile }),
        evidence: draft.evidence,
        policy:
          draft.policy === null ? null : { key: draft.policy.key, file: this.#configFile, line: draft.policy.line },
      },
      outcome: null,
    };
    this.#openedAt.set(draft.id, monotonicMs());
    if (this.#openedAt.size > 10_000) this.#forgetOldest();
    if (draft.worker !== null) this.#last.set(draft.worker, draft.id);
    this.#journal.append(entry);
  }

  conclude(outcome: Outcome): void {
    const opened = this.#openedAt.get(outcome.of);
    this.#openedAt.delete(outcome.of);
    this.#journal.conclude({
      of: outcome.of,
      outcome: {
        ok: outcome.ok,
        text: outcomeText(outcome),
        time: new Date().toISOString(),
        tookMs: opened === undefined ? 0 : Math.round(monotonicMs() - opened),
        evidence: outcome.evidence,
      },
    });
  }

  /** Something the controller itself has to say, outside of the core. Returns the entry's id. */
  say(
    action: JournalAction,
    rule: string,
    evidence: Evidence = {},
    worker: { name: string; program: string } | null = null,
  ): string {
    const id = `${this.#prefix}-c${this.#next++}`;
    this.write({
      id,
      action: action as EntryDraft['action'],
      worker: worker?.name ?? null,
      program: worker?.program ?? null,
      pid: null,
      incarnation: null,
      cause: null,
      rule,
      evidence,
      text: null,
      policy: null,
    });
    return id;
  }

  lastOf(worker: string): JournalEntry | null {
    const id = this.#last.get(worker);
    return id === undefined ? null : this.#journal.entry(id);
  }

  #forgetOldest(): void {
    const oldest = this.#openedAt.keys().next().value;
    if (oldest !== undefined) this.#openedAt.delete(oldest);
  }
}
