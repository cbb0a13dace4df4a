/** Values of a supervisord.conf, read as supervisord reads them (supervisord.md, section 1.0). */
import { constants } from 'node:os';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { nearest } from '../suggest.ts';
import { strip } from './python-text.ts';

/** Python's int(): a sign, digits, single underscores between them; no fraction. */
export function readInteger(text: string): Parsed<number> {
  const plain = strip(text);
  if (/^[+-]?\d+(?:_\d+)*$/.test(plain)) return read(Number(plain.replaceAll('_', '')));
  return refuse('a whole number', /^\d+\.\d+$/.test(plain) ? String(Math.ceil(Number(plain))) : null);
}

const TRUE = ['yes', 'true', 'on', '1'];
const FALSE = ['no', 'false', 'off', '0'];

export function readBoolean(text: string): Parsed<boolean> {
  const word = text.toLowerCase();
  if (TRUE.includes(word) || FALSE.includes(word)) return read(TRUE.includes(word));
  return refuse('true or false', nearest(word, ['true', 'false', 'yes', 'no']));
}

const FACTORS: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** `50MB` → bytes; powers of 1024. */
export function readBytes(text: string): Parsed<number> {
  const factor = FACTORS[text.slice(-2).toLowerCase()];
  const number = readInteger(factor === undefined ? text : text.slice(0, -2));
  if (number.ok) return read(number.value * (factor ?? 1));
  const meant = /^(\d+)\s*([kmg])(?:i?b)?$/i.exec(strip(text));
  return refuse(
    'a number of bytes, or one with KB, MB or GB',
    meant === null ? null : `${meant[1]}${meant[2]?.toUpperCase()}B`,
  );
}

export function readOctal(text: string): Parsed<number> {
  const plain = strip(text);
  return /^\+?(?:0o_?)?[0-7]+(?:_[0-7]+)*$/i.test(plain)
    ? read(Number.parseInt(plain.replace(/^\+?(?:0o)?/i, '').replaceAll('_', ''), 8))
    : refuse('permission bits in octal such as 022');
}

export function readExitCodes(text: string): Parsed<number[]> {
  if (text === '') return read([]);
  const codes = text.split(',').map((part) => readInteger(part));
  const values = codes.flatMap((code) => (code.ok && code.value >= 0 && code.value <= 255 ? [code.value] : []));
  return values.length === codes.length ? read(values) : refuse('exit codes from 0 to 255 with commas between them');
}

/** → the name without SIG. */
export function readSignal(text: string): Parsed<string> {
  const number = readInteger(text);
  const names = Object.entries(constants.signals);
  const upper = strip(text).toUpperCase();
  const wanted = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const found = names.find(([name, value]) => (number.ok ? value === number.value : name === wanted));
  if (found !== undefined) return read(found[0].replace(/^SIG/, ''));
  const known = names.map(([name]) => name.replace(/^SIG/, ''));
  return refuse('the name or number of a signal', nearest(upper.replace(/^SIG/, ''), known));
}

export type Autorestart = 'always' | 'unexpected' | 'never';

export function readAutorestart(text: string): Parsed<Autorestart> {
  const word = text.toLowerCase();
  if (word === 'unexpected') return read('unexpected');
  const flag = readBoolean(word);
  if (flag.ok) return read(flag.value ? 'always' : 'never');
  return refuse('true, false or unexpected', nearest(word, ['true', 'false', 'unexpected']));
}

/** str.split(',') with blanks stripped; an empty text is no item. */
export function readList(text: string): string[] {
  return text === '' ? [] : text.split(',').map(strip);
}

/** Of programs and groups: what supervisord says no to. */
export function readName(text: string): Parsed<string> {
  const name = strip(text);
  return /[ :/]/.test(name) ? refuse('a name without space, colon and slash') : read(name);
}

const LEVELS = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'];

export function readLevel(text: string): Parsed<string> {
  const word = text.toLowerCase();
  return LEVELS.includes(word) ? read(word) : refuse(`one of ${LEVELS.join(', ')}`, nearest(word, LEVELS));
}
