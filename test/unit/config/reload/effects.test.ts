import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { PROGRAM_COSTS, leavesOf } from '../../../../src/config/reload/effects.ts';
import { program } from '../../../../src/config/schema/program.ts';
import { shapeOf, unwrap } from '../../../../src/config/schema/walk.ts';
import type { Schema } from '../../../../src/config/schema/walk.ts';

/** The keys below a map with fixed keys; a map of the user's own keys is one, and so are the limits of prlimit(1). */
function leafKeys(schema: Schema, key: string): string[] {
  const shape = key === 'limits' ? null : shapeOf(schema);
  if (shape === null) return [key];
  const alternatives = unwrap(schema) instanceof z.ZodUnion ? [key] : [];
  const below = Object.entries(shape).flatMap(([name, one]) => leafKeys(one, key === '' ? name : `${key}.${name}`));
  return [...alternatives, ...below];
}

describe('what a change of a key costs', () => {
  it('is decided for every key of the schema, and for no other: give a new key its row', () =>
    expect(Object.keys(PROGRAM_COSTS).toSorted()).toEqual(leafKeys(program, '').toSorted()));

  it('is asked of leaves', () =>
    expect([...leavesOf({ a: 1, b: { c: [1, 2], d: { e: null } }, f: {} })]).toEqual([
      ['a', 1],
      ['b.c', [1, 2]],
      ['b.d.e', null],
    ]));
});
