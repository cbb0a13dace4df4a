/** A validated configuration of a temporary directory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/types.ts';

export interface Folder {
  root: string;
  remove: () => void;
}

export const makeRoot = (): Folder => {
  const root = mkdtempSync(join(tmpdir(), 'ackwarden-unit-'));
  for (const name of ['state', 'data', 'log']) mkdirSync(join(root, name), { mode: 0o700 });
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
};

/** @param programs the `programs:` of workers.yaml; `extra`: further top-level keys */
export const configOf = (
  root: string,
  programs: Record<string, unknown>,
  extra: Record<string, unknown> = {},
): Config => {
  const file = join(root, 'workers.yaml');
  const places = { stateDir: 'state', dataDir: 'data', logDir: 'log', host: { reserve: 0 } };
  writeFileSync(file, JSON.stringify({ version: 1, ...places, ...extra, programs }, null, 2));
  const loaded = loadConfig(file, {}, { uid: 0, home: root });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('\n'));
  return loaded.config;
};
