/** supervisord's `environment` value: `KEY="value",KEY2=value`. */
import type { Parsed } from '../parsed.ts';
import { read, refuse } from '../parsed.ts';
import { legacyTokens, shlexTokens } from './shlex.ts';

const EXPECTED = 'KEY="value" pairs with commas between them';

function pairs(tokens: readonly string[]): Map<string, string> | null {
  const found = new Map<string, string>();
  for (let at = 0; at < tokens.length; at += 4) {
    const [name, sign, value] = tokens.slice(at, at + 3);
    if (name === undefined || sign !== '=' || value === undefined) return null;
    found.set(name, value);
  }
  return found;
}

function unquoted(value: string): string {
  return value.replace(/^['"]+/, '').replace(/['"]+$/, '');
}

/** As supervisor 4.2 reads it: quotes are cut off, a backslash is a character like any other. */
export function readEnvironment(text: string): Parsed<Map<string, string>> {
  const tokens = legacyTokens(text);
  if (!tokens.ok) return tokens;
  const found = pairs(tokens.value);
  if (found !== null) return read(new Map([...found].map(([name, value]) => [name, unquoted(value)])));
  const hasBare = /=\s*[^'",\s]*[^\w/.+\-():'",\s]/.test(text);
  return refuse(
    hasBare ? `${EXPECTED}; a value with other signs than letters, digits and /.+-(): needs quotes` : EXPECTED,
  );
}

/** As supervisor 4.4 reads it: POSIX quoting, so that `\"` is a quote within quotes. */
export function readPosixEnvironment(text: string): Parsed<Map<string, string>> {
  const tokens = shlexTokens(text);
  if (!tokens.ok) return tokens;
  const found = pairs(tokens.value);
  return found === null ? refuse(EXPECTED) : read(found);
}
