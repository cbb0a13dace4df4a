/** Each fixture begins with the problems it must give, one `#! line:column: sentence` a line: exactly these, in this order. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/config/errors/', import.meta.url));
const ENV = { NAME: 'value', DB_PASSWORD: 'hunter2', BAD: '12 foo', EMPTY: '', API_TOKEN: 'hunter2' };
const ROOT = { uid: 0, home: '/root' };

function expected(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('#! ')).map((line) => `${path}:${line.slice(3)}`);
}

const FIXTURES = readdirSync(FOLDER).map((name) => ({ name, path: `${FOLDER}${name}` }));

describe('every problem of a workers.yaml, with its place', () => {
  it('has fixtures', () => expect(FIXTURES.length).toBeGreaterThan(100));

  it.each(FIXTURES)('$name', ({ path }) => {
    const result = loadConfig(path, ENV, ROOT);
    const texts = result.ok ? [] : result.problems.map(({ text }) => text);
    expect(texts).toEqual(expected(path));
    expect(texts.length).toBeGreaterThan(0);
    expect(texts.join('\n')).not.toContain('hunter2');
  });

  it.each(FIXTURES)('$name: the fields say what the sentence says', ({ path }) => {
    const result = loadConfig(path, ENV, ROOT);
    for (const problem of result.ok ? [] : result.problems) {
      expect(problem.file).toBe(path);
      expect(problem.text).toContain(`${path}:${problem.line}:${problem.column}: ${problem.path}`);
      expect(problem.found).not.toBe('');
      expect(problem.expected).not.toBe('');
      if (problem.suggestion !== null) expect(problem.text).toContain(`; did you mean ${problem.suggestion}?`);
    }
  });
});
