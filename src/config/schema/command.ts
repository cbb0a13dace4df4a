/** The command of a program: a string that is split into words, or a list. */
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

/** Null: not written (the program must then have it from `defaults`). */
export const command = z
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

keyInfo.add(command, {
  description:
    'What each worker runs: a string, split into words as a shell would (no shell runs), or a list of words taken as they are; {program}, {worker} and {index} are filled in.',
  type: asString.type,
  default: null,
  defaultText: 'required, here or in `defaults`',
  example: 'php artisan task:event --queue=orders',
  json: { anyOf: [asString.json, { type: 'array', items: word.json, minItems: 1 }] },
});
