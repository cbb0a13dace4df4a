/** The open descriptors of a process (proc(5), /proc/PID/fd). */
import { opendirSync, readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { errorCode, isGone } from './proc-file.ts';

/** More are not listed one by one: each costs a call of the kernel. */
const MOST_LISTED = 65_536;

/**
 * How many it has; null where that may not be known. Since Linux 6.2 the size of the folder is their number, for everybody; before, they
 * are counted.
 */
export const countDescriptors = (pid: number): number | null => {
  const folder = `/proc/${pid}/fd`;
  try {
    return statSync(folder).size || readdirSync(folder).length;
  } catch (error) {
    if (isUnseen(error)) return null;
    throw error;
  }
};

/**
 * What each is on, as the kernel names it: `socket:[2230519]`, `pipe:[77]`, `anon_inode:[eventpoll]`, `/srv/shop/cache.lock`. Those that are
 * closed meanwhile are left out. Throws as open(2) does.
 */
export const listDescriptors = (pid: number): string[] => {
  const targets: string[] = [];
  const folder = opendirSync(`/proc/${pid}/fd`);
  try {
    for (let entry = folder.readSync(); entry !== null && targets.length < MOST_LISTED; entry = folder.readSync()) {
      const target = targetOf(`/proc/${pid}/fd/${entry.name}`);
      if (target !== null) targets.push(target);
    }
  } finally {
    folder.closeSync();
  }
  return targets;
};

/** The most that it may have (its soft limit); null: unlimited, or not known. */
export const descriptorLimit = (pid: number): number | null => {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1];
    return found === undefined ? null : Number(found);
  } catch (error) {
    if (isUnseen(error)) return null;
    throw error;
  }
};

const targetOf = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
};

const isUnseen = (error: unknown): boolean =>
  isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM';
