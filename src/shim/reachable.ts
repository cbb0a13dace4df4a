/** Whether another user can use a directory or run a file: asked before a spawn, because the exec chain has no way to answer. */
import { execFile } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Account } from '../linux/passwd.ts';

const EXECUTE = 1;
const TEST_DEADLINE_MS = 5000;

/**
 * Whether `account` has execute permission on `path` and on every folder above it. The permission bits answer the common cases at
 * once; where they do not (groups, access control lists), test(1) is run as that user.
 */
export async function isReachableBy(account: Account, path: string, setpriv: string): Promise<boolean> {
  if (account.uid === 0) return true;
  return bitsAllow(account, path) || (await testAs(account, path, setpriv));
}

function bitsAllow(account: Account, path: string): boolean {
  let at = realpathSync(path);
  for (;;) {
    const { mode, uid, gid } = statSync(at);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & EXECUTE) === 0) return false;
    if (at === '/') return true;
    at = dirname(at);
  }
}

function testAs(account: Account, path: string, setpriv: string): Promise<boolean> {
  const words = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--init-groups',
    '--',
    '/usr/bin/test',
    '-x',
    path,
  ];
  return new Promise((settle) => {
    execFile(setpriv, words, { timeout: TEST_DEADLINE_MS }, (error) => settle(error === null));
  });
}
