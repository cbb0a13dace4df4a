/** A program of supervisord, as supervisord itself would run it; what it cannot run goes to the report. */
import { strip } from './python-text.ts';
import { readEnvironment, readPosixEnvironment } from './environment.ts';
import type { Section } from './ini.ts';
import type { Options } from './options.ts';
import { percentFormat } from './percent.ts';
import type { Names } from './percent.ts';
import { shlexSplit } from './shlex.ts';
import {
  readAutorestart,
  readBoolean,
  readBytes,
  readExitCodes,
  readInteger,
  readName,
  readOctal,
  readSignal,
} from './values.ts';
import type { Autorestart } from './values.ts';
import { REAL, SILENT, optionsIn, processNames, sectionNames } from './world.ts';
import type { Form, World } from './world.ts';

export type LogFile = { kind: 'auto' | 'none' | 'syslog' } | { kind: 'path'; path: string };

export interface LogSettings {
  maxBytes: number;
  backups: number;
  syslog: boolean;
}

/** What is the same for all processes of a section. */
export interface Settings {
  priority: number;
  autostart: boolean;
  autorestart: Autorestart;
  startsecs: number;
  startretries: number;
  stopsignal: string;
  stopwaitsecs: number;
  stopasgroup: boolean;
  killasgroup: boolean;
  exitcodes: number[];
  redirectStderr: boolean;
  numprocs: number;
  numprocsStart: number;
  user: string | null;
  umask: number | null;
  stdout: LogSettings;
  stderr: LogSettings;
}

/** One process in one form: texts may hold markers. */
export interface Process {
  name: string;
  /** As written, expanded. */
  command: string;
  argv: string[];
  environment: ReadonlyMap<string, string>;
  directory: string | null;
  stdout: LogFile;
  stderr: LogFile;
}

export interface Unit {
  kind: 'program' | 'eventlistener';
  section: Section;
  options: Options;
  /** Of supervisord: behind the colon of the section. */
  name: string;
  group: string;
  settings: Settings;
  /** Indexes of its processes, and what supervisord makes of each. */
  processes: { index: number; process: Process }[];
  /** The process with this index in another form. */
  inForm: (form: Form, index: number) => Process;
}

/** More workers than any program of workers.yaml may have. */
const MOST_PROCESSES = 10_000;

function readLogSettings(options: Options, names: Names, stream: 'stdout' | 'stderr'): LogSettings {
  return {
    maxBytes: options.read(`${stream}_logfile_maxbytes`, names, { read: readBytes, fallback: 50 * 1024 * 1024 }),
    backups: options.read(`${stream}_logfile_backups`, names, { read: readInteger, fallback: 10 }),
    syslog: options.read(`${stream}_syslog`, names, { read: readBoolean, fallback: false }),
  };
}

function readSettings(options: Options, names: Names, perProcess: Names): Settings {
  const integer = (name: string, fallback: number): number =>
    options.read(name, names, { read: readInteger, fallback });
  const flag = (name: string, fallback: boolean): boolean => options.read(name, names, { read: readBoolean, fallback });
  const stopasgroup = flag('stopasgroup', false);
  for (const stream of ['stdout', 'stderr']) {
    options.read(`${stream}_capture_maxbytes`, names, { read: readBytes, fallback: 0 });
    flag(`${stream}_events_enabled`, false);
  }
  return {
    priority: integer('priority', 999),
    autostart: flag('autostart', true),
    autorestart: options.read('autorestart', names, { read: readAutorestart, fallback: 'unexpected' }),
    startsecs: integer('startsecs', 1),
    startretries: integer('startretries', 3),
    stopsignal: options.read('stopsignal', names, { read: readSignal, fallback: 'TERM' }),
    stopwaitsecs: integer('stopwaitsecs', 10),
    stopasgroup,
    killasgroup: flag('killasgroup', stopasgroup),
    exitcodes: options.read('exitcodes', names, { read: readExitCodes, fallback: [0] }),
    redirectStderr: flag('redirect_stderr', false),
    numprocs: integer('numprocs', 1),
    numprocsStart: integer('numprocs_start', 0),
    user: options.expanded('user', names),
    umask: options.option('umask') === null ? null : options.read('umask', names, { read: readOctal, fallback: 0o22 }),
    stdout: readLogSettings(options, perProcess, 'stdout'),
    stderr: readLogSettings(options, perProcess, 'stderr'),
  };
}

function logFile(options: Options, names: Names, stream: 'stdout' | 'stderr'): LogFile {
  const option = `${stream}_logfile`;
  if (options.option(option) === null) return { kind: 'auto' };
  const path = options.expanded(option, names, 2) ?? 'auto';
  const word = path.toLowerCase();
  if (word === 'auto' || word === 'syslog') return { kind: word };
  return word === 'none' || word === 'off' || word === '' ? { kind: 'none' } : { kind: 'path', path };
}

/** What a version of supervisor after 4.2 makes of it, where that is something else. */
function noteOtherQuoting(options: Options, text: string, read: ReadonlyMap<string, string>): void {
  const posix = readPosixEnvironment(text);
  if (!posix.ok || !/\\/.test(text)) return;
  const differing = [...read.keys()].filter((name) => posix.value.get(name) !== read.get(name));
  if (differing.length === 0) return;
  const said = `newer versions of supervisor read the backslash in ${differing.join(', ')} as an escape; written as 4.2 reads it`;
  options.say('warning', 'environment', said);
}

/** Variables of `environment`, in the order written. */
export function readVariables(options: Options, names: Names, times = 1): Map<string, string> {
  const text = options.expanded('environment', names, times) ?? '';
  const parsed = readEnvironment(text);
  if (parsed.ok) {
    noteOtherQuoting(options, text, parsed.value);
    return parsed.value;
  }
  const posix = readPosixEnvironment(text);
  if (posix.ok) {
    options.say(
      'warning',
      'environment',
      'supervisor 4.2 cannot read these quotes; written as newer versions read them',
    );
    return posix.value;
  }
  options.say('error', 'environment', `expected ${parsed.expected}`);
  return new Map();
}

function readArgv(options: Options, command: string | null): string[] {
  if (command === null) return [];
  const words = shlexSplit(command);
  if (words.ok && words.value.length > 0 && words.value[0] !== '') return words.value;
  options.say('error', 'command', `expected ${words.ok ? 'a command' : words.expected}`);
  return [];
}

/** What `process_name` is where it is not written. */
function percentName(names: Names): string {
  const formatted = percentFormat('%(program_name)s', names);
  return formatted.ok ? formatted.text : '';
}

/** One process: `names` are those of its section and its index; `inherited`: the environment of [supervisord]. */
function readProcess(options: Options, names: Names, inherited: ReadonlyMap<string, string>): Process {
  const environment = readVariables(options, names);
  const all: Names = new Map([...names, ...[...environment].map(([name, value]) => [`ENV_${name}`, value] as const)]);
  const command = options.expanded('command', all);
  return {
    name: options.expanded('process_name', all) ?? percentName(all),
    command: command ?? '',
    argv: readArgv(options, command),
    environment: new Map([...inherited, ...environment]),
    directory: options.expanded('directory', all),
    stdout: logFile(options, all, 'stdout'),
    stderr: logFile(options, all, 'stderr'),
  };
}

function checkUnit(options: Options, { numprocs, stopasgroup, killasgroup }: Settings): void {
  if (options.option('command') === null) options.say('error', 'command', 'is missing: each program needs one');
  const name = options.option('process_name')?.value ?? '%(program_name)s';
  const readable = readName(name);
  if (!readable.ok) options.say('error', 'process_name', `expected ${readable.expected}`);
  if (numprocs > 1 && !name.includes('%(process_num)')) {
    options.say('error', 'process_name', `expected %(process_num)… in it, to tell ${numprocs} processes apart`);
  }
  if (stopasgroup && !killasgroup) options.say('error', 'killasgroup', 'cannot be false while stopasgroup is true');
  if (numprocs > MOST_PROCESSES)
    options.say('warning', 'numprocs', `${numprocs} are more than ackwarden starts: ${MOST_PROCESSES}`);
}

/** `group`: the group that it belongs to; its own name where no [group:x] names it. */
export function readUnit(world: World, section: Section, group: string): Unit {
  const [kind = '', ...rest] = section.name.split(':');
  const name = strip(rest.join(':'));
  const options = optionsIn(world, section);
  const readable = readName(name);
  if (!readable.ok) world.report.error(section.place, `[${section.name}]`, `expected ${readable.expected}`);
  const ofSection = sectionNames(world, REAL, { program: name, group });
  const first = options.read('numprocs_start', ofSection, { read: readInteger, fallback: 0 });
  const declared = options.read('numprocs', ofSection, { read: readInteger, fallback: 1 });
  const count = Math.min(Math.max(declared, 0), MOST_PROCESSES);
  const processIn = (form: Form, index: number, from: Options): Process => {
    const names = processNames(sectionNames(world, form, { program: name, group }), world, form, {
      index,
      count: declared,
    });
    return readProcess(from, names, world.environment.get(form) ?? new Map());
  };
  const settings = readSettings(
    options,
    ofSection,
    processNames(ofSection, world, REAL, { index: first, count: declared }),
  );
  checkUnit(options, settings);
  // Without a process supervisord reads none of these; a program of workers.yaml has them all the same.
  const indexes = Array.from({ length: count }, (_, offset) => first + offset);
  return {
    kind: kind === 'eventlistener' ? 'eventlistener' : 'program',
    section,
    options,
    name,
    group,
    settings,
    processes: (count === 0 ? [first] : indexes).map((index) => ({ index, process: processIn(REAL, index, options) })),
    inForm: (form, index) => processIn(form, index, optionsIn(world, section, SILENT())),
  };
}
