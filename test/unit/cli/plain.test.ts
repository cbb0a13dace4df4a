import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stripAllButColours, stripControls } from '../../../src/cli/plain.ts';

const ESC = '\u001b';

test.each([
  ['clear screen', `a${ESC}[2Jb`, 'ab'],
  ['cursor movement', `a${ESC}[10;5Hb`, 'ab'],
  ['a title ended by BEL', `a${ESC}]0;evil\u0007b`, 'ab'],
  ['a clipboard write ended by ST', `a${ESC}]52;c;ZXZpbA==${ESC}\\b`, 'ab'],
  ['an unterminated title', `a${ESC}]0;evil`, 'a'],
  ['alternate screen', `a${ESC}[?1049hb`, 'ab'],
  ['charset switch', `a${ESC}(0b`, 'ab'],
  ['reset', `a${ESC}cb`, 'ab'],
  ['8-bit CSI', 'a\u009b2Jb', 'ab'],
  ['carriage return and bell', 'a\r\u0007b', 'ab'],
  ['a lone escape at the end', `a${ESC}`, 'a'],
])('%s is removed', (_, given, expected) => {
  expect(stripControls(given)).toBe(expected);
  expect(stripAllButColours(given)).toBe(expected);
});

test('colours and tabs stay only where they are wanted', () => {
  const given = `${ESC}[1;31mred${ESC}[0m\tx${ESC}[2K`;
  expect(stripAllButColours(given)).toBe(`${ESC}[1;31mred${ESC}[0m\tx`);
  expect(stripControls(given)).toBe('red  x');
});

test('whatever comes, no control character is left', () => {
  const piece = fc.constantFrom(
    ESC,
    '[',
    ']',
    '0',
    ';',
    'm',
    'J',
    '\u0007',
    '\\',
    '\u009b',
    '\r',
    'text',
    '?',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      // oxlint-disable-next-line no-control-regex -- that is what must not be there
      expect(stripControls(parts.join(''))).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }),
  );
});
