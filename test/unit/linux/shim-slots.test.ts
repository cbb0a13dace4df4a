import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../../src/linux/lock.ts';
import { anyShimLives, slotPaths, slotsInUse } from '../../../src/linux/shim-slots.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-slots-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('the first slot has the plain names, the others their number', () => {
  expect(slotPaths('/s', 1)).toEqual({
    lock: '/s/shim.lock',
    socket: '/s/shim.sock',
    fifo: '/s/fifo',
    incarnations: '/s/incarnations',
  });
  expect(Object.values(slotPaths('/s', 2))).toEqual([
    '/s/shim.2.lock',
    '/s/shim.2.sock',
    '/s/fifo.2',
    '/s/incarnations.2',
  ]);
});

test('a socket or records are in use; a lock file alone is what every slot leaves', () => {
  expect(slotsInUse(root)).toEqual([]);
  writeFileSync(join(root, 'shim.3.sock'), '');
  mkdirSync(join(root, 'incarnations'));
  writeFileSync(join(root, 'shim.2.lock'), '');
  expect(slotsInUse(root)).toEqual([1, 3]);
});

test('a shim lives while a lock of any slot is held', () => {
  expect(anyShimLives(root)).toBe(false);
  const lock = takeLock(join(root, 'shim.2.lock'));
  expect(anyShimLives(root)).toBe(true);
  lock?.release();
  expect(anyShimLives(root)).toBe(false);
});
