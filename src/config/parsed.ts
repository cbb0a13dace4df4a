/**
 * The outcome of reading one scalar of workers.yaml. `expected` completes the sentence "found X, expected …"; `suggestion` is a
 * text that could stand there instead, or null.
 */
export type Parsed<T> = { ok: true; value: T } | { ok: false; expected: string; suggestion: string | null };

/** A value that was read. */
export function read<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** A value that could not be read. */
export function refuse(expected: string, suggestion: string | null = null): Parsed<never> {
  return { ok: false, expected, suggestion };
}
