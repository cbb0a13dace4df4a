/** What `doctor` may ask of the host; tests pass a made-up one. */
import { execFile } from 'node:child_process';
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { errnoOf } from '../errno.ts';

export interface HostReader {
  /** Text of a file; null: it is not there or may not be read. */
  read(path: string): string | null;
  /** Entries of a directory; empty: it is not there or may not be read. */
  list(path: string): string[];
  exists(path: string): boolean;
  writable(path: string): boolean;
  /** Absolute path of a command on PATH; null: there is none. */
  which(command: string): string | null;
  /** Standard output of a command that ended with 0 within five seconds; null otherwise. No shell. */
  output(argv: readonly string[]): Promise<string | null>;
  pid: number;
  uid: number;
  nodeVersion: string;
}

const COMMAND_TIMEOUT_MS = 5000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Reasons why a look at the host tells nothing, which callers say themselves. */
const CANNOT_LOOK = new Set(['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'ESRCH', 'EOPNOTSUPP', 'EINVAL', 'EIO', 'ENODEV']);

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (CANNOT_LOOK.has(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

function accessible(path: string, mode: number): boolean {
  return (
    orNull(() => {
      accessSync(path, mode);
      return true;
    }) ?? false
  );
}

export function createHostReader(env: Readonly<Record<string, string | undefined>>): HostReader {
  const directories = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter((path) => path !== '');
  return {
    read: (path) => orNull(() => readFileSync(path, 'utf8')),
    list: (path) => orNull(() => readdirSync(path)) ?? [],
    exists: (path) => accessible(path, constants.F_OK),
    writable: (path) => accessible(path, constants.W_OK),
    which: (command) =>
      directories.map((directory) => join(directory, command)).find((path) => accessible(path, constants.X_OK)) ?? null,
    output: ([file = '', ...args]) =>
      new Promise((resolve) => {
        const options = { timeout: COMMAND_TIMEOUT_MS, maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const;
        execFile(file, args, options, (error, stdout) => resolve(error === null ? stdout : null));
      }),
    pid: process.pid,
    uid: process.getuid?.() ?? 0,
    nodeVersion: process.versions.node,
  };
}
