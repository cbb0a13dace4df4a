/** Each fixture: the workers.yaml and the report that are expected of it (UPDATE=1 writes them), and `check` takes every workers.yaml. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { remarkText } from '../../../../src/config/import/report.ts';
import { loadText } from '../files.ts';
import { FIXTURES, allFixtures, imported } from './fixtures.ts';

function expectGolden(name: string, text: string | null): void {
  const path = join(FIXTURES, name);
  if (process.env['UPDATE'] === '1') {
    if (text === null) rmSync(path, { force: true });
    else writeFileSync(path, text);
  }
  expect(existsSync(path) ? readFileSync(path, 'utf8') : null).toBe(text);
}

it('there are many', () => {
  expect(allFixtures().length).toBeGreaterThanOrEqual(60);
});

describe.each(allFixtures())('$name', (fixture) => {
  const { yaml, remarks } = imported(fixture);

  it('is imported as expected', () => {
    expectGolden(`${fixture.name}.yaml`, yaml);
  });

  it('is reported as expected', () => {
    expectGolden(
      `${fixture.name}.report`,
      remarks.map((remark) => `${remark.severity} ${remarkText(remark)}\n`).join(''),
    );
  });

  it('passes check', () => {
    const result = yaml === null ? null : loadText(yaml, fixture.env);
    expect(result?.ok === false ? result.problems.map(({ text }) => text) : []).toEqual([]);
  });

  it('is an error or a file', () => {
    expect(remarks.some(({ severity }) => severity === 'error')).toBe(yaml === null);
  });
});
