import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { logInto } from '../../../src/shim/shim-log.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-shim-log-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('a line has its time and its writer; a log that grows too long begins anew', () => {
  const path = join(root, 'shim.log');
  const descriptor = openSync(path, 'a');
  const log = logInto(descriptor, 1_000);
  for (let number = 1; number <= 100; number += 1) log(`fault ${number}`);
  closeSync(descriptor);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z shim\[\d+\] fault 100$/);
  expect(lines.length).toBeLessThan(30);
});

test.runIf(existsSync('/dev/full'))('a full disk loses the line and raises no fault of its own', () => {
  const descriptor = openSync('/dev/full', 'a');
  try {
    expect(() => logInto(descriptor, 1_000)('fault')).not.toThrow();
  } finally {
    closeSync(descriptor);
  }
});
