/**
 * Known leaks of PHP extensions: a data file (advisories.yaml, beside the executable), and files of the user's own in the same form.
 */
import { parse } from 'yaml';
import * as z from 'zod';
import { readTextFile } from '../config/read-file.ts';
import type { Advisory } from './types.ts';
import { isRange } from './versions.ts';

const line = z.string().trim().min(1).max(400);

const advisory = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'expected small letters, digits, `.` and `-`, e.g. newrelic-9.7'),
  extension: z.string().regex(/^[A-Za-z][\w-]*$/, 'expected the name of a PHP extension, e.g. newrelic'),
  affected: line.refine(isRange, 'expected a range of versions such as ">=9.0.2 <9.7.0", or "*"'),
  fixed: line.nullable().default(null),
  symptom: line,
  per: line.nullable().default(null),
  zend: z.enum(['yes', 'no', 'mixed']),
  helper: line.nullable().default(null),
  remedy: line,
  link: z.url({ protocol: /^https?$/ }),
  checked: z
    .string()
    .regex(/^(?:no|\d{4}-\d{2}-\d{2})$/, 'expected a day such as 2026-11-26, or "no"')
    .nullable()
    .default(null),
});

const file = z.strictObject({ advisories: z.array(advisory).max(2000) });

/** An advisory file that cannot be used; the sentence names the file and the entry. */
export class AdvisoryError extends Error {}

/** @throws AdvisoryError */
export const parseAdvisories = (text: string, shown: string): Advisory[] => {
  const parsed = file.safeParse(readYaml(text, shown));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AdvisoryError(
      `${shown}: ${(issue?.path ?? []).join('.')}: ${issue?.message ?? 'not a list of advisories'}`,
    );
  }
  const { advisories } = parsed.data;
  const twice = advisories.find(({ id }, index) => advisories.findIndex((other) => other.id === id) !== index);
  if (twice !== undefined) throw new AdvisoryError(`${shown}: the id ${twice.id} stands there twice`);
  return advisories;
};

const readYaml = (text: string, shown: string): unknown => {
  try {
    return parse(text);
  } catch (error) {
    throw new AdvisoryError(`${shown}: ${(error as Error).message.split('\n')[0] ?? 'not YAML'}`);
  }
};

/** All of these files; a later one replaces what an earlier one says under the same id. @throws AdvisoryError */
export const loadAdvisories = (paths: readonly string[]): Advisory[] => {
  const byId = new Map<string, Advisory>();
  for (const path of paths) for (const each of parseAdvisories(readFile(path), path)) byId.set(each.id, each);
  return [...byId.values()];
};

const readFile = (path: string): string => {
  const read = readTextFile(path);
  if (read.ok) return read.text;
  throw new AdvisoryError(`cannot read the advisories of ${path}: found ${read.found}, expected ${read.expected}`);
};
