/** The directories a controller needs: made where missing, refused where they are not safely ours. */
import { chmodSync, chownSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { makeFolder } from '../linux/make-folder.ts';
import type { Config } from '../config/types.ts';

/** A start that cannot go on; the text is for the person who must act. */
export class StartError extends Error {}

/** Make stateDir, dataDir and logDir. Returns the numeric gid of `socket.group`, or null. */
export const preparePlaces = (config: Config): number | null => {
  const gid = config.socket.group === null ? null : gidOf(config.socket.group);
  make(config.stateDir, 0o700);
  assertOurs(config.stateDir);
  if (gid !== null) {
    // The group may reach the control socket; the shim's socket in the same directory stays 0600.
    // Where others may already pass through (workers of other users, shim/directories.ts), they still may.
    const passing = statSync(config.stateDir).mode & 0o001;
    giveToGroup(config.stateDir, gid, config.socket.group ?? '');
    chmodSync(config.stateDir, 0o710 | passing);
  }
  // Workers of other users read the php.ini files in it; what is secret in it has directories of its own.
  make(config.dataDir, 0o711);
  make(config.logDir, 0o755);
  return gid;
};

const giveToGroup = (path: string, gid: number, group: string): void => {
  try {
    chownSync(path, -1, gid);
  } catch (error) {
    throw new StartError(
      `socket.group: ${path} cannot be given to the group "${group}" (${(error as Error).message}); a plain user needs to be a member of it`,
    );
  }
};

const make = (path: string, mode: number): void => {
  try {
    makeFolder(path, mode);
  } catch (error) {
    throw new StartError(`${path} cannot be created: ${(error as Error).message}`);
  }
};

/** In /tmp anybody could have made it first, and would then own our sockets. */
const assertOurs = (path: string): void => {
  const found = lstatSync(path);
  const uid = process.getuid?.() ?? 0;
  if (!found.isDirectory()) throw new StartError(`stateDir ${path} is not a directory`);
  if (found.uid !== uid)
    throw new StartError(
      `stateDir ${path} belongs to uid ${found.uid}, expected our own uid ${uid}; remove it or set another stateDir`,
    );
  if ((found.mode & 0o022) !== 0)
    throw new StartError(
      `stateDir ${path} can be written by others (mode ${(found.mode & 0o777).toString(8)}); chmod go-w ${path}`,
    );
};

const gidOf = (group: string): number => {
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((candidate) => candidate.startsWith(`${group}:`));
  const gid = Number(line?.split(':')[2] ?? '');
  if (line === undefined || !Number.isInteger(gid))
    throw new StartError(`socket.group: there is no group named "${group}" in /etc/group`);
  return gid;
};
