/** Splitting of commands and environments, against Python's shlex. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legacyTokens, shlexSplit, shlexTokens } from '../../../../src/config/import/shlex.ts';
import type { Parsed } from '../../../../src/config/parsed.ts';
import { HAS_PYTHON, askPython, shortestDifference } from './oracle.ts';

type Words = { words: string[] } | null;

const wordsOf = (parsed: Parsed<string[]>): Words => (parsed.ok ? { words: parsed.value } : null);

const text = fc
  .array(
    fc.constantFrom(
      'a',
      'B',
      '"',
      "'",
      '\\',
      ' ',
      '\n',
      '\t',
      '\r',
      '#',
      '=',
      ',',
      '/',
      '.',
      ':',
      '(',
      ';',
      '|',
      'é',
      'ß',
      '×',
      '$',
      '_',
      '-',
      '\u000b',
      '\u00a0',
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(''));

const WRITTEN = [
  'php artisan queue:work --queue="a b",c',
  'sh -c \'exec php -r "echo 1;"\'',
  'A="1",B=2,C="x,y"',
  'A="say \\"hi\\"",B=\'it\'',
  'PATH=/usr/bin:/bin,X=""',
  'A=b c',
  'A="open',
];

describe.runIf(HAS_PYTHON)('as shlex', { timeout: 60_000 }, () => {
  it.each([
    ['split', shlexSplit],
    ['legacy', legacyTokens],
    ['posix', shlexTokens],
  ] as const)('%s', (kind, read) => {
    const cases = [...WRITTEN, ...fc.sample(text, 1500)];
    const difference = shortestDifference(cases, askPython<Words>(kind, cases), (one) => wordsOf(read(one)));
    expect(difference).toBeNull();
  });
});

it('says what is not closed', () => {
  expect(shlexSplit('a "b')).toMatchObject({ ok: false, expected: 'a closing quote for each opening one' });
  expect(shlexSplit('a \\')).toMatchObject({ ok: false, expected: 'a character after the last backslash' });
});
