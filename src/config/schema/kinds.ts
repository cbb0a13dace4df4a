/** The kinds of scalars in workers.yaml: how each is read, and its JSON Schema. */
import { Cron } from 'croner';
import { parseBudget, parsePercent, parseRange, parseRate } from '../measures.ts';
import type { Budget, Range } from '../measures.ts';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { nearest } from '../suggest.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from '../units.ts';
import type { JsonFragment, Kind } from './leaf.ts';

interface Limits {
  min?: number;
  max?: number;
}

/** Anything with a variable in it cannot be judged by an editor. */
function pattern(source: string): JsonFragment {
  return { type: 'string', pattern: `^(?:${source})$|\\$\\{` };
}

const SIZE = '0|\\d+(?:\\.\\d+)?(?:[KMGT]i?)?B';
const DURATION = '0|\\d+(?:\\.\\d+)?(?:ms|[smhd])|(?:\\d+d)?(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?(?:\\d+ms)?';

function within(parsed: Parsed<number>, limits: Limits, expected: string): Parsed<number> {
  if (!parsed.ok) return parsed;
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = limits;
  return parsed.value < min || parsed.value > max ? refuse(expected) : parsed;
}

function between(what: string, limits: Limits, format: (value: number) => string): string {
  if (limits.max !== undefined) return `${what} from ${format(limits.min ?? 0)} to ${format(limits.max)}`;
  return limits.min === undefined ? what : `${what} of at least ${format(limits.min)}`;
}

/** Bytes. */
export function size(limits: Limits = {}): Kind<number> {
  const expected = between('a size', limits, formatSize);
  const empty = 'a size such as 256MiB';
  const json = { anyOf: [pattern(SIZE), { const: 0 }] };
  return { type: 'size', expected: empty, json, read: (text) => within(parseSize(text), limits, expected) };
}

/** Milliseconds. */
export function duration(limits: Limits = {}): Kind<number> {
  const expected = between('a duration', limits, formatDuration);
  const empty = 'a duration such as 30s';
  const json = { anyOf: [pattern(DURATION), { const: 0 }] };
  return { type: 'duration', expected: empty, json, read: (text) => within(parseDuration(text), limits, expected) };
}

export function integer(min: number, max: number): Kind<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return {
    type: `whole number, ${min}…${max}`,
    expected,
    json: { anyOf: [{ type: 'integer', minimum: min, maximum: max }, pattern('-?\\d+')] },
    read(text) {
      const value = Number(text);
      return /^-?(?:0|[1-9]\d*)$/.test(text) && value >= min && value <= max ? read(value) : refuse(expected);
    },
  };
}

export const boolean: Kind<boolean> = {
  type: 'true or false',
  expected: 'true or false',
  json: { anyOf: [{ type: 'boolean' }, pattern('true|false')] },
  read(text) {
    if (text === 'true' || text === 'false') return read(text === 'true');
    const meant = /^(?:yes|on|y|1|true)$/i.test(text) ? 'true' : /^(?:no|off|n|0|false)$/i.test(text) ? 'false' : null;
    return refuse('true or false', meant ?? nearest(text, ['true', 'false']));
  },
};

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  const shown = words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return {
    type: words.length > 10 ? 'word' : words.map((word) => `\`${word}\``).join(' or '),
    expected: shown,
    json: { enum: [...words] },
    read(text) {
      const word = words.find((candidate) => candidate === text);
      return word === undefined ? refuse(shown, nearest(text, words)) : read(word);
    },
  };
}

/** Any text, also an empty one. */
export const text: Kind<string> = {
  type: 'text',
  expected: 'text ("" for an empty one)',
  json: { type: ['string', 'number', 'boolean'] },
  read: (value) => (value.includes('\0') ? refuse('text without a NUL character') : read(value)),
};

/** Text of at least one character on one line: a name, a path. */
export function line(type: string, expected: string): Kind<string> {
  return {
    type,
    expected,
    json: { type: 'string', minLength: 1 },
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    read: (value) => (value.trim() === '' || /[\u0000-\u001f\u007f]/.test(value) ? refuse(expected) : read(value)),
  };
}

export const path = line('path', 'a path');

/** An IP address is no name that TLS could ask for. */
export const hostName: Kind<string> = {
  type: 'host name',
  expected: 'a host name such as rabbit.internal',
  json: pattern('[A-Za-z0-9._-]+'),
  read: (value) =>
    /^[\w.-]*[A-Za-z_][\w.-]*$/.test(value) ? read(value) : refuse('a host name such as rabbit.internal'),
};

/** Permission bits as chmod(1) and umask(1) take them. */
export function octal(example: string): Kind<number> {
  const expected = `permission bits in octal such as "${example}"`;
  return {
    type: 'octal text',
    expected,
    json: pattern('0?[0-7]{3}'),
    read(value) {
      if (/^0?[0-7]{3}$/.test(value)) return read(Number.parseInt(value, 8));
      const prefixed = /^(?:0o)?([0-7]{1,3})$/i.exec(value)?.[1];
      return refuse(expected, prefixed === undefined ? null : `"${prefixed.padStart(4, '0')}"`);
    },
  };
}

/** The number before the percent sign. */
export function percent(min: number, max: number): Kind<number> {
  const expected = `a percentage from ${min}% to ${max}%`;
  const json = pattern('\\d+(?:\\.\\d+)?%');
  return { type: 'percentage', expected, json, read: (value) => within(parsePercent(value), { min, max }, expected) };
}

/** Bytes per second. */
export const rate: Kind<number> = {
  type: 'rate',
  expected: 'a size per duration such as 20MiB/s',
  json: pattern('.+/.+'),
  read: parseRate,
};

export const range: Kind<Range> = {
  type: 'range of durations',
  expected: 'a range of durations such as 1s..60s',
  json: pattern('.+\\.\\..+'),
  read: parseRange,
};

export const budget: Kind<Budget> = {
  type: 'number per duration',
  expected: 'a number per duration such as 10 per 10m',
  json: pattern('\\d+ +per +.+'),
  read: parseBudget,
};

export const variableName: Kind<string> = {
  type: 'name of a variable',
  expected: 'the name of an environment variable such as RABBITMQ_HOST',
  json: pattern('[A-Za-z_]\\w*'),
  read: (value) =>
    /^[A-Za-z_]\w*$/.test(value) ? read(value) : refuse('the name of an environment variable such as RABBITMQ_HOST'),
};

/** An absolute URL with a host, of one of the schemes. */
export function url(schemes: readonly string[], example: string): Kind<string> {
  const expected = `a URL such as ${example}`;
  return {
    type: 'URL',
    expected,
    json: pattern(`(?:${schemes.join('|')})://.+`),
    read(value) {
      const parsed = URL.canParse(value) ? new URL(value) : null;
      const fits = parsed !== null && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.hostname !== '';
      return fits && !/\s/.test(value) ? read(value) : refuse(expected);
    },
  };
}

/** Whoever posts to it finds out whether its host exists. */
export const webAddress: Kind<string> = {
  type: 'URL',
  expected: 'a URL such as https://chat.example/hook',
  json: pattern('https?://.+'),
  read: (value) =>
    /^https?:\/\/[^\s/]\S*$/.test(value) ? read(value) : refuse('a URL such as https://chat.example/hook'),
};

/** `127.0.0.1:9876`, `[::1]:9876`. */
export const listenAddress: Kind<string> = {
  type: 'host:port',
  expected: 'an address and a port such as 127.0.0.1:9876',
  json: pattern('.+:\\d+'),
  read(value) {
    const port = /^(?:\[[0-9A-Fa-f:.]+\]|[^\s:[\]/]+):(\d{1,5})$/.exec(value)?.[1];
    const fits = port !== undefined && Number(port) >= 1 && Number(port) <= 65535;
    const suggestion = /^\d{1,5}$/.test(value) ? `127.0.0.1:${value}` : null;
    return fits ? read(value) : refuse('an address and a port such as 127.0.0.1:9876', suggestion);
  },
};

const CRON = 'five cron fields such as "0 4 * * *"';

/** Five fields as in crontab(5): minute, hour, day of month, month, day of week. */
export const schedule: Kind<string> = {
  type: 'cron expression',
  expected: CRON,
  json: { type: 'string' },
  read(value) {
    if (value.trim().split(/\s+/).length !== 5) return refuse(CRON);
    try {
      return new Cron(value.trim(), { paused: true }).nextRun() === null
        ? refuse('a time that comes again, in five cron fields such as "0 4 * * *"')
        : read(value.trim());
    } catch {
      return refuse(CRON);
    }
  },
};
