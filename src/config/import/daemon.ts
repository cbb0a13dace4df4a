/** The [supervisord] section: what it means for the programs, and what of it has no equivalent. */
import type { Section } from './ini.ts';
import type { Options } from './options.ts';
import { readVariables } from './process.ts';
import { readBoolean, readBytes, readInteger, readLevel, readOctal } from './values.ts';
import { FORMS, REAL, SILENT, globalNames, optionsIn } from './world.ts';
import type { Form, World } from './world.ts';

export interface Daemon {
  /** Null: only files of a conf.d were read. */
  section: Section | null;
  user: string | null;
  /** Null: not set. */
  umask: number | null;
  directory: string | null;
  nodaemon: boolean;
  /** Null: not set. */
  minfds: number | null;
  minprocs: number | null;
  stripAnsi: boolean;
}

const NOTHING: Daemon = {
  section: null,
  user: null,
  umask: null,
  directory: null,
  nodaemon: false,
  minfds: null,
  minprocs: null,
  stripAnsi: false,
};

const OWN_LOG = 'ackwarden keeps a journal (`ackwarden journal`) instead of a log, and writes its errors to stderr';

/** Keys without an equivalent, and what is there instead. */
const REPLACED: Readonly<Record<string, string>> = {
  logfile: OWN_LOG,
  logfile_maxbytes: 'as logfile',
  logfile_backups: 'as logfile',
  loglevel: 'as logfile',
  pidfile: 'there is no pid file: locks in stateDir keep a second ackwarden out',
  nodaemon:
    '`ackwarden run` is always in the foreground; programs without directory= start in the directory of workers.yaml',
  silent: '`ackwarden run` writes to a terminal only',
  nocleanup: 'no log is ever deleted at start',
  childlogdir:
    'worker logs without a path lie in logDir (by default /var/log/ackwarden); set `logDir:` to have them elsewhere',
  identifier: 'a name of one supervisord among several; ackwarden has none',
};

/** Variables for all programs. supervisor 4.2 expands them twice; where that fails, once, as newer versions do. */
function environmentIn(world: World, section: Section, form: Form): Map<string, string> {
  const names = new Map([...globalNames(world, form), ['host_node_name', world.hostName] as const]);
  const twice = SILENT();
  const found = readVariables(optionsIn(world, section, twice), names, 2);
  if (!twice.hasErrors) return found;
  return readVariables(optionsIn(world, section, form === REAL ? world.report : SILENT()), names);
}

function sayReplaced(options: Options): void {
  for (const [name, text] of Object.entries(REPLACED)) {
    if (options.option(name) !== null) options.say('note', name, `not imported: ${text}`);
  }
}

function checkOthers(options: Options, names: ReturnType<typeof globalNames>): void {
  options.read('logfile_maxbytes', names, { read: readBytes, fallback: 0 });
  options.read('logfile_backups', names, { read: readInteger, fallback: 0 });
  options.read('loglevel', names, { read: readLevel, fallback: 'info' });
  options.read('silent', names, { read: readBoolean, fallback: false });
  options.read('nocleanup', names, { read: readBoolean, fallback: false });
  for (const name of ['logfile', 'pidfile', 'childlogdir', 'identifier']) options.expanded(name, names);
}

/** Reads it, and puts its environment into the world. */
export function readDaemon(world: World): Daemon {
  const section = world.ini.sections.get('supervisord');
  if (section === undefined) return NOTHING;
  for (const form of [REAL, ...FORMS]) world.environment.set(form, environmentIn(world, section, form));
  const options = optionsIn(world, section);
  const names = globalNames(world, REAL);
  const given = (name: string): boolean => options.option(name) !== null;
  checkOthers(options, names);
  sayReplaced(options);
  return {
    section,
    user: options.line('user', names),
    umask: given('umask') ? options.read('umask', names, { read: readOctal, fallback: 0o22 }) : null,
    directory: options.line('directory', names),
    nodaemon: options.read('nodaemon', names, { read: readBoolean, fallback: false }),
    minfds: given('minfds') ? options.read('minfds', names, { read: readInteger, fallback: 1024 }) : null,
    minprocs: given('minprocs') ? options.read('minprocs', names, { read: readInteger, fallback: 200 }) : null,
    stripAnsi: options.read('strip_ansi', names, { read: readBoolean, fallback: false }),
  };
}
