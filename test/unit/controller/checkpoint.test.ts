import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CheckpointFile } from '../../../src/controller/checkpoint.ts';
import { Driven } from '../core/driven.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-checkpoint-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (): string => join(root, 'core.json');

test('the state of this boot comes back whole, and nobody else may read it', () => {
  const { state } = Driven.up();
  const file = new CheckpointFile(path(), 'this-boot');
  file.write(state);
  expect(file.read()).toEqual(state);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});

test('one that cannot be written is said once and shown until it can', () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const file = new CheckpointFile(join(root, 'missing', 'core.json'), 'this-boot');
  expect([file.write(Driven.up().state), file.write(Driven.up().state)]).toEqual([false, false]);
  expect(said).toHaveBeenCalledTimes(1);
  said.mockRestore();
  expect(file.trouble).toMatch(/core\.json cannot be written \(ENOENT.*workers go on/);
  mkdirSync(join(root, 'missing'));
  expect(file.write(Driven.up().state)).toBe(true);
  expect(file.trouble).toBeNull();
});

test('of another boot only the numbers count', () => {
  new CheckpointFile(path(), 'last-boot').write(Driven.up().state);
  expect(new CheckpointFile(path(), 'this-boot').read()).toEqual({ retiredNumbers: { 'shop:0': 2 } });
});

test.each([
  '',
  '{',
  '{}',
  'null',
  '[]',
  '7',
  '{"version":2,"core":{"version":1}}',
  '{"version":1,"bootId":"b","core":{"version":9}}',
])('%j is no checkpoint', (text) => {
  writeFileSync(path(), text);
  expect(new CheckpointFile(path(), 'b').read()).toBeNull();
});

test('a missing file is no checkpoint', () => {
  expect(new CheckpointFile(path(), 'b').read()).toBeNull();
});
