/** Windows of a log by bytes, as text. A character belongs to the window it begins in, so no window cuts one and none is told twice. */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Fault } from './faults.ts';
import { withoutTerminalSequences } from './xml-text.ts';

/** More is not read at once, whatever is asked for: a log may have grown to any size. */
export const MOST_BYTES = 4 * 1024 * 1024;
/** UTF-8 continues a character for at most so many bytes. */
const CONTINUED = 3;

/** Where bytes come from: a file, or the activity log in memory. */
export interface Bytes {
  size: number;
  read: (from: number, to: number) => Promise<Buffer>;
}

interface Window {
  from: number;
  to: number;
}

/** `offset` < 0: the last so many bytes, `length` must be 0; else `length` bytes from there, 0 for all. @throws Fault BAD_ARGUMENTS */
export const readWindow = (bytes: Bytes, offset: number, length: number): Promise<string> => {
  if (length < 0 || (offset < 0 && length !== 0)) throw new Fault('BAD_ARGUMENTS');
  const from = offset < 0 ? Math.max(0, bytes.size + Math.max(offset, -MOST_BYTES)) : Math.min(offset, bytes.size);
  const to = Math.min(bytes.size, from + (length === 0 ? MOST_BYTES : Math.min(length, MOST_BYTES)));
  return textOf(bytes, { from, to });
};

/** `[text, size, overflow]`: at most `length` bytes up to the end; overflow: more than was asked for has come since `offset`. */
export const tailWindow = async (bytes: Bytes, offset: number, length: number): Promise<[string, number, boolean]> => {
  const most = Math.min(Math.max(0, length), MOST_BYTES);
  const overflow = bytes.size > offset + most;
  const nothingNew = !overflow && offset >= bytes.size;
  const from = nothingNew ? bytes.size : Math.max(0, bytes.size - most);
  return [await textOf(bytes, { from, to: bytes.size }), bytes.size, overflow];
};

const textOf = async (bytes: Bytes, { from, to }: Window): Promise<string> => {
  const beyond = Math.min(bytes.size, to + CONTINUED);
  const read = await bytes.read(from, beyond);
  const start = from === 0 ? 0 : continuedFrom(read, 0);
  const end = to - from >= read.length ? read.length : continuedFrom(read, to - from);
  return withoutTerminalSequences(read.toString('utf8', Math.min(start, end), end));
};

/** Where the character that a window's edge at `at` may have cut ends. */
export const continuedFrom = (bytes: Buffer, at: number): number => {
  let next = at;
  while (next < bytes.length && next < at + CONTINUED && ((bytes[next] ?? 0) & 0xc0) === 0x80) next += 1;
  return next;
};

/** What `use` makes of a file; null: it cannot be opened. */
export const withFile = async <T>(path: string, use: (bytes: Bytes) => Promise<T>): Promise<T | null> => {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = await file.stat();
    return await use({ size, read: (from, to) => readRange(file, from, to) });
  } finally {
    await file.close();
  }
};

export const readRange = async (file: FileHandle, from: number, to: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(Math.max(0, to - from));
  let got = 0;
  while (got < buffer.length) {
    const { bytesRead } = await file.read(buffer, got, buffer.length - got, from + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return buffer.subarray(0, got);
};
