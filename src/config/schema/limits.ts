/** Resource limits by their prlimit(1) names. */
import * as z from 'zod';
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { parseSize } from '../units.ts';
import { keyInfo, leaf } from './leaf.ts';
import type { Kind } from './leaf.ts';

/** Limits counted in bytes also take a size. */
const BYTE_LIMITS = ['as', 'core', 'data', 'fsize', 'memlock', 'msgqueue', 'rss', 'stack'];
const COUNT_LIMITS = ['cpu', 'locks', 'nice', 'nofile', 'nproc', 'rtprio', 'rttime', 'sigpending'];

function readCount(text: string, expected: string): Parsed<number | null> {
  if (text === 'unlimited') return read(null);
  return /^(?:0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text))
    ? read(Number(text))
    : refuse(expected);
}

const count: Kind<number | null> = {
  type: 'whole number or `unlimited`',
  expected: 'a whole number or unlimited',
  json: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
  read: (text) => readCount(text, count.expected),
};

const bytes: Kind<number | null> = {
  ...count,
  type: 'size, whole number of bytes or `unlimited`',
  expected: 'a size such as 1GiB, a whole number of bytes, or unlimited',
  read(text) {
    const number = readCount(text, bytes.expected);
    if (number.ok) return number;
    const size = parseSize(text);
    return size.ok ? size : refuse(bytes.expected, size.suggestion);
  },
};

function keysOf(names: readonly string[], kind: Kind<number | null>) {
  return names.map((name) => [name, leaf(kind).optional()] as const);
}

// By code: localeCompare loads the tables of all languages, 2.6 MB of them.
const keys = [...keysOf(BYTE_LIMITS, bytes), ...keysOf(COUNT_LIMITS, count)].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** `unlimited` is null; a limit that is not set is not there. */
export const limits = z.strictObject(Object.fromEntries(keys)).prefault({});

keyInfo.add(limits, {
  description: `Resource limits (soft and hard) by their prlimit(1) names: ${keys.map(([name]) => name).join(', ')}.`,
  type: 'map of whole numbers, sizes or `unlimited`',
  default: '{}',
  example: '{ nofile: 4096 }',
  json: null,
});
