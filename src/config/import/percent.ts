/**
 * Python's `text % names` as far as a supervisord.conf can use it: `%(name)s`, `%(process_num)02d`, `%%` (library reference,
 * "printf-style String Formatting"; compared with Python in test/unit/config/import/percent.test.ts).
 */

/** `word` is put in instead of the real value where the value would be written plainly, so that it can be found again later. */
export interface Marked {
  real: string | number;
  /** For a number: by the digits it is padded to (0: not padded); null: this form cannot be marked. */
  word: (digits: number) => string | null;
}

export type NameValue = string | number | Marked;
export type Names = ReadonlyMap<string, NameValue>;

export type Formatted =
  /** `bare`: conversions without a name (`%s`), for which supervisord writes all names with their values; they stay as they are. */
  { ok: true; text: string; bare: string[] } | { ok: false; fault: { unknown: string } | { said: string } };

interface Conversion {
  /** Null: no name. */
  name: string | null;
  flags: string;
  width: number;
  precision: number | null;
  /** Empty: the text ends before it. */
  type: string;
  source: string;
  next: number;
}

function bad(said: string): Formatted & { ok: false } {
  return { ok: false, fault: { said } };
}

const INCOMPLETE = 'it ends within a %(…) expression; a literal percent sign is written %%';

/** The index behind the `)` that belongs to the `(` at `at`; null: there is none. */
function behindName(text: string, at: number): number | null {
  let depth = 0;
  for (let index = at; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index + 1;
  }
  return null;
}

function conversionAt(text: string, at: number): Conversion | string {
  let index = at + 1;
  let name: string | null = null;
  if (text[index] === '(') {
    const end = behindName(text, index);
    if (end === null) return INCOMPLETE;
    name = text.slice(index + 1, end - 1);
    index = end;
  }
  const form = /^([-+ #0]*)(\d*)(?:\.(\d*))?[hlL]?/.exec(text.slice(index));
  const [whole = '', flags = '', width = '', precision] = form ?? [];
  index += whole.length;
  const type = text.charAt(index);
  const source = text.slice(at, index + 1);
  return {
    name,
    flags,
    width: Math.min(Number(width), 1000),
    precision: precision === undefined ? null : Math.min(Number(precision), 1000),
    type,
    source,
    next: index + 1,
  };
}

function pad(text: string, { width, flags }: Conversion, zero: boolean): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!zero) return text.padStart(width);
  const sign = /^[-+ ]?(?:0[xXo])?/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function signed(value: number, digits: string, flags: string): string {
  if (value < 0) return `-${digits}`;
  if (flags.includes('+')) return `+${digits}`;
  return flags.includes(' ') ? ` ${digits}` : digits;
}

const BASES: Readonly<Record<string, { base: number; prefix: string }>> = {
  d: { base: 10, prefix: '' },
  i: { base: 10, prefix: '' },
  u: { base: 10, prefix: '' },
  o: { base: 8, prefix: '0o' },
  x: { base: 16, prefix: '0x' },
  X: { base: 16, prefix: '0X' },
};

/** Null: a form that is never written in a configuration. */
function formatValue(value: string | number, conversion: Conversion): string | null {
  const { flags, precision, type } = conversion;
  if (type === 's') return pad(String(value).slice(0, precision ?? undefined), conversion, false);
  const base = BASES[type];
  if (typeof value !== 'number' || base === undefined) return null;
  const bare = Math.abs(value)
    .toString(base.base)
    .padStart(precision ?? 0, '0');
  const digits = (flags.includes('#') ? base.prefix : '') + (type === 'X' ? bare.toUpperCase() : bare);
  return pad(signed(value, digits, flags), conversion, flags.includes('0'));
}

/** The mark of a value in this form; null: it has none. */
function markOf({ real, word }: Marked, { flags, width, precision, type }: Conversion): string | null {
  const isNumber = typeof real === 'number';
  if (precision !== null || !(type === 's' || (isNumber && /^[diu]$/.test(type)))) return null;
  if (width === 0 && /^0*$/.test(flags)) return word(0);
  return isNumber && type !== 's' && flags === '0' ? word(width) : null;
}

function convert(conversion: Conversion, names: Names): string | (Formatted & { ok: false }) {
  const { name, type, source } = conversion;
  if (name === null && type === '') return bad(INCOMPLETE);
  if (name === null) return bad(`${source} has no name; a literal percent sign is written %%`);
  const value = names.get(name);
  if (value === undefined) return { ok: false, fault: { unknown: name } };
  if (type === '') return bad(INCOMPLETE);
  const marked = typeof value === 'object' ? markOf(value, conversion) : null;
  if (marked !== null) return marked;
  const text = formatValue(typeof value === 'object' ? value.real : value, conversion);
  if (text !== null) return text;
  const isKnown = type === 's' || type in BASES;
  return bad(
    isKnown ? `${source} needs a number, and ${name} is text` : `${source} is no form that could be read here`,
  );
}

/** Fills every name in; the first fault ends it, as in Python. */
export function percentFormat(text: string, names: Names): Formatted {
  let out = '';
  const bare: string[] = [];
  for (let at = 0; at < text.length;) {
    const sign = text.indexOf('%', at);
    if (sign < 0) return { ok: true, text: out + text.slice(at), bare };
    out += text.slice(at, sign);
    at = sign + 2;
    if (text[sign + 1] === '%') {
      out += '%';
      continue;
    }
    const conversion = conversionAt(text, sign);
    if (typeof conversion === 'string') return bad(conversion);
    at = conversion.next;
    if (conversion.name === null && /^[sra]$/.test(conversion.type) && bare.length === 0) {
      bare.push(conversion.source);
      out += conversion.source;
      continue;
    }
    const converted = convert(conversion, names);
    if (typeof converted !== 'string') return converted;
    out += converted;
  }
  return { ok: true, text: out, bare };
}
