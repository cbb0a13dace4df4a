import { userInfo } from 'node:os';
import type { Account } from './passwd.ts';

/**
 * HOME, USER and LOGNAME of the account where the environment lacks them, or has those of our own account (inherited by mistake: a
 * process of www-data must not write into /root).
 */
export function userVariables(environment: Readonly<Record<string, string>>, account: Account): Record<string, string> {
  const own = ownAccount();
  const theirs = { HOME: account.home, USER: account.name, LOGNAME: account.name };
  const wrong = Object.entries(theirs).filter(
    ([name]) => environment[name] === undefined || environment[name] === own[name],
  );
  return Object.fromEntries(wrong);
}

function ownAccount(): Record<string, string> {
  try {
    const { username, homedir } = userInfo();
    return { HOME: homedir, USER: username, LOGNAME: username };
  } catch {
    // A user id without an entry in passwd(5): nothing of it can have been inherited by name.
    return {};
  }
}
