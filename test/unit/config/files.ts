/** A folder that lives as long as one test file, with the configurations that its tests write. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Environment } from '../../../src/config/interpolate.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config, LoadResult } from '../../../src/config/types.ts';

export const folder = mkdtempSync(join(tmpdir(), 'ackwarden-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

export function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

export function loadText(text: string, env: Environment = {}): LoadResult {
  return loadConfig(write('workers.yaml', text), env, { uid: 0, home: '/root' });
}

/** The configuration; the problems as an error where there are any. */
export function configOf(text: string, env: Environment = {}): Config {
  const result = loadText(text, env);
  if (result.ok) return result.config;
  throw new Error(result.problems.map((problem) => problem.text).join('\n'));
}

/** Texts of the problems, without the folder in front. */
export function problemsOf(text: string, env: Environment = {}): string[] {
  const result = loadText(text, env);
  return result.ok ? [] : result.problems.map((problem) => problem.text.replaceAll(`${folder}/`, ''));
}

/** A file with one program `shop`, whose further keys are given. */
export function shop(lines: string): string {
  return `version: 1\nprograms:\n  shop:\n    command: php x\n${lines.replaceAll(/^(?=.)/gm, '    ')}\n`;
}
