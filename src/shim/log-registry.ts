import { LogFile } from './log-file.ts';
import type { LogTrouble } from './log-file.ts';
import type { LogTarget } from './protocol.ts';

interface Entry {
  log: LogFile;
  users: number;
}

/** One log object a path: both incarnations of a worker, and every worker with the same path, write through it. */
export class LogRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  readonly #report: (trouble: LogTrouble) => void;

  constructor(report: (trouble: LogTrouble) => void) {
    this.#report = report;
  }

  /** The log of this path, opened if it is not. Throws a sentence when it cannot be. Each acquire needs one release. */
  acquire(target: LogTarget): LogFile {
    const entry = this.#entries.get(target.path) ?? { log: new LogFile(target, this.#report), users: 0 };
    this.#entries.set(target.path, entry);
    entry.users += 1;
    entry.log.configure(target);
    return entry.log;
  }

  /** Give a log back. It is closed once nobody uses it and everything is written; until then a new user gets the same object. */
  release(log: LogFile): void {
    const entry = this.#entries.get(log.path);
    if (entry?.log !== log) return;
    entry.users -= 1;
    if (entry.users > 0) return;
    log.whenSettled(() => {
      if (entry.users === 0 && this.#entries.get(log.path) === entry) this.#close(entry.log);
    });
  }

  reopen(): void {
    for (const { log } of this.#entries.values()) log.reopen();
  }

  /** Write out what the disks take; for the end of the shim. */
  async flush(): Promise<void> {
    await Promise.all([...[...this.#entries.values()].map(({ log }) => log.flush()), ...this.#closing]);
  }

  #close(log: LogFile): void {
    this.#entries.delete(log.path);
    const closing = log.close().catch((error: unknown) => {
      this.#report({
        path: log.path,
        text: `The log ${log.path} could not be closed: ${String(error)}`,
        droppedLines: 0,
      });
    });
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
