/** The last lines of a run, as vitest really makes them: nothing that needed two tries passes in silence. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

const run = (file: string, environment: object = {}): { lines: string[]; status: number | null } => {
  const argv = [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    'test/fixtures/reporter/vitest.config.ts',
  ];
  const { stdout, status } = spawnSync(process.execPath, [...argv, file], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { lines: stdout.trimEnd().split('\n'), status };
};

test('a test that passed only at its second try is named, with what it said at the first', { timeout: 120_000 }, () => {
  const { lines, status } = run('tries');
  expect(lines.slice(-4)).toEqual([
    '1 passed only at the second try; that is a fault, mend it:',
    '  tries.test.ts > a site > fails at first',
    '    expected 1 to be 2 // Object.is equality',
    '2 passed, 0 failed, 1 skipped',
  ]);
  expect(status).toBe(0);
});

test('a suite whose set-up fails has failed, though its tests are left out', { timeout: 120_000 }, () => {
  const { lines, status } = run('set-up');
  expect(lines.at(-1)).toBe('0 passed, 1 failed, 1 skipped');
  expect(status).toBe(1);
});

test('a run whose set-up fails has failed, though it has no tests', { timeout: 120_000 }, () => {
  const { lines, status } = run('tries', { BROKEN: '1' });
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(status).toBe(1);
});

test('one that fails twice has failed', { timeout: 120_000 }, () => {
  const { lines, status } = run('fails');
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(lines.join('\n')).not.toContain('second try');
  expect(status).toBe(1);
});
