/** What a worker's own PHP says of itself: asked as the worker's user, in its directory, with its environment. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { findExecutable } from '../linux/find-executable.ts';
import { lookUpAccount } from '../linux/passwd.ts';
import type { Account } from '../linux/passwd.ts';
import { sendSignal } from '../linux/process-identity.ts';
import { userVariables } from '../linux/user-variables.ts';
import { interpreterOf } from './interpreter.ts';

/** How a worker is started. */
export interface PhpPlace {
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  directory: string;
  /** Null: we ourselves. */
  user: string | null;
}

export interface PhpFacts {
  version: string;
  /** Absolute path; what a switch of `update-alternatives` changes. */
  binary: string;
  /** The main php.ini; null: none. */
  iniFile: string | null;
  /** Where php.ini is looked for, and the directory of further files, as it was compiled; the latter may be empty. */
  iniFolder: string;
  scanFolder: string;
  /** Further ini files, in the order in which they were read. */
  scanned: string[];
  /** Zend extensions too. */
  extensions: string[];
  /** By those names; null: it tells none. */
  versions: Record<string, string | null>;
}

/** Why PHP could not be asked, as a sentence for a person. */
export class PhpProblem extends Error {
  override readonly name = 'PhpProblem';
}

const DEADLINE_MS = 5_000;
/** How long what it said is waited for once it has ended. */
const LAST_WORDS_MS = 500;
const OUTPUT_BYTES = 256 * 1024;
/** Extensions may print what they like at their start, before and after. */
const [BEGIN, END] = ['<ackwarden>', '</ackwarden>'];
/** As a query string, because PHP before 8.0 has no json_encode() without its ini files; what is null is left out of it. */
const QUESTION = `$e = array_values(array_unique(array_merge(get_loaded_extensions(), get_loaded_extensions(true)))); $v = [];
  foreach ($e as $n) $v[$n] = phpversion($n) ?: null;
  echo '${BEGIN}', http_build_query(['version' => PHP_VERSION, 'binary' => PHP_BINARY,
  'iniFile' => php_ini_loaded_file() ?: null, 'iniFolder' => PHP_CONFIG_FILE_PATH, 'scanFolder' => PHP_CONFIG_FILE_SCAN_DIR,
  'scanned' => array_values(array_filter(array_map('trim', explode(',', (string) php_ini_scanned_files())))),
  'extensions' => $e, 'versions' => $v], '', '&'), '${END}';`;

/** @param ini as the worker has them, or none at all @throws PhpProblem */
export const askPhp = async (place: PhpPlace, ini: 'its own' | 'none' = 'its own'): Promise<PhpFacts> => {
  const account = place.user === null ? null : await accountOf(place.user);
  const { words, options } = interpreterOf(place.command, shebangOf(place));
  const environment =
    account === null ? place.environment : { ...place.environment, ...userVariables(place.environment, account) };
  const argv = [...asUser(account), ...words, ...(ini === 'none' ? ['-n'] : options), '-r', QUESTION];
  const said = await outputOf(argv, { cwd: place.directory, env: environment }).catch((error: unknown) => {
    // Of its words only the last: others may hold secrets.
    throw new PhpProblem(`${words.at(-1) ?? ''} ${(error as Error).message}`);
  });
  return parseAnswer(said.slice(said.lastIndexOf(BEGIN) + BEGIN.length, said.lastIndexOf(END)));
};

/** What stands between the marks: it was written by QUESTION, in the PHP that the user has chosen. */
const parseAnswer = (answer: string): PhpFacts => {
  const said = new URLSearchParams(answer);
  const under = (key: string): [string, string][] =>
    [...said].flatMap(([name, value]) => (name.startsWith(`${key}[`) ? [[name.slice(key.length + 1, -1), value]] : []));
  const extensions = under('extensions').map(([, name]) => name);
  const versions = new Map(under('versions'));
  return {
    version: said.get('version') ?? '',
    binary: said.get('binary') ?? '',
    iniFile: said.get('iniFile'),
    iniFolder: said.get('iniFolder') ?? '',
    scanFolder: said.get('scanFolder') ?? '',
    scanned: under('scanned').map(([, file]) => file),
    extensions,
    versions: Object.fromEntries(extensions.map((name) => [name, versions.get(name) ?? null])),
  };
};

/** Of a script that is started by its own name (`./artisan`); none where it is not there to be read. */
export const shebangOf = ({ command, directory, environment }: PhpPlace): string[] => {
  const found = findExecutable(command[0] ?? '', directory, environment['PATH']);
  if (!('path' in found)) return [];
  const head = Buffer.alloc(256);
  try {
    const file = openSync(found.path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // Not ours to read: then the guess is as good as it gets, and PHP's own answer shows whether it was right.
    return [];
  }
  const [first = ''] = head.toString('latin1').split('\n');
  return first.startsWith('#!') ? first.slice(2).trim().split(/\s+/) : [];
};

const accountOf = async (user: string): Promise<Account> => {
  const account = await lookUpAccount(user).catch((error: unknown) => {
    throw new PhpProblem((error as Error).message);
  });
  if (account === null) throw new PhpProblem(`the user ${user} does not exist on this host`);
  const own = process.geteuid?.() ?? 0;
  if (own !== 0 && own !== account.uid) throw new PhpProblem(`only root can ask as ${user}, and we are user id ${own}`);
  return account;
};

const asUser = (account: Account | null): string[] => {
  if (account === null || account.uid === process.geteuid?.()) return [];
  const setpriv = findExecutable('setpriv', '/', process.env['PATH']);
  if ('problem' in setpriv) throw new PhpProblem(`${setpriv.problem} It is part of util-linux`);
  return [setpriv.path, `--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups', '--'];
};

/**
 * What it printed up to the end of the answer. Not up to the end of its output: an agent may start a daemon that holds it open.
 *
 * @throws PhpProblem
 */
const outputOf = (
  argv: readonly string[],
  where: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<string> =>
  new Promise((settle, fail) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { ...where, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const problem = (text: string): void => fail(new PhpProblem(text));
    let [said, complaint] = ['', ''];
    // Also for one that has answered and does not end.
    const late = setTimeout(() => {
      if (child.pid !== undefined) sendSignal(-child.pid, 'SIGKILL');
      problem(`did not answer within ${DEADLINE_MS / 1000} s`);
    }, DEADLINE_MS);
    child.once('exit', () => clearTimeout(late));
    child.stdout.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-OUTPUT_BYTES);
      if (said.includes(END)) settle(said);
    });
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-500)));
    child.once('error', (error) => {
      clearTimeout(late);
      problem(`could not be started: ${error.message}`);
    });
    // Its output may arrive after its exit.
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exited with status ${code}` : `was ended by ${signal}`;
      const last = (): string => complaint.trim().split('\n').at(-1) ?? '';
      const tell = (): void => problem(`${how} without an answer${last() === '' ? '' : ` (${last()})`}`);
      const patience = setTimeout(tell, LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(patience);
        tell();
      });
    });
  });
