/** Finds the controller a client command talks to (docs/design.md, sections 7 and 9). */
import { dirname, join, resolve } from 'node:path';
import { createClient } from '../api/client.ts';
import type { Client } from '../api/client.ts';
import { controlSocket, defaultDirectories, MOST_SOCKET_BYTES } from '../config/paths.ts';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { errnoOf } from './errno.ts';
import { stateDirIn } from './state-dir.ts';

export interface Target {
  socketPath: string;
  /** The workers.yaml that was consulted; null with --socket, or where there is none. */
  configuration: string | null;
}

/** Not by `import`, which takes 15 ms longer (client-errors.ts says why). */
const { existsSync, readFileSync } = process.getBuiltinModule('node:fs');

const SYSTEM_CONFIGURATION = '/etc/ackwarden/workers.yaml';

/** `-c FILE`, else ./workers.yaml, else /etc/ackwarden/workers.yaml; null: none of them is there. */
export function findConfiguration(config: string | null, cwd: string): string | null {
  if (config !== null) return resolve(cwd, config);
  return [join(cwd, 'workers.yaml'), SYSTEM_CONFIGURATION].find((path) => existsSync(path)) ?? null;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = errnoOf(error);
    const message = error instanceof Error ? error.message : String(error);
    const what = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : message;
    throw new UsageError(
      `cannot read the configuration ${file}: ${what}; give another with -c FILE, or --socket PATH`,
      {
        cause: error,
      },
    );
  }
}

/** Throws UsageError for a configuration that is named and cannot be used. */
export async function findTarget(
  options: GlobalOptions,
  context: Pick<Context, 'cwd' | 'env' | 'uid'>,
): Promise<Target> {
  if (options.socket !== null) {
    return { socketPath: checked(resolve(context.cwd, options.socket)), configuration: options.config };
  }
  const file = findConfiguration(options.config, context.cwd);
  const written = file === null ? null : await stateDirIn(read(file), file, context.env);
  const stateDir =
    written === null || file === null
      ? defaultDirectories(context.env, { uid: context.uid, home: context.env['HOME'] ?? '/' }).stateDir
      : resolve(dirname(file), written);
  return { socketPath: checked(controlSocket(stateDir)), configuration: file };
}

function checked(socketPath: string): string {
  const bytes = Buffer.byteLength(socketPath);
  if (bytes <= MOST_SOCKET_BYTES) return socketPath;
  throw new UsageError(
    `the socket path ${socketPath} is ${bytes} bytes long, and Linux allows ${MOST_SOCKET_BYTES}; use a shorter stateDir`,
  );
}

export async function connect(options: GlobalOptions, context: Context): Promise<Client> {
  return createClient(await findTarget(options, context));
}
