import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const DEFAULT_MODE = 0o600;

/**
 * Replace the file at `path` so that a reader, or the next boot, sees the old content or the new, never a part: a temporary file in
 * the same directory, fsync(2), rename(2), fsync of the directory. Rejects as the system calls do; the temporary file is removed.
 */
export async function writeAtomic(path: string, content: string | Uint8Array, mode = DEFAULT_MODE): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** As writeAtomic, before the next line runs: for a checkpoint that must be on disk before the effect it describes. */
export function writeAtomicSync(path: string, content: string | Uint8Array, mode = DEFAULT_MODE): void {
  const temporary = temporaryName(path);
  try {
    const descriptor = openSync(temporary, 'wx', mode);
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`;
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It may never have been made; the error that matters is already on its way up.
  }
}
