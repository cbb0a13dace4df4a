/**
 * Reads a log file that others write, rotate (rename) and truncate, as `tail -F` does: the last lines, then what is appended.
 * After a rename the old file is read to its end before the new one begins, and so is what came and went between the two.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { rotatedFiles } from '../linux/rotate.ts';
import { errnoOf } from './errno.ts';

const BLOCK = 64 * 1024;
/** inotify wakes us sooner; this is for file systems that have none (NFS, some overlays). */
const POLL_MS = 500;
/** The last lines are looked for in this much of the file's end. */
const MAX_TAIL_BYTES = 8 * 1024 * 1024;

export type Write = (chunk: Buffer) => void;

/** Where the last `lines` lines begin, in bytes from the start. */
export async function tailOffset(file: FileHandle, size: number, lines: number): Promise<number> {
  if (lines <= 0) return size;
  const block = Buffer.allocUnsafe(BLOCK);
  let seen = 0;
  let end = size;
  const floor = Math.max(0, size - MAX_TAIL_BYTES);
  while (end > floor) {
    const start = Math.max(floor, end - BLOCK);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    if (bytesRead < end - start) return start;
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      // The newline that ends the file begins no line.
      if (block[at] !== 0x0a || start + at === size - 1) continue;
      seen += 1;
      if (seen === lines) return start + at + 1;
    }
    end = start;
  }
  return floor;
}

/** Writes from `offset` to the present end; returns the new offset. */
async function drain(file: FileHandle, offset: number, write: Write): Promise<number> {
  let at = offset;
  for (;;) {
    const block = Buffer.allocUnsafe(BLOCK);
    const { bytesRead } = await file.read(block, 0, BLOCK, at);
    if (bytesRead === 0) return at;
    write(block.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Writes the last `lines` lines; returns the open file and how far it was read. The caller closes it. */
export async function tail(path: string, lines: number, write: Write): Promise<{ file: FileHandle; offset: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const offset = await drain(file, await tailOffset(file, size, lines), write);
    return { file, offset };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const nobodyWaits = (): void => undefined;

/** Resolves at the next change in the file's directory, after POLL_MS, or when aborted. */
function createWaiter(path: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  let wake = nobodyWaits;
  let changed = false;
  const name = basename(path);
  const notice = (): void => {
    changed = true;
    wake();
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(dirname(path), (_, file) => {
      if (file === null || file === name) notice();
    });
    // A watch that ends (directory removed, inotify limit) leaves the polling.
    watcher.on('error', () => watcher?.close());
  } catch {
    // ENOSPC: no inotify watch left. Polling serves as well, only later.
    watcher = null;
  }
  signal.addEventListener('abort', notice);
  return {
    next: () =>
      new Promise((resolve) => {
        const timer = setTimeout(notice, changed ? 0 : POLL_MS);
        wake = () => {
          clearTimeout(timer);
          wake = nobodyWaits;
          changed = false;
          resolve();
        };
      }),
    close: () => {
      watcher?.close();
      signal.removeEventListener('abort', notice);
    },
  };
}

/** The file now at `path`, opened, if it is another than `file`; null: the same, or none. */
async function successor(path: string, file: FileHandle): Promise<FileHandle | null> {
  try {
    const [mine, there] = [await file.stat(), await stat(path)];
    return mine.ino === there.ino && mine.dev === there.dev ? null : await open(path, 'r');
  } catch (error) {
    // Between rename and creation there is no file for a moment.
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

interface Skipped {
  path: string;
  file: FileHandle;
  next: FileHandle;
  write: Write;
  notice: (text: string) => void;
}

/** Writes what is in rotated files that are newer than `file` and older than `next`: a log may be rotated several times between two looks. */
async function writeSkipped({ path, file, next, write, notice }: Skipped): Promise<void> {
  const [mine, last] = [await file.stat(), await next.stat()];
  const there = await rotatedFiles(path);
  for (const index of [...there.keys()].toSorted((a, b) => b - a)) {
    for (const form of there.get(index) ?? []) {
      const name = `${path}.${index}${form}`;
      try {
        const found = await stat(name);
        // The packed form of a file has its times.
        if (found.mtimeMs <= mine.mtimeMs || found.ino === mine.ino || found.ino === last.ino) continue;
        const bytes = (await open(name, 'r')).createReadStream();
        const show = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
          for await (const chunk of chunks) write(chunk);
        };
        await (form === '' ? pipeline(bytes, show) : pipeline(bytes, createGunzip(), show));
        // A file that is just being compressed is there in both forms.
        break;
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
        notice(`${name} was rotated once more before it could be read`);
      }
    }
  }
}

export interface FollowOptions {
  path: string;
  lines: number;
  signal: AbortSignal;
  write: Write;
  /** The file was rotated or truncated: a sentence for stderr. */
  notice: (text: string) => void;
}

/** Writes the last lines and then everything appended, until aborted. Throws when the file cannot be opened or read. */
export async function follow({ path, lines, signal, write, notice }: FollowOptions): Promise<void> {
  const waiter = createWaiter(path, signal);
  let { file, offset } = await tail(path, lines, write);
  try {
    while (!signal.aborted) {
      offset = await drain(file, offset, write);
      const { size } = await file.stat();
      if (size < offset) {
        notice(`${path} was truncated`);
        offset = 0;
        continue;
      }
      const next = await successor(path, file);
      if (next !== null) {
        // What was written between the last read and the rename, and what was begun and rotated since.
        await drain(file, offset, write);
        await writeSkipped({ path, file, next, write, notice });
        await file.close();
        [file, offset] = [next, 0];
        continue;
      }
      await waiter.next();
    }
  } finally {
    waiter.close();
    await file.close();
  }
}
