/** Reads a text file that a user named, with a sentence for everything that can be wrong with it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Parsed } from './parsed.ts';
import { read } from './parsed.ts';

/** Far above any real configuration; keeps a wrong path from filling the memory. */
const MOST_BYTES = 4 * 1024 * 1024;

export type FileText = { ok: true; text: string } | { ok: false; found: string; expected: string };

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file (a part of its path is not a directory)',
  EACCES: 'a file that this user may not read',
  EPERM: 'a file that this user may not read',
  ELOOP: 'a circle of symbolic links',
  ENAMETOOLONG: 'a file name that is too long',
};

interface Reading {
  /** A byte order mark stays the first character. */
  keepMark: boolean;
}

function decode(bytes: Buffer, { keepMark }: Reading): Parsed<string> {
  try {
    return read(new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepMark }).decode(bytes));
  } catch {
    // The only failure of a fatal decoder: bytes that are not UTF-8.
    return { ok: false, expected: 'UTF-8 text', suggestion: null };
  }
}

function readOpened(descriptor: number, reading: Reading): FileText {
  const expected = 'a readable text file';
  const status = fstatSync(descriptor);
  if (status.isDirectory()) return { ok: false, found: 'a directory', expected };
  if (!status.isFile()) return { ok: false, found: 'something that is not a regular file', expected };
  if (status.size > MOST_BYTES)
    return { ok: false, found: `${status.size} bytes`, expected: `at most ${MOST_BYTES} bytes` };
  const decoded = decode(readFileSync(descriptor), reading);
  if (!decoded.ok) return { ok: false, found: 'bytes that are not UTF-8', expected: decoded.expected };
  if (decoded.value.includes('\0')) return { ok: false, found: 'binary data', expected };
  return { ok: true, text: decoded.value };
}

/** The whole file as text. Never throws for what a user can get wrong. */
export function readTextFile(path: string, reading: Reading = { keepMark: false }): FileText {
  let descriptor: number | null = null;
  try {
    // Non-blocking, so that a FIFO is refused instead of waited for.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return readOpened(descriptor, reading);
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
    if (code === null) throw error;
    return {
      ok: false,
      found: SYSTEM_ERRORS[code] ?? `a file that cannot be read (${code})`,
      expected: 'a readable text file',
    };
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}
