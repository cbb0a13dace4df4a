import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFifos } from '../../../src/shim/fifo.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-fifo-'));
  execFileSync('mkfifo', [join(root, 'one')]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const openUnder = (folder: string): string[] =>
  readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return []; // the descriptor of the listing itself
    }
  });

test('when the second cannot be opened, the first does not stay open', async () => {
  expect(() => openFifos([{ path: join(root, 'one') }, { path: join(root, 'missing') }], null)).toThrow('ENOENT');
  await expect.poll(() => openUnder(root)).toEqual([]);
});
