/**
 * A program's own view of PHP's ini files: links to all of them, and copies, without some lines, of those that load an extension which it
 * is to run without. The files of the system are not touched.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../linux/make-folder.ts';
import type { PhpFacts } from './ask.ts';
import { withoutLoading } from './ini-text.ts';

/** Workers run as other users. */
const FOLDER_MODE = 0o755;
const MAIN = 'main';

export interface PrivateIni {
  /** What leads PHP to the private files. */
  variables: Record<string, string>;
  /** The folders that were made. */
  folders: string[];
}

/**
 * Make `folder` that view, and remove from it what is not part of it (any more). Each file is replaced at once: a PHP that starts
 * meanwhile, as the child of a worker, reads the old one or the new one.
 *
 * @param facts of the PHP that is to use it, as it is without
 * @throws as the system calls do
 */
export const writePrivateIni = (folder: string, facts: PhpFacts, names: readonly string[]): PrivateIni => {
  makeFolder(folder, FOLDER_MODE);
  // One for one, because the order of the folders decides which setting wins.
  const scans = [...new Set(facts.scanned.map((file) => dirname(file)))].map((source, at) => {
    const scan = join(folder, `scan-${at}`);
    const files = facts.scanned.filter((file) => dirname(file) === source);
    fill(scan, files, names);
    return scan;
  });
  // Set and empty, it scans nothing, which is right where nothing was scanned.
  const variables = { PHP_INI_SCAN_DIR: scans.join(':') };
  const { iniFile } = facts;
  const needsMain = iniFile !== null && withoutLoading(readFileSync(iniFile, 'utf8'), names) !== null;
  const main = join(folder, MAIN);
  if (needsMain) fill(main, [iniFile], names);
  const folders = needsMain ? [...scans, main] : scans;
  keepOnly(folder, folders);
  // PHP looks for the file by its own name in there, before it looks where it was compiled to.
  return { variables: needsMain ? { ...variables, PHPRC: main } : variables, folders };
};

const fill = (folder: string, files: readonly string[], names: readonly string[]): void => {
  makeFolder(folder, FOLDER_MODE);
  const paths = files.map((file) => {
    const path = join(folder, basename(file));
    const text = withoutLoading(readFileSync(file, 'utf8'), names);
    if (text === null) link(path, file);
    else copy(path, file, text);
    return path;
  });
  keepOnly(folder, paths);
};

const link = (path: string, target: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() === true && readlinkSync(path) === target) return;
  const made = `${path}.new`;
  rmSync(made, { force: true });
  symlinkSync(target, made);
  renameSync(made, path);
};

/** Read by nobody who may not read the original: it may hold a licence key. */
const copy = (path: string, original: string, text: string): void => {
  const { mode, uid, gid } = statSync(original);
  const isSame = !isLink(path) && existsSync(path) && readFileSync(path, 'utf8') === text;
  if (isSame) return;
  const made = `${path}.new`;
  rmSync(made, { force: true });
  writeFileSync(made, text, { mode: 0o600, flag: 'wx' });
  // Only root can give it away; else it is ours, and so is the worker.
  if (process.geteuid?.() === 0) chownSync(made, uid, gid);
  chmodSync(made, mode & 0o777);
  renameSync(made, path);
};

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

const keepOnly = (folder: string, paths: readonly string[]): void => {
  for (const name of readdirSync(folder))
    if (!paths.includes(join(folder, name))) rmSync(join(folder, name), { recursive: true });
};
