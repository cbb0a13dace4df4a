/** What can be known to fail before a process is made: through the exec chain a missing command is only an exit status. */
import { accessSync, constants, statSync } from 'node:fs';
import { errorCode } from '../linux/proc-file.ts';
import { findExecutable } from '../linux/find-executable.ts';
import type { Account } from '../linux/passwd.ts';
import { PemProblem, readPemFiles } from '../linux/pem-files.ts';
import type { Accounts } from './accounts.ts';
import type { SpawnSpec } from './spawn-spec.ts';
import { isReachableBy } from './reachable.ts';

/** A spec that cannot be started; `field` is the key of workers.yaml at fault. */
export class SpawnProblem extends Error {
  override readonly name = 'SpawnProblem';
  readonly field: string;

  constructor(field: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.field = field;
  }
}

/** The account to become; null when the spec names no user. Rejects with SpawnProblem. */
export async function checkSpawn(spec: SpawnSpec, accounts: Accounts, setpriv: string): Promise<Account | null> {
  const account = spec.user === null ? null : await checkUser(spec.user, accounts);
  checkDirectory(spec.directory);
  const command = checkCommand(spec);
  await checkTls(spec);
  if (account === null || account.uid === process.geteuid?.()) return account;
  if (!(await isReachableBy(account, spec.directory, setpriv))) {
    throw new SpawnProblem(
      'directory',
      `The user ${account.name} cannot enter the directory ${spec.directory}: check its permissions and those above it.`,
    );
  }
  if (!(await isReachableBy(account, command, setpriv))) {
    throw new SpawnProblem(
      'command',
      `The user ${account.name} cannot execute ${command}: check its permissions and those of the folders above it.`,
    );
  }
  return account;
}

async function checkUser(user: string, accounts: Accounts): Promise<Account> {
  let account: Account | null;
  try {
    account = await accounts.find(user);
  } catch (error) {
    throw new SpawnProblem('user', error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (account === null) throw new SpawnProblem('user', `The user ${user} does not exist on this host (getent passwd).`);
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && own !== account.uid) {
    throw new SpawnProblem('user', `Only root can start a worker as ${user}: ackwarden runs with user id ${own}.`);
  }
  return account;
}

function checkDirectory(directory: string): void {
  try {
    if (!statSync(directory).isDirectory()) {
      throw new SpawnProblem(
        'directory',
        `${directory} is not a directory: expected the folder to start the worker in.`,
      );
    }
    accessSync(directory, constants.X_OK);
  } catch (error) {
    if (error instanceof SpawnProblem) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT') throw new SpawnProblem('directory', `The directory ${directory} does not exist.`);
    throw new SpawnProblem('directory', `The directory ${directory} cannot be entered (${code ?? String(error)}).`);
  }
}

/** The files are ours to read, not the worker's: a missing one is told before there is a worker that cannot connect. */
async function checkTls({ gate }: SpawnSpec): Promise<void> {
  const tls = gate?.upstreams.find((node) => node.tls !== null)?.tls ?? null;
  if (tls === null) return;
  try {
    await readPemFiles(tls, Date.now());
  } catch (error) {
    if (!(error instanceof PemProblem)) throw error;
    throw new SpawnProblem(`broker.tls.${error.field}`, error.message, { cause: error });
  }
}

function checkCommand(spec: SpawnSpec): string {
  const [command = ''] = spec.argv;
  if (command === '' || command.startsWith('-')) {
    throw new SpawnProblem(
      'command',
      `${JSON.stringify(command)} cannot be a command: expected a program's name or path.`,
    );
  }
  const found = findExecutable(command, spec.directory, spec.environment['PATH']);
  if ('problem' in found) throw new SpawnProblem('command', found.problem);
  return found.path;
}
