/** superlance's memmon: its command line, and the ceilings that it stands for. */
import { basename } from 'node:path';
import { formatSize } from '../units.ts';
import type { MappedProgram } from './map-program.ts';
import type { Unit } from './unit.ts';
import { readBytes } from './values.ts';

interface Limit {
  /** As written, `-p shop=200MB`. */
  source: string;
  bytes: number;
}

export interface Memmon {
  programs: Map<string, Limit>;
  groups: Map<string, Limit>;
  any: Limit | null;
  /** Options that are no limit, as written. */
  others: string[];
}

const LONG: Readonly<Record<string, string>> = {
  program: 'p',
  group: 'g',
  any: 'a',
  sendmail_program: 's',
  email: 'm',
  uptime: 'u',
  name: 'n',
  cumulative: 'c',
  help: 'h',
};

const WITHOUT_VALUE = 'ch';

/** The words after memmon itself; null: it is another program. */
function argumentsOf(argv: readonly string[]): readonly string[] | null {
  const [program = '', second = '', third = ''] = argv;
  if (basename(program) === 'memmon') return argv.slice(1);
  if (!/^python[\d.]*$/.test(basename(program))) return null;
  if (second === '-m' && third === 'superlance.memmon') return argv.slice(3);
  return basename(second) === 'memmon' ? argv.slice(2) : null;
}

interface Flag {
  letter: string;
  value: string;
  source: string;
}

/** `-cpX` → `-c` and `pX`; `p X` and `p=X` of a long option → `p` and its value. */
function partsOf(word: string): { alone: string[]; letter: string; attached: string | undefined } {
  const long = /^--([^=]+)(?:=([^]*))?$/.exec(word);
  if (long !== null) return { alone: [], letter: LONG[long[1] ?? ''] ?? '?', attached: long[2] };
  const [, alone = '', letter = '', rest = ''] = /^-([ch]*(?=.))(.)([^]*)$/.exec(word) ?? [];
  return { alone: alone.split(''), letter, attached: rest === '' ? undefined : rest };
}

/** As Python's getopt: options up to the first word that is none. */
function flagsOf(words: readonly string[]): Flag[] {
  const flags: Flag[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('-') || word === '-' || word === '--') break;
    const { alone, letter, attached } = partsOf(word);
    for (const one of alone) flags.push({ letter: one, value: '', source: `-${one}` });
    const value = WITHOUT_VALUE.includes(letter) ? '' : (attached ?? words[++at] ?? '');
    flags.push({ letter, value, source: `-${letter}${value === '' ? '' : ` ${value}`}` });
  }
  return flags;
}

/** Null: the listener is not memmon. Limits that cannot be read go to the report. */
export function readMemmon({ options, processes }: Unit): Memmon | null {
  const words = argumentsOf(processes[0]?.process.argv ?? []);
  if (words === null) return null;
  const found: Memmon = { programs: new Map(), groups: new Map(), any: null, others: [] };
  for (const { letter, value, source } of flagsOf(words)) {
    const named = /^([^=]*)=([^=]*)$/.exec(value);
    const [key, size] = letter === 'a' ? ['', value] : [named?.[1] ?? '', named?.[2] ?? ''];
    const bytes = 'pga'.includes(letter) ? readBytes(size) : null;
    if (bytes === null) found.others.push(source);
    else if (!bytes.ok)
      options.say(
        'warning',
        'command',
        `memmon cannot read ${source}: expected NAME=SIZE, e.g. ${letter === 'a' ? '-a 200MB' : `-${letter} shop=200MB`}`,
      );
    else if (letter === 'a') found.any = { source, bytes: bytes.value };
    else (letter === 'p' ? found.programs : found.groups).set(key, { source, bytes: bytes.value });
  }
  return found;
}

/** Names under which memmon's -p can mean a program. */
function namesOf({ slice: { unit, processes } }: MappedProgram): string[] {
  const own = processes.flatMap(({ process }) => [process.name, `${unit.group}:${process.name}`]);
  return [...own, unit.name, `${unit.group}:*`];
}

/** Limits that hold for a program: memmon compares with each, so that the lowest acts. */
function limitsFor(program: MappedProgram, memmon: Memmon): Limit[] {
  const own = namesOf(program).flatMap((name) => memmon.programs.get(name) ?? []);
  const ofGroup = memmon.groups.get(program.slice.unit.group);
  return [...own, ...(ofGroup === undefined ? [] : [ofGroup]), ...(memmon.any === null ? [] : [memmon.any])];
}

const SMALLEST = 1024 * 1024;

function sayPrograms({ options }: Unit, memmon: Memmon, programs: readonly MappedProgram[]): void {
  for (const [name, { source }] of memmon.programs) {
    const meant = programs.filter((program) => namesOf(program).includes(name));
    if (meant.length === 0) options.say('warning', 'command', `${source}: there is no process ${name}`);
    if (name.includes(':'))
      options.say(
        'note',
        'command',
        `${source}: memmon itself fails on a name with a group (superlance issue 79); imported as it was meant`,
      );
    if (meant.some(({ slice }) => slice.processes.length > 1)) {
      options.say('note', 'command', `${source}: a ceiling holds for all workers of a program`);
    }
  }
  for (const [name, { source }] of memmon.groups) {
    if (!programs.some(({ slice }) => slice.unit.group === name))
      options.say('warning', 'command', `${source}: there is no group ${name}`);
  }
}

function sayMemmon(listener: Unit, memmon: Memmon, programs: readonly MappedProgram[]): void {
  const { options } = listener;
  const limits = [...memmon.programs.values(), ...memmon.groups.values(), ...(memmon.any === null ? [] : [memmon.any])];
  for (const { source, bytes } of limits) {
    if (bytes < SMALLEST) options.say('warning', 'command', `${source} is below the least ceiling, 1MiB`);
  }
  sayPrograms(listener, memmon, programs);
  const mail = memmon.others.filter((source) => /^-[smnu]/.test(source));
  if (mail.length > 0)
    options.say(
      'warning',
      'command',
      `${mail.join(', ')} not imported: ackwarden sends no mail; see \`notify\` for webhooks`,
    );
  const said =
    limits.length === 0
      ? 'not imported: it has no limits'
      : 'not needed: its limits are memory ceilings of the programs';
  options.say(limits.length === 0 ? 'warning' : 'note', '', said);
}

/** Gives the programs the ceilings of all memmons; says what of each is not imported. */
export function applyMemmons(
  memmons: readonly { unit: Unit; memmon: Memmon }[],
  programs: readonly MappedProgram[],
): void {
  for (const { unit, memmon } of memmons) sayMemmon(unit, memmon, programs);
  for (const program of programs) {
    const limits = memmons.flatMap(({ memmon }) => limitsFor(program, memmon)).toSorted((a, b) => a.bytes - b.bytes);
    const [lowest] = limits;
    if (lowest === undefined) continue;
    const size = formatSize(Math.max(lowest.bytes, SMALLEST));
    const comment = `memmon ${lowest.source}. SIGKILL at once above memory.kill (if not set: 1.25 × hard).`;
    program.draft.fields.set('memory', { value: { hard: size }, comments: [comment] });
  }
}
