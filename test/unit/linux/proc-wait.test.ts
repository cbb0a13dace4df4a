import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readWait } from '../../../src/linux/proc-wait.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ackwarden proc '))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A copy of /proc/42 with these files; `fd3`: what descriptor 3 leads to. */
const wait = (files: { state: string; syscall?: string; wchan?: string; fd3?: string }): string | null => {
  const folder = join(root, '42');
  mkdirSync(join(folder, 'fd'), { recursive: true });
  writeFileSync(join(folder, 'stat'), `42 (php (x) S) ${files.state} 1 42 42 0`);
  for (const name of ['syscall', 'wchan'] as const) {
    const text = files[name];
    if (text !== undefined) writeFileSync(join(folder, name), text);
  }
  if (files.fd3 !== undefined) symlinkSync(files.fd3, join(folder, 'fd', '3'));
  return readWait(42, { root, architecture: 'x64' });
};

test.each([
  [{ state: 'R', syscall: 'running\n' }, 'running'],
  [
    { state: 'S', syscall: '45 0x3 0x7f 0x1000 0x0 0x0 0x0 0x7ffd 0x7f\n', fd3: 'socket:[1234]' },
    'in recvfrom on a socket',
  ],
  [{ state: 'S', syscall: '73 0x3 0x6 0x0\n', fd3: '/srv/cache.lock' }, 'in flock on /srv/cache.lock'],
  [{ state: 'S', syscall: '0 0x3 0x0\n' }, 'in read'],
  [{ state: 'S', syscall: '230 0x1 0x0\n' }, 'in clock_nanosleep'],
  [{ state: 'S', syscall: '999 0x1 0x0\n' }, 'in system call 999'],
  [{ state: 'S', wchan: 'do_sys_poll' }, 'sleeping in do_sys_poll'],
  [{ state: 'S', wchan: '0' }, 'sleeping'],
  [{ state: 'S' }, 'sleeping'],
  [
    { state: 'D', syscall: '0 0x3 0x0\n', fd3: '/nfs/a' },
    'in uninterruptible sleep (disk, or a network file system), in read on /nfs/a',
  ],
  [{ state: 'T' }, 'stopped by a signal'],
] as const)('%j: %s', (files, words) => {
  expect(wait(files)).toBe(words);
});

test('of a process that is gone nothing is known', () => {
  expect(readWait(42, { root })).toBeNull();
});

test('a real process that sleeps', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    let words = readWait(child.pid ?? 0);
    while (words === 'running' || words === null) {
      await new Promise(setImmediate);
      words = readWait(child.pid ?? 0);
    }
    expect(words).toMatch(/^(in |sleeping)/);
  } finally {
    child.kill('SIGKILL');
  }
});
