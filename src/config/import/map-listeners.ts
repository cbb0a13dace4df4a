/** [eventlistener:x] → `eventListeners`, but for memmon, whose limits become ceilings. */
import type { Field } from './draft.ts';
import { applyMemmons, readMemmon } from './memmon.ts';
import { directoryOf, environmentOf, userOf } from './fields.ts';
import type { Mapping } from './fields.ts';
import type { MappedProgram } from './map-program.ts';
import { fittingName } from './names.ts';
import type { Unit } from './unit.ts';
import { readInteger, readList } from './values.ts';
import { REAL, globalNames } from './world.ts';
import { writtenCommand } from './written.ts';
import type { Slice } from './written.ts';

export interface MappedListener {
  unit: Unit;
  name: string;
  fields: Map<string, Field>;
}

/** Keys that a listener of ackwarden has in one form or another. */
const MAPPED = [
  'command',
  'events',
  'numprocs',
  'numprocs_start',
  'process_name',
  'buffer_size',
  'directory',
  'user',
  'environment',
  'priority',
  'autorestart',
  'redirect_stderr',
];
const MOST_WORKERS = 100;

/** Names that a listener cannot have: of workers, and of their log files. */
function workerNames(programs: readonly MappedProgram[]): string[] {
  return programs.flatMap(({ slice: { name, processes } }) =>
    processes.flatMap(({ index, process }) => [`${name}-${index}`, `${name}:${index}`, process.name]),
  );
}

function sayUnmapped({ options }: Unit): void {
  for (const { name } of options.section.options.values()) {
    if (MAPPED.includes(name) || options.option(name) === null) continue;
    const isWorse = name === 'autostart' && /^(?:no|false|off|0)$/i.test(options.option(name)?.value ?? '');
    if (isWorse) options.say('warning', name, 'not imported: listeners run as long as ackwarden does');
    else options.say('note', name, 'not imported: the listeners of ackwarden have nothing of the kind');
  }
}

/** A listener has one command for all of its processes. */
function commandOf(slice: Slice): string | string[] {
  const common = writtenCommand(slice, { fills: false });
  if (common !== null) return common;
  slice.unit.options.say('warning', 'command', 'differs between its processes; all of them run that of the first');
  return writtenCommand({ ...slice, processes: slice.processes.slice(0, 1) }, { fills: false }) ?? '';
}

function fieldsOf(slice: Slice, mapping: Mapping): Map<string, Field> {
  const { options, processes } = slice.unit;
  const names = globalNames(mapping.world, REAL);
  const first = { ...slice, processes: slice.processes.slice(0, 1) };
  const events = [...new Set(readList(options.expanded('events', names) ?? '').map((name) => name.toUpperCase()))];
  const bufferSize = options.read('buffer_size', names, { read: readInteger, fallback: 10 });
  const priority = options.read('priority', names, { read: readInteger, fallback: -1 });
  const directory = directoryOf(first, mapping) ?? { value: '', comments: [] };
  const environment = environmentOf(first, { fills: false }) ?? {};
  const user = userOf(slice.unit, mapping);
  if (processes.length > MOST_WORKERS) options.say('warning', 'numprocs', `${MOST_WORKERS} processes run at most`);
  const plain = (value: Field['value']): Field => ({ value, comments: [] });
  const rows: [string, Field, boolean][] = [
    ['command', plain(commandOf(slice)), true],
    ['events', plain(events), true],
    ['workers', plain(Math.min(processes.length, MOST_WORKERS)), processes.length > 1],
    ['bufferSize', plain(Math.min(bufferSize, 100_000)), bufferSize !== 10],
    ['directory', directory, directory.value !== ''],
    ['user', plain(user ?? ''), user !== null],
    ['environment', plain(environment), Object.keys(environment).length > 0],
    ['priority', plain(Math.min(Math.max(priority, -1_000_000), 1_000_000)), priority !== -1],
  ];
  return new Map(rows.flatMap(([key, field, isNeeded]) => (isNeeded ? [[key, field] as const] : [])));
}

function mapListener(unit: Unit, mapping: Mapping, reserved: readonly string[]): MappedListener {
  const name = fittingName(unit.name, new Set([...mapping.taken, ...reserved, 'shim']));
  mapping.taken.add(name);
  const { world } = mapping;
  if (name !== unit.name) {
    const said = `is ${name} in ackwarden: a listener has no name that a program, a group or a worker has`;
    world.report.warn(unit.section.place, `[${unit.section.name}]`, said);
  }
  sayUnmapped(unit);
  return { unit, name, fields: fieldsOf({ world, unit, name, processes: unit.processes }, mapping) };
}

/** All but memmon, which gives the programs their ceilings. */
export function mapListeners(
  listeners: readonly Unit[],
  programs: readonly MappedProgram[],
  mapping: Mapping,
): MappedListener[] {
  const memmons = listeners.flatMap((unit) => {
    const memmon = readMemmon(unit);
    return memmon === null ? [] : [{ unit, memmon }];
  });
  applyMemmons(memmons, programs);
  const others = listeners.filter((listener) => !memmons.some(({ unit }) => unit === listener));
  const reserved = workerNames(programs);
  return others.map((unit) => mapListener(unit, mapping, reserved));
}
