import { renameSync, rmSync } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { errorCode } from './proc-file.ts';

/**
 * Move `path` to `path.1`, `path.1` to `path.2` … up to `path.<backups>`; the oldest is overwritten. With no backups the file is
 * removed. A gap in the numbers ends the moving: what lies behind it stays. Every move is a rename(2): nothing is copied, and no
 * byte can be lost in between.
 */
export async function rotateFiles(path: string, backups: number): Promise<void> {
  if (backups < 1) {
    await rm(path, { force: true });
    return;
  }
  let free = 1;
  while (free < backups && (await exists(`${path}.${free}`))) free += 1;
  for (let index = free; index > 0; index -= 1) {
    await renameIfThere(index === 1 ? path : `${path}.${index - 1}`, `${path}.${index}`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

/** As rotateFiles, before the next line runs: for a log whose every line is written before the action it describes. */
export function rotateFilesSync(path: string, backups: number): void {
  if (backups < 1) {
    rmSync(path, { force: true });
    return;
  }
  for (let index = backups; index > 0; index -= 1) {
    try {
      renameSync(index === 1 ? path : `${path}.${index - 1}`, `${path}.${index}`);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}
