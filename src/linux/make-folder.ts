import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from './proc-file.ts';

/**
 * Make a folder and those above it that are missing (mkdir -p); throws as mkdir(2) does. Node's own `recursive` option never returns
 * for a path in /proc, where mkdir(2) answers ENOENT although the parent exists.
 */
export function makeFolder(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path), mode);
    makeOnce(path, mode);
  }
}

function makeOnce(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
