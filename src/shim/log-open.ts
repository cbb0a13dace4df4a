import { closeSync, constants, fstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../linux/make-folder.ts';
import { errorCode } from '../linux/proc-file.ts';
import { nextMidnight } from './local-time.ts';

const MODE = 0o640;
const OTHERS_MAY_WRITE = 0o022;
/** Whoever writes one of these means the controller's own output; here it would be shim.log. */
const OWN_STREAM = /^\/(dev\/(std(in|out|err)$|fd\/)|proc\/)/;

/** For the journal; `droppedLines` since the last such report on this path. */
export interface LogTrouble {
  path: string;
  text: string;
  droppedLines: number;
}

export interface OpenedLog {
  descriptor: number;
  bytes: number;
  /** A device has no size, and nobody may move it aside. */
  isDevice: boolean;
  /** The midnight after which it is yesterday's. */
  dayEnds: number;
}

/**
 * Open a log file to append, and make it and its folder if need be. Throws a sentence when that cannot be done.
 *
 * Where someone else can write in the folder, a symbolic link is not followed: it could lead root to any file.
 */
export function openLog(path: string): OpenedLog {
  const folder = dirname(path);
  try {
    if (OWN_STREAM.test(path))
      throw new Error('the shim has no output of its own to pass on; write `path: none` and `forward: true`');
    makeFolder(folder, 0o755);
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
    const descriptor = openSync(path, isPrivate(folder) ? flags : flags | constants.O_NOFOLLOW, MODE);
    const stat = fstatSync(descriptor);
    if (!stat.isFile() && !stat.isCharacterDevice()) {
      closeSync(descriptor);
      throw new Error('it is neither a regular file nor a character device');
    }
    const bytes = stat.isFile() ? stat.size : 0;
    const dayEnds = nextMidnight(bytes > 0 ? stat.mtimeMs : Date.now());
    return { descriptor, bytes, isDevice: !stat.isFile(), dayEnds };
  } catch (error) {
    throw new Error(`The log ${path} cannot be opened: ${reason(error)}.`, { cause: error });
  }
}

function isPrivate(folder: string): boolean {
  const stat = statSync(folder);
  const ours = stat.uid === 0 || stat.uid === process.getuid?.();
  return ours && (stat.mode & OTHERS_MAY_WRITE) === 0;
}

/** The words for a failed file operation. */
export function reason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ENOSPC':
      return 'no space is left on the device';
    case 'EDQUOT':
      return 'the disk quota is used up';
    case 'EMFILE':
    case 'ENFILE':
      return 'no file descriptor is left; raise LimitNOFILE= of the unit, or ulimit -n';
    case 'EIO':
      return 'the device reports an input/output error';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    case 'EROFS':
      return 'the file system is mounted read-only';
    case 'ELOOP':
      return 'it is a symbolic link in a folder that others can write to';
    case 'EISDIR':
      return 'it is a directory';
    case 'ENOTDIR':
      return 'a part of its path is not a directory';
    case null:
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
