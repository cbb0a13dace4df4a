import { expect, test } from 'vitest';
import { bar } from '../../../src/cli/bar.ts';
import { painter } from '../../../src/cli/colour.ts';
import { localeIsUtf8, terminalOf, wantsColour } from '../../../src/cli/terminal.ts';
import { displayWidth } from '../../../src/cli/width.ts';

test.each([
  [{ LANG: 'en_GB.UTF-8' }, true],
  [{ LANG: 'C.utf8' }, true],
  [{ LANG: 'C' }, false],
  [{}, false],
  [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, true],
])('the locale of %j is UTF-8: %s', (env, expected) => {
  expect(localeIsUtf8(env)).toBe(expected);
});

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('colour with %j, tty %s: %s', (env, tty, expected) => {
  expect(wantsColour(env, tty)).toBe(expected);
});

test('a size of zero or none is 80 × 24, or COLUMNS', () => {
  expect(terminalOf({ isTTY: true, columns: 0, rows: 0 }, {})).toMatchObject({ columns: 80, rows: 24, tty: true });
  expect(terminalOf({}, { COLUMNS: '132' })).toMatchObject({ columns: 132, tty: false });
  expect(terminalOf({ isTTY: true, columns: 100, rows: 30 }, { COLUMNS: '132' })).toMatchObject({
    columns: 100,
    rows: 30,
  });
});

test.each([
  [0, '░░░░'],
  [0.5, '██░░'],
  [0.28, '█▏░░'],
  [1, '████'],
  [7, '████'],
  [null, '░░░░'],
])('a share of %s is %s', (share, text) => {
  expect(bar(share, 4, true)).toBe(text);
});

test('ASCII bars, and every bar as wide as asked', () => {
  expect(bar(0.5, 4, false)).toBe('##--');
  for (let share = 0; share <= 1.2; share += 0.013) expect(displayWidth(bar(share, 7, true))).toBe(7);
});

test('no colour, no escape sequence', () => {
  expect(painter(false)('red', 'x')).toBe('x');
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
});
