/**
 * Sizes and durations of workers.yaml, read strictly: packages that do this turn `128M` into 128 bytes, which would kill every
 * worker. A number without a unit is refused (except 0), and so is anything that is not a whole number of bytes or milliseconds.
 */
import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';

/** `unit` is one of the keys of the table it was looked up in. */
interface Amount {
  number: string;
  unit: string;
}

const SIZE_UNITS: Readonly<Record<string, bigint>> = {
  KiB: 1024n,
  MiB: 1024n ** 2n,
  GiB: 1024n ** 3n,
  TiB: 1024n ** 4n,
  KB: 1000n,
  MB: 1000n ** 2n,
  GB: 1000n ** 3n,
  TB: 1000n ** 4n,
  B: 1n,
};

/** Largest first: a compound duration must name its units in this order. */
const DURATION_UNITS: Readonly<Record<string, bigint>> = {
  d: 86_400_000n,
  h: 3_600_000n,
  m: 60_000n,
  s: 1000n,
  ms: 1n,
};

/** What people write for a duration unit elsewhere. */
const DURATION_WORDS: Readonly<Record<string, string>> = {
  msec: 'ms',
  millisecond: 'ms',
  milliseconds: 'ms',
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hrs: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
};

const EXPECTED_SIZE = 'a size such as 256MiB';
const EXPECTED_DURATION = 'a duration such as 30s';

function splitAmount(text: string): Amount | null {
  const match = /^(\d+(?:\.\d+)?) *([A-Za-z]*)$/.exec(text.trim());
  const [number, unit] = [match?.[1], match?.[2]];
  return number === undefined || unit === undefined ? null : { number, unit };
}

/** number × factor, exactly; null where it is not a whole number that a double can hold. */
function scale(number: string, factor: bigint): number | null {
  const [whole = '', fraction = ''] = number.split('.');
  const divisor = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * factor;
  if (product % divisor !== 0n) return null;
  const value = product / divisor;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}

/** The unit that was probably meant; null: no idea. */
function guessSizeUnit({ number, unit }: Amount): string | null {
  if (unit === '') return Number(number) >= 1_048_576 ? null : 'MiB';
  const letter = unit.charAt(0).toUpperCase();
  if (!'KMGT'.includes(letter) || !/^.(?:i?b|ib?)?$/i.test(unit)) return null;
  return /^.b$/i.test(unit) ? `${letter}B` : `${letter}iB`;
}

function suggestSize(text: string): string | null {
  const amount = splitAmount(text);
  if (amount === null) return null;
  const unit = guessSizeUnit(amount);
  if (unit !== null) return scale(amount.number, SIZE_UNITS[unit] ?? 1n) === null ? null : `${amount.number}${unit}`;
  const plainBytes = amount.unit === '' || /^(?:b|bytes?)$/i.test(amount.unit);
  const bytes = plainBytes ? scale(amount.number, 1n) : null;
  return bytes === null ? null : formatSize(bytes);
}

/** `256MiB` → bytes. Units: B, KiB MiB GiB TiB (1024), KB MB GB TB (1000); fractions if they give whole bytes; `0` needs no unit. */
export function parseSize(text: string): Parsed<number> {
  if (text === '0') return read(0);
  const match = /^(\d+(?:\.\d+)?)((?:[KMGT]i?)?B)$/.exec(text);
  const [number, unit] = [match?.[1], match?.[2]];
  const factor = unit === undefined ? undefined : SIZE_UNITS[unit];
  if (number === undefined || factor === undefined) return refuse(EXPECTED_SIZE, suggestSize(text));
  const bytes = scale(number, factor);
  return bytes === null ? refuse('a size that is a whole number of bytes, at most 8191TiB') : read(bytes);
}

function decimal(bytes: number, factor: bigint): string {
  const [value, digits] = [BigInt(bytes), 10n];
  let rest = value % factor;
  let fraction = '';
  while (rest > 0n) {
    rest *= digits;
    fraction += String(rest / factor);
    rest %= factor;
  }
  return `${value / factor}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Bytes → the shortest exact size that parseSize reads back, `640MiB`; binary units win a tie. */
export function formatSize(bytes: number): string {
  if (bytes === 0) return '0';
  const texts = Object.entries(SIZE_UNITS).map(([unit, factor]) => `${decimal(bytes, factor)}${unit}`);
  return texts.reduce((best, text) =>
    text.length < best.length || (best.startsWith('0.') && text.length === best.length) ? text : best,
  );
}

function suggestDuration(text: string): string | null {
  const compact = text.replaceAll(/\s+/g, '');
  if (/^\d+(?:\.\d+)?$/.test(compact)) return parseDuration(`${compact}s`).ok ? `${compact}s` : null;
  const respelt = compact.replaceAll(/[A-Za-z]+/g, (word) => DURATION_WORDS[word.toLowerCase()] ?? word.toLowerCase());
  return respelt !== text && parseDuration(respelt).ok ? respelt : null;
}

/**
 * `30s`, `1.5h`, `1h30m` → milliseconds. Units: ms s m h d. In a compound, units fall and numbers are whole; a fraction must give
 * whole milliseconds; `0` needs no unit.
 */
export function parseDuration(text: string): Parsed<number> {
  if (text === '0') return read(0);
  const single = /^(\d+(?:\.\d+)?)(ms|[smhd])$/.exec(text);
  const compound = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (text === '' || (single === null && compound === null)) return refuse(EXPECTED_DURATION, suggestDuration(text));
  const parts =
    single === null
      ? Object.values(DURATION_UNITS).map((factor, index) => scale(compound?.[index + 1] ?? '0', factor))
      : [scale(single[1] ?? '', DURATION_UNITS[single[2] ?? ''] ?? 0n)];
  const sum = parts.reduce((total, part) => (total === null || part === null ? null : total + part), 0);
  if (sum === null || sum > Number.MAX_SAFE_INTEGER) return refuse('a duration that is a whole number of milliseconds');
  return read(sum);
}

/** Milliseconds → the shortest text that parseDuration reads back: `90s`, `1h30m`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0';
  const exact = Object.entries(DURATION_UNITS).find(([, factor]) => BigInt(ms) % factor === 0n);
  const single = exact === undefined ? `${ms}ms` : `${BigInt(ms) / exact[1]}${exact[0]}`;
  let rest = BigInt(ms);
  let compound = '';
  for (const [unit, factor] of Object.entries(DURATION_UNITS)) {
    if (rest >= factor) compound += `${rest / factor}${unit}`;
    rest %= factor;
  }
  return compound.length < single.length ? compound : single;
}
