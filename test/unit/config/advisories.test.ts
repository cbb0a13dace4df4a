import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import type { LoadResult } from '../../../src/config/types.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ackwarden config '))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (advisories: string): LoadResult => {
  const file = join(folder, 'workers.yaml');
  writeFileSync(file, `version: 1\nadvisories: ${advisories}\nprograms: { shop: { command: php x } }\n`);
  return loadConfig(file, {}, { uid: 0, home: folder });
};

test('files of known leaks lie beside workers.yaml; they are read when somebody is looked into', () => {
  writeFileSync(join(folder, 'leaks.yaml'), 'not judged here');
  const loaded = load('[leaks.yaml]');
  expect(loaded.ok && loaded.config.advisories).toEqual([join(folder, 'leaks.yaml')]);
});

test('one that is not there is a problem where it is named', () => {
  const loaded = load('[none.yaml]');
  expect(loaded.ok ? [] : loaded.problems.map(({ text }) => text)).toEqual([
    `${folder}/workers.yaml:2:14: advisories.0: found ${folder}/none.yaml: no such file, expected a readable text file`,
  ]);
});
