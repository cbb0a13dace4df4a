/** Whatever a file says: import ends with a workers.yaml that passes check, or with errors that have a place. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { importFiles } from '../../../../src/config/import/import.ts';
import { folder, loadText, write } from '../files.ts';
import { FIXTURES, allFixtures } from './fixtures.ts';

const ENV = { HOME: '/root', PATH: '/usr/bin:/bin', X: 'a "b\' $c {index}', Y: '${Z} #' };

const texts = allFixtures().map(({ files }) => readFileSync(join(FIXTURES, files[0] ?? ''), 'utf8'));

const PIECES = [
  '\n',
  '=',
  ',',
  '"',
  "'",
  '%(ENV_X)s',
  '%(ENV_Y)s',
  '%(process_num)02d',
  '%(program_name)s',
  '{index}',
  '${X}',
  '\\',
  ' ;',
  '#',
  ':',
  '*',
  '日本',
  '\t',
  'true',
  '0',
  '-1',
  'NONE',
  '/',
  '[program:a]\ncommand=/bin/a\n',
  '[group:a]\nprograms=a\n',
  '\u0001',
  'all',
  '- ',
  '&x ',
  '!!str ',
  '|',
];

const mutated = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 6 }), fc.constantFrom(...PIECES)), { minLength: 1, maxLength: 3 }),
  )
  .map(([text, changes]) =>
    changes.reduce((changed, [at, length, piece]) => {
      const from = at % Math.max(1, changed.length);
      return changed.slice(0, from) + piece + changed.slice(from + length);
    }, text),
  );

it('ends well', { timeout: 90_000 }, () => {
  fc.assert(
    fc.property(mutated, fc.boolean(), (text, applyNames) => {
      write('fuzzed.conf', text);
      const { yaml, remarks } = importFiles({
        files: ['fuzzed.conf'],
        cwd: folder,
        env: ENV,
        hostName: 'box',
        applyNames,
      });
      if (yaml === null) expect(remarks.some(({ severity }) => severity === 'error')).toBe(true);
      const result = yaml === null ? null : loadText(yaml, ENV);
      expect(result?.ok === false ? result.problems.map((problem) => problem.text) : []).toEqual([]);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  );
});
