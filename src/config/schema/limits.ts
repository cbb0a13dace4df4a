/** Resource limits by their prlimit(1) names. */
import { read, refuse } from '../parsed.ts';
import { parseSize } from '../units.ts';
import type { Kind } from './leaf.ts';

/** Limits counted in bytes also take a size. */
const BYTE_LIMITS = ['as', 'core', 'data', 'fsize', 'memlock', 'msgqueue', 'rss', 'stack'];
const COUNT_LIMITS = ['cpu', 'locks', 'nice', 'nofile', 'nproc', 'rtprio', 'rttime', 'sigpending'];

export const LIMIT_NAMES: readonly string[] = [...BYTE_LIMITS, ...COUNT_LIMITS].toSorted();

/** A whole number in the unit of prlimit(1), a size, or `unlimited` (null). */
export const limit: Kind<number | null> = {
  type: 'whole number, size or `unlimited`',
  expected: 'a whole number, a size such as 1GiB, or unlimited',
  json: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
  read(text) {
    if (text === 'unlimited') return read(null);
    if (/^(?:0|[1-9]\d{0,15})$/.test(text)) return read(Number(text));
    const bytes = parseSize(text);
    return bytes.ok ? bytes : refuse(limit.expected, bytes.suggestion);
  },
};

/** Whether a limit of this name may be a size. */
export function countsBytes(name: string): boolean {
  return BYTE_LIMITS.includes(name);
}
