/**
 * The building blocks of the schema. A kind reads the text of one scalar; a key is a kind at one place of workers.yaml, with what the
 * JSON Schema and the reference say about it.
 */
import * as z from 'zod';
import type { Parsed } from '../parsed.ts';

/** A fragment of JSON Schema (draft 2020-12). */
export type JsonFragment = Record<string, unknown>;

export interface Kind<T> {
  /** For the reference: `size`, `whole number`. */
  type: string;
  /** Said when something else than text stands there. */
  expected: string;
  read: (text: string) => Parsed<T>;
  json: JsonFragment;
}

export interface KeyInfo {
  /** One plain sentence, with the unit. */
  description: string;
  type: string;
  /** As it would be written in workers.yaml; null: not set. */
  default: string | null;
  /** What the default is, where it is not one text. */
  defaultText?: string;
  /** As it would be written in workers.yaml. */
  example?: string;
  /** Null: what zod makes of it is right. */
  json: JsonFragment | null;
  /** The value is never quoted in an error. */
  secret?: boolean;
}

export const keyInfo = z.registry<KeyInfo>();

type Described = Pick<KeyInfo, 'description' | 'defaultText' | 'example' | 'secret'>;

/** Text of one scalar → T; everything else (a list, a map, nothing) is refused. */
export function leaf<T>(kind: Kind<T>): z.ZodType<T> {
  const schema = z.unknown().transform((raw, context): T => {
    const parsed: Parsed<T> =
      typeof raw === 'string' ? kind.read(raw) : { ok: false, expected: kind.expected, suggestion: null };
    if (parsed.ok) return parsed.value;
    context.issues.push({
      code: 'custom',
      input: raw,
      params: { expected: parsed.expected, suggestion: parsed.suggestion },
    });
    return z.NEVER;
  });
  keyInfo.add(schema, { description: '', type: kind.type, default: null, json: kind.json });
  return schema;
}

/** The text of a scalar as written in YAML: plain, or in double quotes. */
function unquoted(written: string): string {
  return written.startsWith('"') ? String(JSON.parse(written)) : written;
}

/** A key with a default. */
export function key<T>(kind: Kind<T>, info: Described & { default: string }) {
  const schema = leaf(kind).prefault(unquoted(info.default));
  keyInfo.add(schema, { type: kind.type, json: kind.json, ...info });
  return schema;
}

/** A key that is null while it is not set; `null` in a program takes back what `defaults` set. */
export function optionalKey<T>(kind: Kind<T>, info: Described) {
  const schema = leaf(kind).nullable().default(null);
  const json = { anyOf: [kind.json, { type: 'null' }] };
  keyInfo.add(schema, { type: kind.type, json, default: null, ...info });
  return schema;
}

/** A map with fixed keys; left out, it has all its defaults. */
export function map<S extends z.ZodRawShape>(shape: S, info: Described) {
  // Every key of a map has a default; the compiler cannot see that of a shape it does not know.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as said
  const schema = z.strictObject(shape).prefault(() => ({}) as z.input<z.ZodObject<S, z.core.$strict>>);
  keyInfo.add(schema, { type: 'map', json: null, default: null, ...info });
  return schema;
}

/** A map with fixed keys that means nothing while it is left out. */
export function optionalMap<S extends z.ZodRawShape>(shape: S, info: Described) {
  const schema = z.strictObject(shape).nullable().default(null);
  keyInfo.add(schema, { type: 'map', json: null, default: null, defaultText: 'not set', ...info });
  return schema;
}

/** A list, empty by default. */
export function list<T>(kind: Kind<T>, info: Described & { defaultList?: string[] }) {
  const { defaultList = [], ...described } = info;
  const schema = z.array(leaf(kind)).prefault(defaultList);
  const json = { type: 'array', items: kind.json };
  keyInfo.add(schema, { type: `list of ${kind.type}`, json, default: `[${defaultList.join(', ')}]`, ...described });
  return schema;
}

/** One scalar, or a list of them; empty by default. */
export function oneOrMore<T>(kind: Kind<T>, info: Described) {
  const [one, more] = [leaf(kind), z.array(leaf(kind))];
  const schema = z
    .unknown()
    .transform((raw, context): T[] => {
      if (raw === null) return [];
      const parsed = Array.isArray(raw) ? more.safeParse(raw) : one.safeParse(raw);
      if (parsed.success) return Array.isArray(parsed.data) ? parsed.data : [parsed.data];
      for (const issue of parsed.error.issues) {
        const params = issue.code === 'custom' ? issue.params : undefined;
        context.issues.push({ code: 'custom', input: raw, path: issue.path, params });
      }
      return z.NEVER;
    })
    .prefault([]);
  const json = { anyOf: [kind.json, { type: 'array', items: kind.json }, { type: 'null' }] };
  keyInfo.add(schema, { type: `${kind.type}, or a list`, json, default: null, defaultText: 'not set', ...info });
  return schema;
}

/** A map with free keys, empty by default. */
export function table<T>(kind: Kind<T>, info: Described) {
  const schema = z.record(z.string(), leaf(kind)).prefault({});
  const json = { type: 'object', additionalProperties: kind.json };
  keyInfo.add(schema, { type: `map of ${kind.type}`, json, default: '{}', ...info });
  return schema;
}
