/** The values of workers.yaml that are made of a number, a size or a duration: `1s..60s`, `20MiB/s`, `20%`, `10 per 10m`. */
import type { Parsed } from './parsed.ts';
import { read, refuse } from './parsed.ts';
import { formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

const EXPECTED_RANGE = 'a range of durations, shortest first, such as 1s..60s';
const EXPECTED_RATE = 'a size per duration such as 20MiB/s';
const EXPECTED_PERCENT = 'a percentage such as 20%';
const EXPECTED_BUDGET = 'a number per duration such as 10 per 10m';

export interface Range {
  minMs: number;
  maxMs: number;
}

export interface Budget {
  count: number;
  windowMs: number;
}

/** `1s..60s` → both ends in milliseconds. */
export function parseRange(text: string): Parsed<Range> {
  const [first = '', second, ...more] = text.split('..');
  if (second === undefined || more.length > 0) {
    const alone = parseDuration(text);
    return refuse(EXPECTED_RANGE, alone.ok ? `${text}..${text}` : null);
  }
  const [from, to] = [parseDuration(first), parseDuration(second)];
  if (!from.ok || !to.ok) {
    const ends = [from.ok ? first : from.suggestion, to.ok ? second : to.suggestion];
    return refuse(EXPECTED_RANGE, ends.includes(null) ? null : ends.join('..'));
  }
  if (from.value > to.value) return refuse(EXPECTED_RANGE, `${second}..${first}`);
  return read({ minMs: from.value, maxMs: to.value });
}

export function formatRange({ minMs, maxMs }: Range): string {
  return `${formatDuration(minMs)}..${formatDuration(maxMs)}`;
}

/** `20MiB/s`, `1GiB/10m` → bytes per second (may be a fraction). The duration may be a unit alone. */
export function parseRate(text: string): Parsed<number> {
  const [sizeText = '', per, ...more] = text.split('/');
  const size = parseSize(sizeText);
  if (per === undefined || more.length > 0) {
    return refuse(EXPECTED_RATE, size.ok && sizeText !== '0' && more.length === 0 ? `${sizeText}/s` : null);
  }
  const duration = parseDuration(/^[a-z]+$/.test(per) ? `1${per}` : per);
  if (!size.ok)
    return refuse(EXPECTED_RATE, size.suggestion === null || !duration.ok ? null : `${size.suggestion}/${per}`);
  if (!duration.ok || duration.value === 0) return refuse(EXPECTED_RATE);
  return read((size.value * 1000) / duration.value);
}

/** Bytes per second → a rate that parseRate reads back to the same number, or to the nearest byte a day. */
export function formatRate(bytesPerSecond: number): string {
  if (Number.isInteger(bytesPerSecond)) return `${formatSize(bytesPerSecond)}/s`;
  return `${formatSize(Math.round(bytesPerSecond * 86_400))}/d`;
}

/** `20%`, `0.5%` → the number before the sign. */
export function parsePercent(text: string): Parsed<number> {
  const match = /^(\d{1,6}(?:\.\d{1,6})?)%$/.exec(text);
  if (match?.[1] !== undefined) return read(Number(match[1]));
  const bare = /^(\d+(?:\.\d+)?)(?: *(?:%|percent))?$/.exec(text);
  return refuse(EXPECTED_PERCENT, bare?.[1] === undefined ? null : `${bare[1]}%`);
}

/** `10 per 10m` → how many in which window. */
export function parseBudget(text: string): Parsed<Budget> {
  const match = /^(\d{1,9}) +per +(\S+)$/.exec(text);
  const window = match?.[2] === undefined ? null : parseDuration(/^[a-z]+$/.test(match[2]) ? `1${match[2]}` : match[2]);
  if (match?.[1] === undefined || window === null) {
    const slash = /^(\d{1,9}) *(?:\/|in|a) *(\S+)$/.exec(text);
    return refuse(EXPECTED_BUDGET, slash === null ? null : `${slash[1]} per ${slash[2]}`);
  }
  if (!window.ok)
    return refuse(EXPECTED_BUDGET, window.suggestion === null ? null : `${match[1]} per ${window.suggestion}`);
  if (window.value === 0) return refuse(EXPECTED_BUDGET);
  return read({ count: Number(match[1]), windowMs: window.value });
}

export function formatBudget({ count, windowMs }: Budget): string {
  return `${count} per ${formatDuration(windowMs)}`;
}
