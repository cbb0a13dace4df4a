/**
 * A log file that two shims write, while workers move from the older into the newer. Both append whole lines (O_APPEND), so nothing is
 * overwritten; the question is the rotation. Only the newer one rotates. The older one looks, before each write, whether its file still
 * has the name, and after it whether the file was removed meanwhile: then what was just written is written once more.
 */
import { fstat, stat } from 'node:fs';
import { promisify } from 'node:util';
import { errorCode } from '../linux/proc-file.ts';

const statOpen = promisify(fstat);
const statPath = promisify(stat);

/** `alone`: nobody else writes our files. `leads`: we rotate, an older shim follows. `follows`: a newer shim rotates. */
export type LogSharing = 'alone' | 'leads' | 'follows';

export const isLogSharing = (value: unknown): value is LogSharing =>
  value === 'alone' || value === 'leads' || value === 'follows';

/** Whether the open file is still the one of that name. */
export async function isStillAt(path: string, descriptor: number): Promise<boolean> {
  const ours = await statOpen(descriptor);
  try {
    const found = await statPath(path);
    return found.ino === ours.ino && found.dev === ours.dev;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The true size of an open file, which another shim may have written to as well; null: it has been removed. */
export async function sharedSize(descriptor: number): Promise<number | null> {
  const found = await statOpen(descriptor);
  if (found.isFile() && found.nlink === 0) return null;
  return found.isFile() ? found.size : 0;
}
