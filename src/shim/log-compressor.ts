/**
 * Packs rotated log files (`path.N` → `path.N.gz`), one at a time however many logs rotate at midnight, so that of Node's few threads most
 * are left to those who write. At every instant each line is in a complete file: the packed one is written under another name, flushed
 * to the disk, renamed, and only then the plain one is removed. A shim that dies on the way leaves both, or a file that the next
 * packing overwrites.
 */
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { errorCode } from '../linux/proc-file.ts';
import { rotatedFiles } from '../linux/rotate.ts';
import { reason } from './log-open.ts';
import type { LogTrouble } from './log-open.ts';
import type { LogTurns } from './log-turns.ts';

/** About twice as fast as zlib's default, for a few percent more bytes. */
const LEVEL = 4;
const BLOCK_BYTES = 128 * 1024;

export class LogCompressor {
  readonly #turns: LogTurns;
  readonly #report: (trouble: LogTrouble) => void;
  /** Paths of logs, and how many of their rotated files count. */
  readonly #waiting = new Map<string, number>();
  readonly #ending = new AbortController();
  #working: Promise<void> | null = null;

  constructor(turns: LogTurns, report: (trouble: LogTrouble) => void) {
    this.#turns = turns;
    this.#report = report;
  }

  /** Pack what is plain among the rotated files of this log, in a while. */
  add(path: string, backups: number): void {
    this.#waiting.set(path, backups);
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Resolves when nothing is left to pack. */
  async settled(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  /** Give up what is under way: the plain files stay. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#waiting.clear();
    await this.settled();
  }

  async #work(): Promise<void> {
    for (const [path, backups] of this.#waiting) {
      this.#waiting.delete(path);
      try {
        await this.#packAll(path, backups);
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        const text = `A rotated file of the log ${path} could not be compressed: ${reason(error)}. It stays as it is until the next rotation.`;
        this.#report({ path, text, droppedLines: 0 });
      }
    }
  }

  /** The oldest first: it is the least likely to be renamed meanwhile. */
  async #packAll(path: string, backups: number): Promise<void> {
    const seen = new Set<number>();
    for (;;) {
      const there = await rotatedFiles(path);
      const plain = [...there].filter(([index, forms]) => index <= backups && forms.has('')).map(([index]) => index);
      const next = plain.toSorted((a, b) => b - a).find((index) => !seen.has(index));
      if (next === undefined || this.#ending.signal.aborted) return;
      seen.add(next);
      await this.#pack(path, next);
    }
  }

  async #pack(path: string, index: number): Promise<void> {
    const source = await openIfThere(`${path}.${index}`);
    if (source === null) return;
    const packed = `${path}.gz.tmp`;
    try {
      const found = await source.stat();
      if (!found.isFile()) return;
      await rm(packed, { force: true });
      const target = await open(packed, 'wx', found.mode & 0o777);
      try {
        // By number: a stream of a FileHandle that may not close it keeps it from ever being closed.
        const from = createReadStream('', { fd: source.fd, autoClose: false, highWaterMark: BLOCK_BYTES });
        const gzip = createGzip({ level: LEVEL, chunkSize: BLOCK_BYTES });
        const to = createWriteStream('', { fd: target.fd, autoClose: false });
        await pipeline(from, gzip, to, { signal: this.#ending.signal });
        await target.utimes(found.atime, found.mtime);
        await target.sync();
      } finally {
        await target.close();
      }
      await this.#turns.run(path, () => exchange(path, packed, found));
    } finally {
      await source.close();
      await rm(packed, { force: true });
    }
  }
}

/** A rotation may have given the plain file another number meanwhile, or removed it: then there is nothing left to replace. */
async function exchange(path: string, packed: string, source: { ino: number; dev: number }): Promise<void> {
  for (const [index, forms] of await rotatedFiles(path)) {
    const plain = `${path}.${index}`;
    if (!forms.has('')) continue;
    const { ino, dev } = await stat(plain);
    if (ino !== source.ino || dev !== source.dev) continue;
    await rename(packed, `${plain}.gz`);
    await rm(plain);
    return;
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
