/** Patterns of [include], against Python's glob. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { glob } from '../../../../src/config/import/glob.ts';
import { HAS_PYTHON, askPython } from './oracle.ts';

const folder = mkdtempSync(join(tmpdir(), 'ackwarden-glob-'));

beforeAll(() => {
  for (const name of ['conf.d', 'conf.d/deep', 'other']) mkdirSync(join(folder, name));
  for (const name of [
    'a.conf',
    'b.conf',
    'B.conf',
    '.hidden.conf',
    'c.ini',
    'a[1].conf',
    'a1.conf',
    'é.conf',
    'conf.d/x.conf',
    'conf.d/deep/y.conf',
    'other/x.conf',
    'a-b.conf',
    'a]b.conf',
  ]) {
    writeFileSync(join(folder, name), '');
  }
  symlinkSync('/nowhere', join(folder, 'dangling.conf'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATTERNS = [
  '*.conf',
  '*',
  '?.conf',
  '[ab].conf',
  '[!a].conf',
  '[a-c].*',
  'a[[]1].conf',
  'a[1].conf',
  '.*.conf',
  '*/x.conf',
  '*/*/*.conf',
  '**/*.conf',
  'a.conf',
  'gone.conf',
  'conf.d',
  'conf.d/',
  '[.conf',
  '[]].conf',
  'a[]]b.conf',
  '[!]a].conf',
  'dang*.conf',
  'dangling.conf',
  'a?b.conf',
  'a[+--]b.conf',
  '[^a].conf',
  'conf.d/../a.conf',
  'a.conf/x',
];

describe.runIf(HAS_PYTHON)('as glob.glob', () => {
  it.each(PATTERNS)('%s', (pattern) => {
    const [theirs] = askPython<string[]>('glob', [join(folder, '/') + pattern]);
    expect(glob(join(folder, '/') + pattern).map((path) => path.replace(/\/$/, ''))).toEqual(
      theirs?.map((path) => path.replace(/\/$/, '').replace('conf.d/../', '')),
    );
  });
});
