import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config, LoadResult } from '../../../src/config/types.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ackwarden config '))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const load = (text: string): LoadResult => {
  write('workers.yaml', `version: 1\n${text}\n`);
  return loadConfig(join(folder, 'workers.yaml'), {}, { uid: 0, home: folder });
};
const configOf = (text: string): Config => {
  const loaded = load(text);
  return loaded.ok ? loaded.config : expect.fail(loaded.problems.map((problem) => problem.text).join('\n'));
};
const problemsOf = (text: string): string[] => {
  const loaded = load(text);
  return loaded.ok ? [] : loaded.problems.map((problem) => problem.text.replaceAll(`${folder}/`, ''));
};
const SHOP = 'programs: { shop: { command: php x } }';

test('files of known leaks lie beside workers.yaml; they are read when somebody is looked into', () => {
  write('leaks.yaml', 'not judged here');
  expect(configOf(`advisories: [leaks.yaml]\n${SHOP}`).advisories).toEqual([join(folder, 'leaks.yaml')]);
});

test('a file that is not there is a problem where it is named', () => {
  const found = 'found none: no such file, expected a readable text file';
  expect(problemsOf(`advisories: [none]\n${SHOP}`)).toEqual([`workers.yaml:2:14: advisories.0: ${found}`]);
  const twice = 'programs: { shop: { command: php x }, mail: { command: php y } }';
  expect(problemsOf(`defaults: { envFile: none }\n${twice}`)).toEqual([
    `workers.yaml:2:22: defaults.envFile: ${found}`,
  ]);
});

test('an envFile has problems of its own', () => {
  write('.env', 'A=1\nB\n');
  expect(problemsOf('programs: { shop: { command: php x, envFile: .env } }')).toEqual([
    '.env:2:1: found a line without =, expected NAME=VALUE',
  ]);
});
