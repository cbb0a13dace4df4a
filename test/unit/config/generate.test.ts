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
