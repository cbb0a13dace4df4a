/** Options of a program that each of its processes has in a form of its own. */
import { readEnvironment, readPosixEnvironment } from './environment.ts';
import type { Options } from './options.ts';
import { percentFormat } from './percent.ts';
import type { Names } from './percent.ts';
import { shlexSplit } from './shlex.ts';

export type LogFile = { kind: 'auto' | 'none' | 'syslog' } | { kind: 'path'; path: string };

/** One process in one form: texts may hold markers. */
export interface Process {
  name: string;
  argv: string[];
  environment: ReadonlyMap<string, string>;
  directory: string | null;
  stdout: LogFile;
  stderr: LogFile;
}

function logFile(options: Options, names: Names, stream: 'stdout' | 'stderr'): LogFile {
  const option = `${stream}_logfile`;
  if (options.option(option) === null) return { kind: 'auto' };
  const path = options.line(option, names, 2) ?? 'auto';
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
export function readProcess(options: Options, names: Names, inherited: ReadonlyMap<string, string>): Process {
  const environment = readVariables(options, names);
  const all: Names = new Map([...names, ...[...environment].map(([name, value]) => [`ENV_${name}`, value] as const)]);
  return {
    name: options.expanded('process_name', all) ?? percentName(all),
    argv: readArgv(options, options.expanded('command', all)),
    environment: new Map([...inherited, ...environment]),
    directory: options.line('directory', all),
    stdout: logFile(options, all, 'stdout'),
    stderr: logFile(options, all, 'stderr'),
  };
}
