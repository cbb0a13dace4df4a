/** Small validators for what arrives over the socket: by hand, because the shim must stay small. */

/** A field that is not what the protocol says; the message is a sentence. */
export class MessageError extends Error {
  override readonly name = 'MessageError';
}

export type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function fields(value: unknown, what: string): Fields {
  if (!isFields(value)) throw wrong(what, 'an object', value);
  return value;
}

export function text(value: unknown, what: string, maxLength = 4096): string {
  if (typeof value !== 'string' || value.length > maxLength)
    throw wrong(what, `a string of at most ${maxLength}`, value);
  if (value.includes('\0')) throw new MessageError(`${what} contains a zero byte.`);
  return value;
}

export function number(value: unknown, what: string, min: number, max: number): number {
  if (typeof value !== 'number' || !(value >= min && value <= max))
    throw wrong(what, `a number from ${min} to ${max}`, value);
  return value;
}

export function integer(value: unknown, what: string, min: number, max: number): number {
  if (!Number.isSafeInteger(value)) throw wrong(what, 'an integer', value);
  return number(value, what, min, max);
}

export function flag(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw wrong(what, 'true or false', value);
  return value;
}

export function oneOf<const T extends string>(value: unknown, what: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw wrong(what, `one of ${allowed.join(', ')}`, value);
  return found;
}

export function orNull<T>(value: unknown, check: (value: unknown) => T): T | null {
  return value === null || value === undefined ? null : check(value);
}

export function list(value: unknown, what: string, maxLength: number): unknown[] {
  if (!Array.isArray(value) || value.length > maxLength) throw wrong(what, `a list of at most ${maxLength}`, value);
  return value;
}

function wrong(what: string, expected: string, found: unknown): MessageError {
  // Kinds, not contents: an environment has secrets in it.
  const kind = found === null ? 'null' : Array.isArray(found) ? 'a list' : `a ${typeof found}`;
  const shown = typeof found === 'number' ? String(found) : kind;
  return new MessageError(`${what}: expected ${expected}, found ${shown}.`);
}
