/**
 * The append-only record of actions and their reasons: JSON lines through pino, an intent first, its outcome as a line of its own
 * later. The newest entries stay in memory, joined, for status, journal and explain. A journal that cannot be written (full disk)
 * goes to stderr and this ring, and is said in `status`; it never stops supervision.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import pino from 'pino';
import { makeFolder } from '../linux/make-folder.ts';
import { rotateFilesSync } from '../linux/rotate.ts';
import type { JournalEntry } from '../api/types.ts';

/** Entries kept in memory; older ones are in the file. */
const RING = 5_000;
const DAY_MS = 86_400_000;
const NEWLINE = 10;

export interface JournalOptions {
  path: string;
  maxSizeBytes: number;
  backups: number;
}

interface OutcomeLine {
  of: string;
  outcome: NonNullable<JournalEntry['outcome']>;
}

type Listener = (entry: JournalEntry) => void;

export class Journal {
  readonly #options: JournalOptions;
  readonly #entries = new Map<string, JournalEntry>();
  readonly #listeners = new Set<Listener>();
  #destination: ReturnType<typeof pino.destination> | null = null;
  #logger: pino.Logger | null = null;
  #size = 0;
  #day = 0;
  #inode = 0;
  #trouble: string | null = null;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#open();
  }

  /** Why the journal cannot be written; null while it can. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Called with each new entry, and again with the joined entry when its outcome is known. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  append(entry: JournalEntry): void {
    this.#remember(entry);
    this.#write(entry);
    for (const listener of this.#listeners) listener(entry);
  }

  conclude(line: OutcomeLine): void {
    this.#write(line);
    const entry = this.#entries.get(line.of);
    if (entry === undefined) return;
    const joined = { ...entry, outcome: line.outcome };
    this.#entries.set(line.of, joined);
    for (const listener of this.#listeners) listener(joined);
  }

  /** Oldest first. */
  entries(): JournalEntry[] {
    return [...this.#entries.values()];
  }

  entry(id: string): JournalEntry | null {
    return this.#entries.get(id) ?? null;
  }

  /** Entries of an earlier controller, read back from the file (history.ts). */
  restore(entries: readonly JournalEntry[]): void {
    for (const entry of entries) this.#remember(entry);
  }

  close(): void {
    this.#destination?.end();
    this.#destination = null;
    this.#logger = null;
  }

  #remember(entry: JournalEntry): void {
    this.#entries.set(entry.id, entry);
    if (this.#entries.size <= RING) return;
    const oldest = this.#entries.keys().next().value;
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #open(): void {
    const { path } = this.#options;
    try {
      makeFolder(dirname(path), 0o755);
      this.#destination = pino.destination({ dest: path, sync: true, mode: 0o640 });
      this.#destination.on('error', (error: Error) => this.#fail(error));
      this.#logger = pino({ base: null, timestamp: false, formatters: { level: () => ({ v: 1 }) } }, this.#destination);
      const { size, birthtimeMs, ino } = statSync(path);
      this.#inode = ino;
      this.#size = size;
      this.#day = Math.floor((size === 0 ? Date.now() : birthtimeMs) / DAY_MS);
      this.#trouble = null;
      // A full disk or a SIGKILL cut the last line: the next one must not be read as its end.
      if (size > 0 && lastByte(path, size) !== NEWLINE) this.#destination.write('\n');
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #write(line: JournalEntry | OutcomeLine): void {
    try {
      if (this.#logger !== null && this.#isGone()) this.close();
      if (this.#logger === null) this.#open();
      this.#rotateIfDue();
      this.#logger?.info(line);
      this.#size += JSON.stringify(line).length + 1;
      if (this.#logger !== null) this.#trouble = null;
    } catch (error) {
      this.#fail(error as Error);
    }
    if (this.#trouble !== null) process.stderr.write(`${JSON.stringify(line)}\n`);
  }

  /** Somebody removed or renamed the file (rm, an external logrotate): what is written to it now, nobody would find. */
  #isGone(): boolean {
    return statSync(this.#options.path, { throwIfNoEntry: false })?.ino !== this.#inode;
  }

  /** By size, and once a day if anything was written since. */
  #rotateIfDue(): void {
    const { path, maxSizeBytes, backups } = this.#options;
    const today = Math.floor(Date.now() / DAY_MS);
    const full = maxSizeBytes > 0 && this.#size >= maxSizeBytes;
    if (!full && (this.#size === 0 || this.#day === today)) return;
    rotateFilesSync(path, backups);
    this.close();
    this.#open();
  }

  #fail(error: Error): void {
    this.#trouble = `the journal ${this.#options.path} cannot be written (${error.message}); its lines go to stderr`;
    this.#destination?.destroy();
    this.#destination = null;
    this.#logger = null;
  }
}

const lastByte = (path: string, size: number): number | undefined => {
  const descriptor = openSync(path, 'r');
  try {
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, size - 1);
    return byte[0];
  } finally {
    closeSync(descriptor);
  }
};
