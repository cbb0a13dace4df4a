/** Whatever stands in the file, the answer is a configuration or located problems, never an exception. */
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadText } from './files.ts';

const design = readFileSync(new URL('../../../docs/design.md', import.meta.url), 'utf8');
const sample = /^## 8\.[^]*?^```yaml\n([^]*?)^```/m.exec(design)?.[1] ?? '';
const LINES = sample.split('\n');

const VALUES = [
  '',
  'null',
  '[]',
  '{}',
  '[x]',
  '{ a: 1 }',
  '-1',
  '1e9',
  '"${NOWHERE}"',
  '*a',
  '&a 1',
  '!t x',
  '512',
  '5m',
  'true',
  '{ <<: 1 }',
  '"\\0"',
];

function judged(text: string): void {
  const result = loadText(text);
  if (result.ok) return;
  expect(result.problems.length).toBeGreaterThan(0);
  const lines = text.split('\n').length;
  for (const { line, column, text: sentence } of result.problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines + 1);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(sentence).not.toContain('undefined');
  }
}

describe('any file', () => {
  it('with lines gone, doubled or cut', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(LINES.length - 1), fc.nat(2), fc.nat(60)), { maxLength: 4 }), (edits) => {
        const lines = [...LINES];
        for (const [at, kind, column] of edits) {
          const line = lines[at] ?? '';
          lines[at] = kind === 0 ? '' : kind === 1 ? `${line}\n${line}` : line.slice(0, column);
        }
        judged(lines.join('\n'));
      }),
      { numRuns: 200 },
    ));

  it('with values of another kind', () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(LINES.length - 1), fc.constantFrom(...VALUES)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const lines = [...LINES];
          for (const [at, value] of edits)
            lines[at] = (lines[at] ?? '').replace(/(: +|- +)[^,}]*/, (_, start: string) => start + value);
          judged(lines.join('\n'));
        },
      ),
      { numRuns: 300 },
    ));

  it('of noise', () => fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), judged), { numRuns: 200 }));
});
