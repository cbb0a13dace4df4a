/** Options of a program that are the same for all of its processes. */
import type { Options } from './options.ts';
import type { Names } from './percent.ts';
import {
  readAutorestart,
  readBoolean,
  readBytes,
  readExitCodes,
  readInteger,
  readOctal,
  readSignal,
} from './values.ts';
import type { Autorestart } from './values.ts';

export interface LogSettings {
  maxBytes: number;
  backups: number;
  syslog: boolean;
}

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
  user: string | null;
  umask: number | null;
  stdout: LogSettings;
  stderr: LogSettings;
}

function readLogSettings(options: Options, names: Names, stream: 'stdout' | 'stderr'): LogSettings {
  return {
    maxBytes: options.read(`${stream}_logfile_maxbytes`, names, { read: readBytes, fallback: 50 * 1024 * 1024 }),
    backups: options.read(`${stream}_logfile_backups`, names, { read: readInteger, fallback: 10 }),
    syslog: options.read(`${stream}_syslog`, names, { read: readBoolean, fallback: false }),
  };
}

/** `perProcess`: names that only some options know, of the first process. */
export function readSettings(options: Options, names: Names, perProcess: Names): Settings {
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
    user: options.line('user', names),
    umask: options.option('umask') === null ? null : options.read('umask', names, { read: readOctal, fallback: 0o22 }),
    stdout: readLogSettings(options, perProcess, 'stdout'),
    stderr: readLogSettings(options, perProcess, 'stderr'),
  };
}
