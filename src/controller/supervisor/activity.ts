/**
 * The journal as supervisord's activity log: for what supervisord knows, its own lines, which scripts look for; for everything else,
 * and that is why something was done, the journal's sentence. Rendered when it is asked for, from the entries that are in memory.
 */
import type { ActivityLog } from '../../api/rpc/supervisor.ts';
import type { JournalEntry } from '../../api/types.ts';
import type { Journal } from '../journal.ts';
import { activityLines } from './activity-lines.ts';
import type { ActivityLine } from './activity-lines.ts';

export class Activity implements ActivityLog {
  readonly #journal: Journal;
  readonly #startMs: (program: string) => number;
  /** Lines before this moment were cleared. */
  #since = 0;

  /** @param startMs a program's start.seconds, which supervisord's lines mention */
  constructor(journal: Journal, startMs: (program: string) => number) {
    this.#journal = journal;
    this.#startMs = startMs;
  }

  text(): string {
    const lines = this.#journal.entries().flatMap((entry) => this.#whole(entry));
    return textOf(lines.filter(({ at }) => at >= this.#since).toSorted((a, b) => a.at - b.at));
  }

  follow(listener: (lines: string) => void): () => void {
    return this.#journal.subscribe((entry) => {
      const text = textOf(activityLines(entry, this.#startMs));
      if (text !== '') listener(text);
    });
  }

  clear(): void {
    this.#since = Date.now();
  }

  /** What an entry added when it was written, and what its outcome added. */
  #whole(entry: JournalEntry): ActivityLine[] {
    const begun = activityLines({ ...entry, outcome: null }, this.#startMs);
    if (entry.outcome === null || entry.action === 'exit') return begun;
    return [...begun, ...activityLines(entry, this.#startMs)];
  }
}

const textOf = (lines: readonly ActivityLine[]): string => lines.map(({ text }) => `${text}\n`).join('');
