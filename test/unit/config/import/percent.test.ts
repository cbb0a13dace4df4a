/** `%(name)s`, against Python's % operator. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentFormat } from '../../../../src/config/import/percent.ts';
import { HAS_PYTHON, askPython, shortestDifference } from './oracle.ts';

const NAMES: Record<string, string | number> = { here: '/srv/a b', num: 7, minus: -12, 'a(b)c': 'nested', ENV_X: 'é' };

type Answer = { text: string } | { unknown: string } | null;

function ours(text: string): Answer {
  const formatted = percentFormat(text, new Map(Object.entries(NAMES)));
  if (formatted.ok) return { text: formatted.text };
  return 'unknown' in formatted.fault ? { unknown: formatted.fault.unknown } : null;
}

const WRITTEN = [
  '%(here)s',
  '%(num)d',
  '%(num)02d',
  '%(num)s',
  '%(num)5d|%(num)-5d|',
  '%(minus)05d',
  '%(num)+d',
  '%(num)x',
  '%(num)#o',
  '%(num).3d',

  '100%%',
  '%(nothing)s',
  '%(here',
  '%(here)',
  '%',
  'a % b',
  '%(here)d',
  '%(here).3s',
  '%(here)12s',
  '%(a(b)c)s',
  '%(num)i%(num)u',
  '%d',
  '%Y',
];

const parts = fc.constantFrom(
  '%(',
  '%',
  'num',
  'here',
  ')',
  's',
  'd',
  '0',
  '2',
  '-',
  '+',
  ' ',
  '#',
  '.',
  '%%',
  'x',
  'l',
  '(',
  'a',
  'é',
);
const conversion = fc
  .tuple(
    fc.constantFrom('num', 'here', 'minus', 'ENV_X'),
    fc.array(fc.constantFrom('0', '-', '+', ' ', '#'), { maxLength: 2 }),
    fc.constantFrom('', '1', '2', '9'),
    fc.constantFrom('', '.', '.2'),
    fc.constantFrom('s', 'd', 'i', 'u', 'x', 'X', 'o'),
  )
  .map(([name, flags, width, precision, type]) => `%(${name})${flags.join('')}${width}${precision}${type}`);
const generated = fc.array(fc.oneof(parts, conversion), { maxLength: 8 }).map((pieces) => pieces.join(''));

/** Forms that Python takes and no configuration has: a value without a name, `%r`, `%c`, `%e`. */
const isOutside = (one: string): boolean =>
  /%[-+ #0]*\d*(?:\.\d*)?[hlL]?[sra]|[racefgEFG]$|\)[-+ #0\d.hlL]*[racefgEFG]/.test(one);

describe.runIf(HAS_PYTHON)('as the % operator', { timeout: 60_000 }, () => {
  it('fills in what is written and generated', () => {
    const cases = [...WRITTEN, ...fc.sample(generated, 1500).filter((one) => !isOutside(one))];
    const theirs = askPython<Answer>(
      'percent',
      cases.map((one) => ({ text: one, names: NAMES })),
    );
    expect(shortestDifference(cases, theirs, ours)).toBeNull();
  });
});

describe('values without a name', () => {
  it('leaves them and names them', () => {
    expect(percentFormat('date +%s', new Map())).toEqual({ ok: true, text: 'date +%s', bare: ['%s'] });
  });

  it('refuses a second one, as Python does', () => {
    expect(percentFormat('%s %s', new Map())).toMatchObject({ ok: false });
  });
});

describe('marks', () => {
  const word = (digits: number): string | null => (digits > 9 ? null : `<${digits}>`);
  const names = new Map([['n', { real: 3, word }]]);
  const filled = (text: string): string | null => {
    const formatted = percentFormat(text, names);
    return formatted.ok ? formatted.text : null;
  };

  it.each([
    ['%(n)s', '<0>'],
    ['%(n)d', '<0>'],
    ['%(n)02d', '<2>'],
    ['%(n)0d', '<0>'],
    ['%(n)3d', '  3'],
    ['%(n)+d', '+3'],
    ['%(n)010d', '0000000003'],
    ['%(n)x', '3'],
  ])('%s', (text, expected) => {
    expect(filled(text)).toBe(expected);
  });
});
