/** The extensions of a PHP process: the shared objects it has mapped, and their versions as its own PHP tells them. */
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import type { Identity } from './identity.ts';
import { iniArguments } from './command-line.ts';
import { DELETED, extensionOf } from './extension-files.ts';
import type { ExtensionFacts } from './types.ts';

const ASK_DEADLINE_MS = 10_000;
const MOST_OUTPUT_BYTES = 1024 * 1024;

/** One line an extension, as `php --ri` would tell it, in one process instead of one for each of them. */
const ASK =
  'echo "PHP\\t", PHP_VERSION, "\\n"; foreach (array_merge(get_loaded_extensions(), get_loaded_extensions(true)) as $e) echo $e, "\\t", phpversion($e), "\\n";';

/** What its PHP said: name in lower case → version. */
export type Versions = Map<string, string>;

export const parseVersions = (text: string): Versions =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [name, said = ''] = line.split('\t');
      // `mysqlnd 8.2.30` is what mysqlnd calls its version.
      const version = said.trim().replace(/^[^\d]+/, '');
      return name === undefined || version === '' ? [] : [[name.toLowerCase(), version]];
    }),
  );

/** @param why the versions are not known; null where they are */
export const extensionsOf = (files: readonly string[], versions: Versions, why: string | null): ExtensionFacts[] => {
  const loaded = files.map((file): ExtensionFacts => {
    const name = extensionOf(file);
    const version = versions.get(name.toLowerCase()) ?? versions.get(`zend ${name.toLowerCase()}`) ?? null;
    if (file.endsWith(DELETED))
      return {
        name,
        file,
        version: null,
        why: 'its file was replaced since: this is an older version than the installed one',
      };
    return { name, file, version, why: version === null ? (why ?? 'its PHP does not load it any more') : null };
  });
  const known = new Set(loaded.flatMap(({ name }) => [name.toLowerCase(), `zend ${name.toLowerCase()}`]));
  const builtIn = [...versions]
    .filter(([name]) => name !== 'php' && !known.has(name))
    .map(([name, version]): ExtensionFacts => ({ name, file: null, version, why: null }));
  return [...loaded, ...builtIn];
};

/**
 * Ask the PHP of a process for its versions: its executable, environment, directory and `-c -n -d` arguments, as its user (never more
 * rights than it has), without a shell.
 */
export const askVersions = (identity: Identity): Promise<{ versions: Versions } | { why: string }> => {
  const { executable, words, pid, uid, gid, directory } = identity;
  if (executable === null || executable.endsWith(DELETED))
    return Promise.resolve({ why: 'its PHP was replaced or may not be seen' });
  const elsewhere = otherRoot(pid);
  if (elsewhere !== null) return Promise.resolve({ why: elsewhere });
  const environment = environmentOf(pid);
  if (environment === null) return Promise.resolve({ why: 'its environment may not be read' });
  const asRoot = process.getuid?.() === 0 && uid !== null && gid !== null && uid !== 0;
  return new Promise((settle) => {
    execFile(
      executable,
      [...iniArguments(words), '-d', 'display_errors=stderr', '-r', ASK],
      {
        env: environment,
        cwd: directory === null || directory.endsWith(DELETED) ? '/' : directory,
        timeout: ASK_DEADLINE_MS,
        killSignal: 'SIGKILL',
        maxBuffer: MOST_OUTPUT_BYTES,
        ...(asRoot ? { uid, gid } : {}),
      },
      (error, stdout) => {
        const versions = parseVersions(stdout);
        if (versions.has('php')) settle({ versions });
        else settle({ why: `its PHP did not answer (${error?.message.split('\n')[0] ?? 'no output'})` });
      },
    );
  });
};

/** A process of another container: its executable does not run outside of it. */
const otherRoot = (pid: number): string | null => {
  try {
    const same = readlinkSync(`/proc/${pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt');
    if (same && readlinkSync(`/proc/${pid}/root`) === readlinkSync('/proc/self/root')) return null;
    return 'it runs in a container or chroot of its own: run diagnose there';
  } catch {
    return 'where it runs may not be seen';
  }
};

/** Without the marks by which the shim would take our question for something the worker left behind. */
const environmentOf = (pid: number): Record<string, string> | null => {
  try {
    const block = readFileSync(`/proc/${pid}/environ`, 'utf8');
    const pairs = block.split('\0').filter((pair) => pair.includes('=') && !pair.startsWith('ACKWARDEN_'));
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    );
  } catch {
    return null;
  }
};
