import { execFile } from 'node:child_process';

/** An account as passwd(5) has it. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

const GETENT_DEADLINE_MS = 5000;
const NOT_FOUND = 2;
const NAME = /^[A-Za-z0-9_.][A-Za-z0-9_.@\\-]*\$?$/;

/** Parse one line of passwd(5); null when it is not one. */
export function parsePasswdLine(line: string): Account | null {
  const [name, , uid, gid, , home] = line.trim().split(':');
  if (!name || home === undefined || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: home === '' ? '/' : home };
}

/**
 * Look a user up by name or number with getent(1), which also asks LDAP and its like; null when there is none. Rejects with a
 * sentence when the question could not be answered.
 */
export function lookUpAccount(user: string): Promise<Account | null> {
  if (!NAME.test(user)) return Promise.resolve(null);
  return new Promise((settle, fail) => {
    execFile('getent', ['passwd', user], { timeout: GETENT_DEADLINE_MS, encoding: 'utf8' }, (error, stdout) => {
      if (error === null) settle(parsePasswdLine(stdout.split('\n')[0] ?? ''));
      else if (error.code === NOT_FOUND) settle(null);
      else fail(new Error(`The user ${user} could not be looked up: getent passwd failed (${error.message.trim()}).`));
    });
  });
}
