/** `--since`: how long ago (`10m`), or an RFC 3339 time. */
import { parseDuration } from '../config/units.ts';
import { UsageError } from './context.ts';

const RFC3339 = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** RFC 3339 in UTC. A time without an offset is local. Throws UsageError. */
export function parseSince(text: string, now: number): string {
  const ago = parseDuration(text);
  const at = ago.ok ? now - ago.value : RFC3339.test(text) ? Date.parse(local(text)) : Number.NaN;
  const date = new Date(at);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw new UsageError(
    `--since ${text}: expected how long ago (30s, 10m, 2h, 1d) or a time such as 2026-11-22T21:00:00Z`,
  );
}

/** A date alone means its midnight here: Date.parse would take it as UTC. */
function local(text: string): string {
  return text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T');
}
