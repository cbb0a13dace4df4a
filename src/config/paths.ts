/** Where things lie, by user (docs/design.md, section 7). */
import { isAbsolute, join, resolve } from 'node:path';
import type { Environment } from './interpolate.ts';

/** The user who runs ackwarden. */
export interface Who {
  uid: number;
  home: string;
}

export interface Directories {
  stateDir: string;
  dataDir: string;
  logDir: string;
}

/** Where lines go that `path: none` keeps out of files. */
export const NO_FILE = '/dev/null';

/** sun_path of unix(7) holds 108 bytes with the terminating NUL. */
export const MOST_SOCKET_BYTES = 107;

/** The longest name that is bound in stateDir: a socket is bound as `NAME.PID` (pids have up to 7 digits) and renamed into place. */
export const LONGEST_SOCKET_NAME = 'control.sock.4194304';

/** XDG Base Directory: a path that is not absolute is to be ignored. */
function xdg(env: Environment, name: string): string | null {
  const value = env[name];
  return value !== undefined && isAbsolute(value) ? value : null;
}

/** The directories used when workers.yaml names none. */
export function defaultDirectories(env: Environment, who: Who): Directories {
  if (who.uid === 0) return { stateDir: '/run/ackwarden', dataDir: '/var/lib/ackwarden', logDir: '/var/log/ackwarden' };
  const runtime = xdg(env, 'XDG_RUNTIME_DIR');
  const state = join(xdg(env, 'XDG_STATE_HOME') ?? join(who.home, '.local', 'state'), 'ackwarden');
  const stateDir = runtime === null ? `/tmp/ackwarden-${who.uid}` : join(runtime, 'ackwarden');
  return { stateDir, dataDir: state, logDir: join(state, 'log') };
}

/** `path` against `base`, without a slash at its end. */
export function absolute(base: string, path: string): string {
  return resolve(base, path);
}

/** The control socket of a state directory. */
export function controlSocket(stateDir: string): string {
  return join(stateDir, 'control.sock');
}

/** Bytes of the longest socket path below the state directory. */
export function longestSocketBytes(stateDir: string): number {
  return Buffer.byteLength(join(stateDir, LONGEST_SOCKET_NAME));
}
