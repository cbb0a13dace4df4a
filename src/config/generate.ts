/** What is generated from the schema and committed: the JSON Schema for editors. A test compares the file with this. */
import * as z from 'zod';
import { parseDocument } from 'yaml';
import { keyInfo } from './schema/leaf.ts';
import { root } from './schema/root.ts';

type JsonSchema = Record<string, unknown>;

/** A default or an example as written in YAML → the JSON that an editor compares. */
function asJson(written: string): unknown {
  const value: unknown = parseDocument(written).toJS();
  return value;
}

function describe(schema: JsonSchema, zodSchema: z.core.$ZodType): void {
  const info = keyInfo.get(zodSchema);
  if (info === undefined) return;
  if (info.json !== null) {
    for (const name of Object.keys(schema)) delete schema[name];
    Object.assign(schema, structuredClone(info.json));
  }
  if (info.description !== '') schema['description'] = info.description;
  if (info.default !== null) schema['default'] = asJson(info.default);
  else delete schema['default'];
  if (info.example !== undefined) schema['examples'] = [asJson(info.example)];
}

/** The JSON Schema (draft 2020-12) of workers.yaml. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(root, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema, zodSchema }) => describe(jsonSchema, zodSchema),
  });
  const programs = schema.properties?.['programs'];
  if (typeof programs !== 'object') throw new Error('the schema has no programs');
  const body = programs.additionalProperties;
  const defaults = schema.properties?.['defaults'];
  if (typeof body !== 'object' || typeof defaults !== 'object')
    throw new Error('the schema has no programs or no defaults');
  // `defaults` is a program: said once.
  const own = { description: defaults.description, default: {}, examples: defaults.examples };
  const properties = { ...schema.properties, defaults: { $ref: '#/$defs/program', ...own } };
  Object.assign(properties, {
    programs: { ...programs, minProperties: 1, additionalProperties: { $ref: '#/$defs/program' } },
  });
  const { $schema } = schema;
  const title = 'workers.yaml of ackwarden';
  const whole = { $schema, title, ...schema, properties, required: ['version', 'programs'], $defs: { program: body } };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
