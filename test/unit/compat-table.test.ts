/** docs/compat-supervisord.md has the differences that the differential test knows (UPDATE=1 writes them). */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { STEPS } from '../e2e/supervisorctl/calls.ts';
import { differenceTable, withTable } from '../e2e/supervisorctl/compat-table.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/compat-supervisord.md', import.meta.url));

test('docs/compat-supervisord.md tells every difference', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const wanted = withTable(text, differenceTable(STEPS));
  if (process.env['UPDATE'] === '1') writeFileSync(DOCUMENT, wanted);
  else expect(text).toBe(wanted);
});
