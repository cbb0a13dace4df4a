import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorCode } from './proc-file.ts';

/** Where execvp(3) looks when PATH is not set. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export type ExecutableSearch = { path: string } | { problem: string };

/**
 * What `command` would run when started in `directory` with this PATH (undefined: not set): an absolute path, or a sentence that says
 * why it cannot run. A name with a slash is relative to the directory, any other is looked up in PATH.
 */
export function findExecutable(command: string, directory: string, searchPath: string | undefined): ExecutableSearch {
  if (command.includes('/')) return inspect(resolve(directory, command), command);
  const folders = (searchPath ?? DEFAULT_PATH).split(':');
  let refused: ExecutableSearch | null = null;
  for (const folder of folders) {
    const found = inspect(resolve(directory, folder, command), command);
    if ('path' in found) return found;
    if (!found.problem.includes('does not exist')) refused ??= found;
  }
  const shown = searchPath ?? `${DEFAULT_PATH} (PATH is not set)`;
  return (
    refused ?? { problem: `The command ${command} was not found in PATH=${shown}. Install it or give its full path.` }
  );
}

function inspect(path: string, command: string): ExecutableSearch {
  const shown = path === command ? path : `${path} (from ${command})`;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return { problem: `The command ${shown} is a directory: expected an executable file.` };
    if (!stat.isFile()) return { problem: `The command ${shown} is not a regular file: expected an executable file.` };
    accessSync(path, constants.X_OK);
    return { path };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: `The command ${shown} does not exist.` };
    if (code === 'EACCES')
      return { problem: `The command ${shown} is not executable: run chmod +x on it, or check its folders.` };
    throw error;
  }
}
