import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { jsonSchemaText } from '../../../src/config/generate.ts';
import { referenceText } from '../../../src/config/reference.ts';

const GENERATED = [
  { file: 'src/config/workers.schema.json', text: jsonSchemaText },
  { file: 'docs/reference/workers-yaml.md', text: referenceText },
];

it.each(GENERATED)('$file is what the schema says (UPDATE=1 writes it)', ({ file, text }) => {
  const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
  if (process.env['UPDATE'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text());
  }
  expect(readFileSync(path, 'utf8')).toBe(text());
});

interface Described {
  description?: string;
  properties?: Record<string, Described>;
  $defs?: Record<string, Described>;
  anyOf?: Described[];
}

/** Paths of the keys without a description, through maps that may be null. */
function undescribed(schema: Described, path: string): string[] {
  const below = { ...schema.properties, ...schema.$defs };
  const own = Object.entries(below).flatMap(([name, child]) => [
    ...(child.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(child, `${path}.${name}`),
  ]);
  return [...own, ...(schema.anyOf ?? []).flatMap((branch) => undescribed(branch, path))];
}

it('describes every key for editors', () => {
  const schema: Described = JSON.parse(jsonSchemaText());
  const limits = /\.limits\.\w+$/;
  expect(undescribed(schema, '').filter((path) => !limits.test(path))).toEqual([]);
  expect(Object.keys(schema.$defs?.['program']?.properties ?? {})).toContain('memory');
});
