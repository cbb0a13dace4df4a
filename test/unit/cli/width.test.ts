import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayWidth, pad, truncate, wrap } from '../../../src/cli/width.ts';

const RED = '\u001b[31m';
const RESET = '\u001b[0m';
/** Narrow, wide, combining, coloured and spaced text mixed. */
const text = fc
  .array(fc.constantFrom('a', 'word', ' ', '処', '한', '😀', 'e\u0301', '…', RED, RESET, 'ä'), { maxLength: 40 })
  .map((parts) => parts.join(''));

test.each([
  ['abc', 3],
  ['処理', 4],
  ['e\u0301', 1],
  ['😀', 2],
  [`${RED}red${RESET}`, 3],
  ['█▏░', 3],
  ['', 0],
])('%j takes %i columns', (given, width) => {
  expect(displayWidth(given)).toBe(width);
});

describe('truncate', () => {
  test('never wider than asked, and untouched where it fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (given, width) => {
        const cut = truncate(given, width);
        expect(displayWidth(cut)).toBeLessThanOrEqual(width);
        if (displayWidth(given) <= width) expect(cut).toBe(given);
      }),
    );
  });

  test('closes a colour that was cut, and does not halve a wide character', () => {
    expect(truncate(`${RED}abcdef${RESET}`, 4)).toBe(`${RED}abc…${RESET}`);
    expect(truncate('処理済み', 4)).toBe('処…');
  });
});

describe('wrap', () => {
  test('no line is too wide and no word is lost', () => {
    const plain = fc.array(fc.constantFrom('a', 'word', ' ', '処理', 'verylongwordindeed'), { maxLength: 40 });
    fc.assert(
      fc.property(plain, fc.integer({ min: 2, max: 40 }), (parts, width) => {
        const lines = wrap(parts.join(''), width);
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(parts.join('').replaceAll(' ', ''));
      }),
    );
  });

  test('breaks at spaces', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('', 8)).toEqual(['']);
  });
});

test('pad fills by display width', () => {
  expect(pad('処', 4)).toBe('処  ');
  expect(pad('12', 4, 'right')).toBe('  12');
  expect(pad('longer', 3)).toBe('longer');
});
