/** The reader of supervisord.conf, against Python's configparser. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyIni, readIni } from '../../../../src/config/import/ini.ts';
import type { Option } from '../../../../src/config/import/ini.ts';
import { HAS_PYTHON, askPython, shortestDifference } from './oracle.ts';

type Read =
  { lines: number[] } | { sections: Record<string, Record<string, string>>; defaults: Record<string, string> };

const valuesOf = (options: ReadonlyMap<string, Option>): Record<string, string> =>
  Object.fromEntries([...options.values()].map(({ name, value }) => [name, value]));

function ours(text: string): Read {
  const ini = emptyIni();
  const faults = readIni(ini, text, 'f');
  if (faults.length > 0) return { lines: faults.map(({ place }) => place.line) };
  const sections = [...ini.sections.values()].map(({ name, options }) => [name, valuesOf(options)] as const);
  return { sections: Object.fromEntries(sections), defaults: valuesOf(ini.defaults) };
}

function expectAgreement(texts: readonly string[]): void {
  expect(shortestDifference(texts, askPython<Read>('ini', texts), ours)).toBeNull();
}

const FIXTURES = fileURLToPath(new URL('../../../fixtures/supervisord', import.meta.url));

const fixtures = (): string[] =>
  readdirSync(FIXTURES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:conf|ini)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

/** Lines that meet the rules of the reader. */
const PIECES = [
  '[program:a]',
  '[program:b] ; c',
  '[DEFAULT]',
  '[a]b]',
  '[]',
  '[ x ]',
  '[a',
  '  [program:c]',
  '\t[d]',

  'key=value',
  'KEY = Value',
  'key: value',
  'key=',
  '=value',
  'key',
  '  more',
  '\tmore ; c',
  '    deeper = 1',
  'a=b;c',
  'a=b ;c',

  'a=b #c',
  'a=b;c # d',
  'a=b;c ;d #e',
  "a='x ; y'",
  '; comment',
  '  # indented',
  '',
  '   ',
  'x=\u00a0y\u00a0',
  'x=y\u0085',
  'x =\u001c y',

  'k=\ufeffv',
  'É=1',
  'İ=1',
  'key==v',
  'key:=v',
  'a=1\u2028b',
  'k=v\u000bw',
  'command=php a # b ; c',
  ';',
  '#',
  ' ;',
  'k= ;v',
  'k=;v',
];

const lines = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 12, unit: 'binary-ascii' })), {
  maxLength: 14,
});
const ends = fc.constantFrom('\n', '\r\n', '\r');
const generated = fc
  .tuple(lines, ends, fc.constantFrom('', '[s]\n', '\ufeff[s]\n'))
  .map(([rows, end, head]) => head + rows.join(end));

/** A fixture with one stretch of it replaced. */
const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.nat({ max: 30 }),
      fc.constantFrom(...PIECES, '\n', '\n ', ' ;', '=', ':', '[', ']', '\r'),
    )
    .map(([text, at, length, piece]) => {
      const from = text.length === 0 ? 0 : at % text.length;
      return text.slice(0, from) + piece + text.slice(from + length);
    });

describe.runIf(HAS_PYTHON)('as configparser', { timeout: 60_000 }, () => {
  it('reads every fixture', () => {
    expect(fixtures().length).toBeGreaterThan(0);
    expectAgreement(fixtures());
  });

  it('reads what is generated', () => {
    expectAgreement(fc.sample(generated, 1500));
  });

  it('reads fixtures with a part replaced', () => {
    expectAgreement(fc.sample(mutated(fixtures()), 800));
  });
});

describe('places', () => {
  const read = (text: string) => {
    const ini = emptyIni();
    return { ini, faults: readIni(ini, text, 'f.conf') };
  };

  it('knows the line of each section and option', () => {
    const { ini } = read('; first\n[program:a]\n\ncommand = a\n  b\nuser=c\n');
    const section = ini.sections.get('program:a');
    expect(section?.place).toEqual({ file: 'f.conf', line: 2 });
    expect([...(section?.options.values() ?? [])].map(({ name, place }) => [name, place.line])).toEqual([
      ['command', 4],
      ['user', 6],
    ]);
  });

  it('knows what was replaced', () => {
    const { ini } = read('[a]\nuser=x\n[b]\nuser=y\n[a]\nUSER=z\n');
    expect(ini.replaced).toMatchObject([{ section: 'a', option: { value: 'x', place: { line: 2 } }, by: { line: 6 } }]);
  });

  it.each([
    ["command=sh -c 'a ; b'", true],
    ['command=sh -c "a # b"', true],
    ["command=sh -c 'a' ; b's", false],
    ["command=sh -c 'a;b'", false],
  ])('knows whether a comment began in quotes: %s', (line, cut) => {
    expect(read(`[a]\n${line}\n`).ini.sections.get('a')?.options.get('command')?.cutInQuotes).toBe(cut);
  });
});
