/** What was meant by a key that is not in the contract. */
import { nearest } from './suggest.ts';
import { dotted } from './problem.ts';
import type { Path } from './problem.ts';
import { schemaAt, shapeOf } from './schema/walk.ts';
import type { Schema } from './schema/walk.ts';

/** Names of supervisord, compose and systemd, as paths below a program. */
const FOREIGN_WORDS: Readonly<Record<string, string>> = {
  numprocs: 'workers',
  replicas: 'workers',
  instances: 'workers',
  numprocsstart: 'firstIndex',
  processname: 'workerName',
  name: 'workerName',
  cmd: 'command',
  execstart: 'command',
  cwd: 'directory',
  dir: 'directory',
  workingdir: 'directory',
  workingdirectory: 'directory',
  env: 'environment',
  dependson: 'after',
  ulimits: 'limits',
  rlimits: 'limits',
  autostart: 'start.auto',
  startsecs: 'start.seconds',
  startretries: 'start.retries',
  autorestart: 'start.restart',
  restart: 'start.restart',
  exitcodes: 'start.exitCodes',
  stopsignal: 'recycle.stopSignal',
  stopwaitsecs: 'recycle.stopTimeout',
  redirectstderr: 'stderr',
  stdoutlogfile: 'stdout.path',
  stderrlogfile: 'stderr.path',
  stdoutlogfilemaxbytes: 'stdout.maxSize',
  stdoutlogfilebackups: 'stdout.backups',
  oomscoreadj: 'oom.scoreAdj',
};

function isProgram(path: Path): boolean {
  return (path.length === 1 && path[0] === 'defaults') || (path.length === 2 && path[0] === 'programs');
}

/** `hard` directly in a program → `memory.hard`, if only one map below has such a key. */
function oneLevelDown(shape: Readonly<Record<string, Schema>>, name: string): string | null {
  const homes = Object.entries(shape).filter(([, schema]) => Object.hasOwn(shapeOf(schema) ?? {}, name));
  const [home] = homes;
  return homes.length === 1 && home !== undefined ? `${home[0]}.${name}` : null;
}

/** A key that is known one level up, or at the top. */
function further(root: Schema, path: Path, name: string): string | null {
  for (let length = path.length - 1; length >= 0; length--) {
    const shape = shapeOf(schemaAt(root, path.slice(0, length)) ?? root);
    if (shape !== null && Object.hasOwn(shape, name)) return dotted([...path.slice(0, length), name]);
  }
  return null;
}

/** The allowed keys at `path`, and the one that was probably meant. */
export function explainUnknownKey(
  root: Schema,
  path: Path,
  name: string,
): { allowed: string[]; suggestion: string | null } {
  const shape = shapeOf(schemaAt(root, path) ?? root) ?? {};
  const allowed = Object.keys(shape);
  const foreign = isProgram(path) ? FOREIGN_WORDS[name.toLowerCase().replaceAll(/[-_]/g, '')] : undefined;
  const near = nearest(name, allowed);
  return { allowed, suggestion: foreign ?? oneLevelDown(shape, name) ?? near ?? further(root, path, name) };
}
