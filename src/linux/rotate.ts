import { renameSync, rmSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { errorCode } from './proc-file.ts';

/** A rotated file as it was written, or packed. */
export type Form = '' | '.gz';

/** Which rotated files of `path` there are: `path.N` and `path.N.gz` by N. */
export async function rotatedFiles(path: string): Promise<Map<number, Set<Form>>> {
  const start = `${basename(path)}.`;
  const found = new Map<number, Set<Form>>();
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(start)) continue;
    const match = /^([1-9]\d{0,5})(\.gz)?$/.exec(name.slice(start.length));
    if (match === null) continue;
    const index = Number(match[1]);
    const forms = found.get(index) ?? new Set();
    found.set(index, forms.add(match[2] === undefined ? '' : '.gz'));
  }
  return found;
}

/**
 * Move `path` to `path.1`, `path.1` to `path.2` … up to `path.<backups>`, packed ones (`.gz`) as well; the oldest is overwritten. With no
 * backups the file is removed. A gap in the numbers ends the moving: what lies behind it stays. Every move is a rename(2): nothing is
 * copied, and no byte can be lost in between.
 */
export async function rotateFiles(path: string, backups: number): Promise<void> {
  if (backups < 1) {
    await rm(path, { force: true });
    return;
  }
  const there = await rotatedFiles(path);
  let free = 1;
  while (free < backups && there.has(free)) free += 1;
  for (let index = free; index > 0; index -= 1) {
    const moving = index === 1 ? new Set<Form>(['']) : (there.get(index - 1) ?? new Set());
    // The oldest in the form that no rename overwrites: it would pass for the packed form of another file.
    if (index === free)
      for (const form of there.get(index) ?? []) if (!moving.has(form)) await rm(`${path}.${index}${form}`);
    for (const form of moving)
      await renameIfThere(index === 1 ? path : `${path}.${index - 1}${form}`, `${path}.${index}${form}`);
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
