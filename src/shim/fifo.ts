import { chownSync, closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { errorCode } from '../linux/proc-file.ts';

/** One output stream of one incarnation, both ends. */
export interface Fifo {
  readonly reader: Socket;
  /** A blocking descriptor for the worker. We keep it until the worker is gone, so that the end of the stream then means: drained. */
  readonly writeEnd: number;
  readonly path: string;
}

/**
 * Open both ends of a FIFO. It is handed to `owner` (with its mode 0600), because PHP opens `/dev/stdout` by its resolved name, which
 * therefore stays in place until the stream ends. Our end does not block; being open first, it lets the blocking open of the write end
 * return at once.
 */
function openFifo(path: string, owner: { uid: number; gid: number } | null): Fifo {
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writeEnd = openSync(path, constants.O_WRONLY);
    return { reader: new Socket({ fd: readEnd, readable: true, writable: false }), writeEnd, path };
  } catch (error) {
    closeSync(readEnd);
    throw error;
  }
}

/** Open several; when one of them cannot be opened, none stays open. */
export function openFifos<T extends { path: string }>(
  ends: readonly T[],
  owner: { uid: number; gid: number } | null,
): (T & Fifo)[] {
  const opened: (T & Fifo)[] = [];
  try {
    for (const end of ends) opened.push({ ...end, ...openFifo(end.path, owner) });
    return opened;
  } catch (error) {
    for (const { reader, writeEnd } of opened) {
      reader.destroy();
      closeSync(writeEnd);
    }
    throw error;
  }
}

/** Remove a FIFO's name. */
export function unlinkFifo(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
