import { userInfo } from 'node:os';
import type { Account } from '../linux/passwd.ts';
import { INCARNATION_VARIABLE, MARKER_VARIABLE, markerOf } from './marked-processes.ts';
import type { SpawnSpec } from './protocol.ts';

/**
 * The environment of a worker: that of its spec, the two markers, and with a user that user's HOME, USER and LOGNAME where the spec
 * lacks them or has those of our own account (inherited by mistake: a worker of www-data must not write into /root).
 */
export function workerEnvironment(spec: SpawnSpec, life: string, account: Account | null): Record<string, string> {
  const environment: Record<string, string> = {
    [INCARNATION_VARIABLE]: spec.incarnation,
    ...spec.environment,
    [MARKER_VARIABLE]: markerOf(life, spec.incarnation),
  };
  if (account === null) return environment;
  const own = ownAccount();
  const theirs = { HOME: account.home, USER: account.name, LOGNAME: account.name };
  for (const [name, value] of Object.entries(theirs)) {
    if (environment[name] === undefined || environment[name] === own[name]) environment[name] = value;
  }
  return environment;
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
