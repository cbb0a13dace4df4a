/** Starting one process of an event listener: no shell, its own process group, and it does not outlive us. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { statSync } from 'node:fs';
import type { ListenerConfig } from '../../config/types.ts';
import { findExecutable } from '../../linux/find-executable.ts';
import { lookUpAccount } from '../../linux/passwd.ts';
import type { Account } from '../../linux/passwd.ts';
import { userVariables } from '../../linux/user-variables.ts';
import { passedOn } from '../passed-on.ts';

/** Why it cannot be started, as a sentence for a person. */
export class ListenerProblem extends Error {
  override readonly name = 'ListenerProblem';
}

export interface Surroundings {
  /** What we ourselves were started with. */
  inherited: NodeJS.ProcessEnv;
  /** Our control socket. */
  socketPath: string;
}

/**
 * All that can be known to fail before there is a process; what is returned starts it, at once.
 *
 * @throws ListenerProblem
 */
export const prepareListener = async (
  config: ListenerConfig,
  processName: string,
  surroundings: Surroundings,
): Promise<() => ChildProcessWithoutNullStreams> => {
  const account = config.user === null ? null : await accountOf(config.user);
  const environment = environmentOf(config, { processName, account, surroundings });
  const { setpriv, words } = argvOf(config, account, environment);
  return () =>
    spawn(setpriv, words, {
      cwd: config.directory,
      env: environment,
      // A session of its own: it can be ended with all that it started, and no Ctrl-C reaches it before we do.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
};

const accountOf = async (user: string): Promise<Account> => {
  const account = await lookUpAccount(user).catch((error: unknown) => {
    throw new ListenerProblem((error as Error).message);
  });
  if (account === null) throw new ListenerProblem(`The user ${user} does not exist on this host (getent passwd).`);
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && own !== account.uid)
    throw new ListenerProblem(`Only root can start a listener as ${user}: ackwarden runs with user id ${own}.`);
  return account;
};

/** As supervisord's, so that supervisor.childutils finds us. */
const environmentOf = (
  config: ListenerConfig,
  from: { processName: string; account: Account | null; surroundings: Surroundings },
): Record<string, string> => {
  const environment = {
    ...passedOn(from.surroundings.inherited),
    SUPERVISOR_ENABLED: '1',
    SUPERVISOR_SERVER_URL: `unix://${from.surroundings.socketPath}`,
    SUPERVISOR_PROCESS_NAME: from.processName,
    SUPERVISOR_GROUP_NAME: config.name,
    ...config.environment,
  };
  return from.account === null ? environment : { ...environment, ...userVariables(environment, from.account) };
};

/**
 * setpriv(1) becomes the command: it asks for SIGTERM at our death (however that comes), and takes the user with that user's groups,
 * which the options of Node would drop.
 */
const argvOf = (
  config: ListenerConfig,
  account: Account | null,
  environment: Record<string, string>,
): { setpriv: string; words: string[] } => {
  checkDirectory(config.directory);
  const [command = ''] = config.command;
  const found = findExecutable(command, config.directory, environment['PATH']);
  if ('problem' in found) throw new ListenerProblem(found.problem);
  const setpriv = findExecutable('setpriv', '/', process.env['PATH']);
  if ('problem' in setpriv) throw new ListenerProblem(`${setpriv.problem} It is part of util-linux.`);
  const isOther = account !== null && account.uid !== process.geteuid?.();
  const user = isOther ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups'] : [];
  return { setpriv: setpriv.path, words: ['--pdeathsig', 'TERM', ...user, '--', ...config.command] };
};

const checkDirectory = (directory: string): void => {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new ListenerProblem(`The directory ${directory} does not exist.`);
};
