/** Finds the schema, and what is known about the key, at a path of workers.yaml. */
import * as z from 'zod';
import type { Path } from '../problem.ts';
import { keyInfo } from './leaf.ts';
import type { KeyInfo } from './leaf.ts';

export type Schema = z.core.$ZodType;

/** Without the wrappers for defaults and null. */
export function unwrap(schema: Schema): Schema {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

/** The fixed keys of a map (of the map among alternatives), else null. */
export function shapeOf(schema: Schema): Readonly<Record<string, Schema>> | null {
  const bare = unwrap(schema);
  if (bare instanceof z.ZodObject) return bare.shape;
  if (!(bare instanceof z.ZodUnion)) return null;
  return bare.options.map(shapeOf).find((shape) => shape !== null) ?? null;
}

/** The schema one step down, else null. */
function child(schema: Schema, step: string | number): Schema | null {
  const shape = shapeOf(schema);
  if (shape !== null) return Object.hasOwn(shape, step) ? (shape[step] ?? null) : null;
  const bare = unwrap(schema);
  if (bare instanceof z.ZodRecord) return bare.valueType;
  return bare instanceof z.ZodArray ? bare.element : null;
}

/** The schema at the path, else null. */
export function schemaAt(schema: Schema, path: Path): Schema | null {
  return path.reduce<Schema | null>((at, step) => (at === null ? null : child(at, step)), schema);
}

export function infoOf(schema: Schema | null): KeyInfo | null {
  return schema === null ? null : (keyInfo.get(schema) ?? keyInfo.get(unwrap(schema)) ?? null);
}
