/** The command of a program or listener: a string that is split into words, or a list. */
import * as z from 'zod';
import { splitWords } from '../words.ts';
import { keyInfo, leaf } from './leaf.ts';
import type { Kind } from './leaf.ts';

const asString: Kind<string[]> = {
  type: 'text or list of text',
  expected: 'a command such as php artisan queue:work, or a list of words',
  json: { type: 'string', minLength: 1 },
  read: splitWords,
};

const word: Kind<string> = {
  type: 'text',
  expected: 'a word of the command',
  json: { type: ['string', 'number', 'boolean'] },
  read: (text) => ({ ok: true, value: text }),
};

const list = z.array(leaf(word));
const string = leaf(asString);

/** A command; null: not written. */
export function commandKey(info: { description: string; defaultText: string; example: string }) {
  const schema = z
    .unknown()
    .transform((raw, context): string[] => {
      const parsed = Array.isArray(raw) && raw.length > 0 ? list.safeParse(raw) : string.safeParse(raw);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues) {
        const params = issue.code === 'custom' ? issue.params : undefined;
        context.issues.push({ code: 'custom', input: raw, path: issue.path, params });
      }
      return z.NEVER;
    })
    .nullable()
    .default(null);
  const json = { anyOf: [asString.json, { type: 'array', items: word.json, minItems: 1 }] };
  keyInfo.add(schema, { type: asString.type, default: null, json, ...info });
  return schema;
}

/** Null: not written (the program must then have it from `defaults`). */
export const command = commandKey({
  description:
    'What each worker runs: a string, split into words as a shell would (no shell runs), or a list of words taken as they are; {program}, {worker} and {index} are filled in.',
  defaultText: 'required, here or in `defaults`',
  example: 'php artisan task:event --queue=orders',
});
