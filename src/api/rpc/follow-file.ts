/** `tail -f` of a log over HTTP: its last bytes, then what comes, by inode through rotations. Reads only as fast as the client takes. */
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { continuedFrom, readRange } from './log-window.ts';

const HEAD_BYTES = 1024;
const CHUNK_BYTES = 64 * 1024;
const LOOK_MS = 100;
const TRUNCATED = '==> File truncated <==\n';

interface Place {
  file: FileHandle;
  inode: number;
  at: number;
}

/** Ends when `gone` is aborted. Nothing is held open before the first bytes are asked for. @throws when the file cannot be opened */
export async function* followFile(path: string, gone: AbortSignal): AsyncGenerator<Uint8Array> {
  // What is no UTF-8 becomes U+FFFD, and a character that is not complete yet waits: the client decodes chunk by chunk.
  const decoder = new TextDecoder();
  let place = await openPlace(path);
  let isCut = await toHead(place);
  try {
    while (!gone.aborted) {
      const { size } = await place.file.stat();
      if (size < place.at) {
        place.at = 0;
        yield Buffer.from(TRUNCATED);
      }
      const read = await readRange(place.file, place.at, Math.min(size, place.at + CHUNK_BYTES));
      place.at += read.length;
      const text = decoder.decode(read.subarray(isCut ? continuedFrom(read, 0) : 0), { stream: true });
      isCut &&= read.length === 0;
      if (text !== '') yield Buffer.from(text);
      if (read.length > 0) continue;
      place = await successor(path, place);
      await pause(LOOK_MS, undefined, { signal: gone }).catch(() => undefined);
    }
  } finally {
    await place.file.close();
  }
}

/** Go to the last bytes; whether a character may be cut there. */
const toHead = async (place: Place): Promise<boolean> => {
  const { size } = await place.file.stat();
  place.at = Math.max(0, size - HEAD_BYTES);
  return place.at > 0;
};

/** The file that took the name since; the same place while there is none. */
const successor = async (path: string, place: Place): Promise<Place> => {
  const now = await stat(path).catch(() => null);
  if (now === null || now.ino === place.inode) return place;
  const next = await openPlace(path).catch(() => null);
  if (next === null) return place;
  await place.file.close();
  return next;
};

const openPlace = async (path: string): Promise<Place> => {
  const file = await open(path, 'r');
  const { ino } = await file.stat();
  return { file, inode: ino, at: 0 };
};
