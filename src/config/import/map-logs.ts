/** stdout_* and stderr_* → `stdout` and `stderr` of workers.yaml. */
import type { Tree } from '../effective.ts';
import { formatSize } from '../units.ts';
import { resolve } from 'node:path';
import type { LogFile, Process } from './process.ts';
import type { LogSettings } from './settings.ts';
import { writtenText } from './written.ts';
import type { Slice } from './written.ts';

type Stream = 'stdout' | 'stderr';
type TreeMap = { [key: string]: Tree };

const DEFAULT_BYTES = 50 * 1024 * 1024;
const MOST_BACKUPS = 1000;

/** Files that are the output of supervisord itself. */
const OWN_OUTPUT = /^\/(?:dev\/(?:stdout|stderr|fd\/[12])|proc\/self\/fd\/[12])$/;

interface Where {
  /** Directory that supervisord works in; null: not known. */
  base: string | null;
  home: string | null;
  /** Of [supervisord]. */
  stripAnsi: boolean;
}

function pathIn({ base, home }: Where, file: LogFile): string | null {
  if (file.kind !== 'path') return null;
  const path = home !== null && /^~(?=\/|$)/.test(file.path) ? home + file.path.slice(1) : file.path;
  return base === null ? path : resolve(base, path);
}

function sizeKeys({ maxBytes, backups }: LogSettings): TreeMap {
  return {
    ...(maxBytes === DEFAULT_BYTES ? {} : { maxSize: maxBytes <= 0 ? 0 : formatSize(maxBytes) }),
    ...(backups === 10 ? {} : { backups: Math.min(Math.max(0, backups), MOST_BACKUPS) }),
  };
}

/** Where it is written: `{}` for the default file; null: no one text is right. */
function placeKeys(slice: Slice, stream: Stream, where: Where): TreeMap | null {
  const files = slice.processes.map(({ process }) => process[stream]);
  const { syslog } = slice.unit.settings[stream];
  if (files.every(({ kind }) => kind === 'none')) return syslog ? {} : { path: 'none' };
  if (files.some(({ kind }) => kind !== 'path')) return {};
  // The output of supervisord itself is what `ackwarden run` prints.
  if (files.every((file) => file.kind === 'path' && OWN_OUTPUT.test(file.path))) return { path: 'none', forward: true };
  const path = writtenText(slice, { select: (process: Process) => pathIn(where, process[stream]), fills: true });
  return path === null ? null : { path };
}

/** All keys of one stream. */
function keysOf(slice: Slice, stream: Stream, where: Where): TreeMap | null {
  const place = placeKeys(slice, stream, where);
  if (place === null) return null;
  const isFile = place['path'] !== 'none';
  const isCleaned = where.stripAnsi && (isFile || place['forward'] === true);
  return {
    ...place,
    ...(isFile ? sizeKeys(slice.unit.settings[stream]) : {}),
    ...(isCleaned ? { stripAnsi: true } : {}),
  };
}

function say(slice: Slice, stream: Stream, { base }: Where): void {
  const { options } = slice.unit;
  const [file] = slice.processes.map(({ process }) => process[stream]);
  const settings = slice.unit.settings[stream];
  const key = `${stream}_logfile`;
  if (file?.kind === 'syslog' || settings.syslog) {
    const said = 'not imported: ackwarden does not write to syslog; the output goes to a file of its own';
    options.say('warning', settings.syslog ? `${stream}_syslog` : key, said);
  }
  if (file?.kind === 'path' && base === null && !/^[/~]/.test(file.path)) {
    options.say('warning', key, 'is relative to where supervisord was started, and here to logDir');
  }
  if (settings.backups > MOST_BACKUPS) options.say('note', `${key}_backups`, `${MOST_BACKUPS} are kept at most`);
}

/** `stdout` of the program: `{}` where the default is right; null: the processes need programs of their own. */
export function mapStdout(slice: Slice, where: Where): TreeMap | null {
  say(slice, 'stdout', where);
  return keysOf(slice, 'stdout', where);
}

/** `stderr` of the program; null: the processes need programs of their own. */
export function mapStderr(slice: Slice, where: Where): 'stdout' | TreeMap | null {
  const { options, settings } = slice.unit;
  if (settings.redirectStderr) {
    if (slice.processes.some(({ process }) => process.stderr.kind === 'path')) {
      options.say('note', 'stderr_logfile', 'not imported: redirect_stderr=true overrides it, in supervisord too');
    }
    return 'stdout';
  }
  say(slice, 'stderr', where);
  const keys = keysOf(slice, 'stderr', where);
  return keys === null ? null : { path: '{worker}.stderr.log', ...keys };
}
