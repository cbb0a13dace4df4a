/**
 * How many terminal columns a text takes, and cutting, padding and wrapping by that measure. String length is not it: CJK and
 * emoji take two columns, combining marks none, and colour sequences none.
 */

/** SGR sequences only (colours): the only escape sequences our own output contains. */
// oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
const COLOUR = /(\u001b\[[0-9;]*m)/g;
const RESET = '\u001b[0m';

/** Code point ranges of zero width: combining marks, joiners, variation selectors. */
const ZERO: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f],
  [0x0483, 0x0489],
  [0x0591, 0x05bd],
  [0x0610, 0x061a],
  [0x064b, 0x065f],
  [0x0e31, 0x0e31],
  [0x0e34, 0x0e3a],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff],
  [0xe0100, 0xe01ef],
];

/** Wide and fullwidth ranges of Unicode's East Asian Width (UAX 11), joined where the gaps are unassigned; with emoji. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2753, 0x2757],
  [0x2795, 0x2797],
  [0x2b50, 0x2b50],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18aff],
  [0x1b000, 0x1b2ff],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7eb],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

function within(ranges: readonly (readonly [number, number])[], code: number): boolean {
  return ranges.some(([low, high]) => code >= low && code <= high);
}

function characterWidth(code: number): 0 | 1 | 2 {
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (within(ZERO, code)) return 0;
  return within(WIDE, code) ? 2 : 1;
}

/** Columns that `text` (one line, perhaps with colours) takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(COLOUR, '')) width += characterWidth(character.codePointAt(0) ?? 0);
  return width;
}

/**
 * The longest beginning of `text` that fits `width` columns, ended by `…` where something was cut. Colours are kept, and closed
 * if the cut lies inside one.
 */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - displayWidth(ellipsis));
  let used = 0;
  let out = '';
  let coloured = false;
  // Odd pieces are colour sequences: they take no room.
  for (const [index, piece] of text.split(COLOUR).entries()) {
    if (index % 2 === 1) {
      out += piece;
      coloured = piece !== RESET && piece !== '\u001b[m';
      continue;
    }
    for (const character of piece) {
      const next = characterWidth(character.codePointAt(0) ?? 0);
      if (used + next > room) return out + (width > 0 ? ellipsis : '') + (coloured ? RESET : '');
      used += next;
      out += character;
    }
  }
  return out;
}

/** `text` with spaces to `width` columns; longer text is left as it is. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** Cuts a word that is wider than a line into pieces that fit. */
function pieces(word: string, width: number): string[] {
  const out: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && displayWidth(piece + character) > width) {
      out.push(piece);
      piece = '';
    }
    piece += character;
  }
  out.push(piece);
  return out;
}

/** `text` (without colours) broken at spaces into lines of at most `width` columns; a longer word is cut. */
export function wrap(text: string, width: number): string[] {
  const room = Math.max(1, width);
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ').filter((part) => part !== '')) {
      for (const part of pieces(word, room)) {
        const joined = line === '' ? part : `${line} ${part}`;
        if (displayWidth(joined) <= room) line = joined;
        else {
          lines.push(line);
          line = part;
        }
      }
    }
    lines.push(line);
  }
  return lines;
}
