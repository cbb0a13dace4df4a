/** Which PHP extensions an application says that it needs: `ext-NAME` of its composer.json, and of its packages as composer.lock has them. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { PhpPlace } from '../../php/ask.ts';

/** A lock file of a large application has some hundred KiB. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FOLDERS = 8;

interface Manifest {
  require?: Record<string, unknown>;
  /** Of composer.lock: what composer.json asks of PHP itself. */
  platform?: Record<string, unknown>;
  packages?: { require?: Record<string, unknown> }[];
}

/** In small letters. Empty where there is no composer: then nothing is known. */
export const neededExtensions = async ({ command, directory }: PhpPlace): Promise<Set<string>> => {
  const scripts = command.filter((word) => word.includes('/') && !word.startsWith('-'));
  const beside = scripts.map((word) => dirname(isAbsolute(word) ? word : join(directory, word)));
  const folders = [...new Set([directory, ...beside, ...beside.map((folder) => dirname(folder))])];
  const names = ['composer.json', 'composer.lock'];
  const files = folders.slice(0, MOST_FOLDERS).flatMap((folder) => names.map((name) => join(folder, name)));
  const found = await Promise.all(files.map((file) => extensionsIn(file)));
  return new Set(found.flat());
};

const extensionsIn = async (file: string): Promise<string[]> => {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) return [];
    const { require, platform, packages } = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    const parts = [require, platform, ...(packages ?? []).map((each) => each.require)];
    return parts
      .flatMap((part) => Object.keys(part ?? {}))
      .flatMap((name) => /^ext-(.+)$/.exec(name.toLowerCase())?.[1] ?? []);
  } catch {
    // None, not ours to read, or no JSON: a hint less. Composer is the one to complain.
    return [];
  }
};
