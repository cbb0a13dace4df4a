import { setTimeout as pause } from 'node:timers/promises';
import { LogCompressor } from './log-compressor.ts';
import { LogFile } from './log-file.ts';
import type { LogTrouble } from './log-open.ts';
import type { LogTools } from './log-rotation.ts';
import type { LogSharing } from './log-sharing.ts';
import { LogTurns } from './log-turns.ts';
import type { LogCleared } from './protocol.ts';
import type { LogLimits, LogTarget } from './spawn-spec.ts';

const CLEAR_DEADLINE_MS = 3000;

interface Entry {
  log: LogFile;
  users: number;
}

/** One log object a path: both incarnations of a worker, and every worker with the same path, write through it. */
export class LogRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #sharing: LogSharing = 'alone';
  readonly #report: (trouble: LogTrouble) => void;
  readonly #tools: LogTools;

  constructor(report: (trouble: LogTrouble) => void) {
    this.#report = report;
    const turns = new LogTurns();
    this.#tools = { turns, compressor: new LogCompressor(turns, report) };
  }

  /** The log of this path, opened if it is not. Throws a sentence when it cannot be. Each acquire needs one release. */
  acquire(target: LogTarget): LogFile {
    const entry = this.#entries.get(target.path) ?? { log: this.#open(target), users: 0 };
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

  /** Another shim writes the same files from now on, or no longer does. */
  share(sharing: LogSharing): void {
    this.#sharing = sharing;
    for (const { log } of this.#entries.values()) log.sharing = sharing;
  }

  reopen(): void {
    for (const { log } of this.#entries.values()) log.reopen();
  }

  /** For a log that is open; one that is not gets its limits from its next user. */
  setLimits(path: string, limits: LogLimits): void {
    this.#entries.get(path)?.log.setLimits(limits);
  }

  /** Empty those of the logs that are open here, and leave every other file alone. */
  clear(paths: readonly string[]): Promise<LogCleared[]> {
    return Promise.all(paths.map((path) => this.#clear(path)));
  }

  /** Resolves when no rotated file is left to compress. */
  compressed(): Promise<void> {
    return this.#tools.compressor.settled();
  }

  /** Write out what the disks take; for the end of the shim. */
  async flush(): Promise<void> {
    await Promise.all([...[...this.#entries.values()].map(({ log }) => log.flush()), ...this.#closing]);
  }

  /** Leave to the next shim what is not compressed yet. */
  end(): Promise<void> {
    return this.#tools.compressor.end();
  }

  async #clear(path: string): Promise<LogCleared> {
    const entry = this.#entries.get(path);
    if (entry === undefined) return { path, result: 'closed', text: '' };
    const late = new AbortController();
    const cleared = entry.log.clear().then((): LogCleared => ({ path, result: 'cleared', text: '' }));
    const given = pause(CLEAR_DEADLINE_MS, undefined, { signal: late.signal }).then((): LogCleared => {
      const text = `The log ${path} could not be emptied within ${CLEAR_DEADLINE_MS / 1000} s: its disk hangs or refuses.`;
      return { path, result: 'failed', text };
    });
    given.catch(() => undefined);
    try {
      return await Promise.race([cleared, given]);
    } finally {
      late.abort();
    }
  }

  #open(target: LogTarget): LogFile {
    const log = new LogFile(target, this.#report, this.#tools);
    log.sharing = this.#sharing;
    return log;
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
