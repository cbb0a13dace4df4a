import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { slotPaths } from '../linux/shim-slots.ts';
import type { SlotPaths } from '../linux/shim-slots.ts';
import { makeFolder } from '../linux/make-folder.ts';

const SEARCH_BY_ALL = 0o111;

/** Where a shim keeps its things. */
export interface Directories extends SlotPaths {
  stateDir: string;
  /** Names this life of the shim: in the environment of its workers, and as the folder of their records. */
  life: string;
  /** Records of this life, `<incarnations>/<life>/<incarnation>`. */
  records: string;
}

/** The layout of a slot of a state directory; nothing is touched. */
export function layOut(stateDir: string, slot: number): Directories {
  const life = randomBytes(12).toString('hex');
  const paths = slotPaths(stateDir, slot);
  return { stateDir, life, ...paths, records: join(paths.incarnations, life) };
}

/** Make the folder of this life's records. */
export function makeRecords(directories: Directories): void {
  makeFolder(directories.incarnations, 0o700);
  mkdirSync(directories.records, { mode: 0o700 });
}

/** Fence off the records of a dead life: an exec chain of it that has not written its record yet now fails, and executes nothing. */
export function fenceRecords(directories: Directories, life: string): string {
  const fenced = join(directories.incarnations, `${life}.dead`);
  if (!life.endsWith('.dead')) renameSync(join(directories.incarnations, life), fenced);
  return life.endsWith('.dead') ? join(directories.incarnations, life) : fenced;
}

/**
 * Let other users pass through the state directory (not list it): PHP opens /dev/stdout by the name of the FIFO behind it. What lies
 * in it is protected by its own mode.
 */
export function letUsersPass(directories: Directories): void {
  const mode = statSync(directories.stateDir).mode & 0o7777;
  if ((mode & SEARCH_BY_ALL) !== SEARCH_BY_ALL) chmodSync(directories.stateDir, mode | SEARCH_BY_ALL);
}
