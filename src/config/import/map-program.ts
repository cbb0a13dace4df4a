/** A program of supervisord → one of workers.yaml; several where its processes differ in what no template can say. */
import type { Tree } from '../effective.ts';
import type { Draft, Field } from './draft.ts';
import { clamped, directoryOf, environmentOf, limitsOf, recycleOf, startOf, userOf } from './fields.ts';
import type { Mapping } from './fields.ts';
import { mapStderr, mapStdout } from './map-logs.ts';
import { fittingName } from './names.ts';
import { sayUnmapped } from './say-unmapped.ts';
import { isRabbitConsumer } from './shell.ts';
import type { Unit } from './unit.ts';
import { firstIndexOf, writtenCommand } from './written.ts';
import type { Slice } from './written.ts';

export interface MappedProgram {
  slice: Slice;
  draft: Draft;
}

/** What is not the default of ackwarden, in the order of the contract; null: the processes need programs of their own. */
function fieldsOf(slice: Slice, mapping: Mapping): Map<string, Field> | null {
  const { unit, processes } = slice;
  const { daemon, world, base } = mapping;
  const { settings } = unit;
  const command = writtenCommand(slice, { fills: true });
  const directory = directoryOf(slice, mapping);
  const environment = environmentOf(slice, { fills: true });
  const where = { base, home: world.env['HOME'] ?? null, stripAnsi: daemon.stripAnsi };
  const stdout = mapStdout(slice, where);
  const stderr = mapStderr(slice, where);
  if (command === null || directory === null || environment === null || stdout === null || stderr === null) return null;
  const user = userOf(unit, mapping);
  const umask = settings.umask ?? (daemon.nodaemon ? null : daemon.umask);
  const workers = settings.numprocs < 1 ? 0 : processes.length;
  const firstIndex = firstIndexOf(slice);
  const plain = (value: Tree | undefined): Field => ({ value: value ?? '', comments: [] });
  const rows: [string, Field, boolean][] = [
    ['command', plain(command), true],
    ['directory', directory, directory.value !== ''],
    ['user', plain(user ?? ''), user !== null],
    ['workers', plain(workers), workers !== 1],
    ['firstIndex', plain(firstIndex), firstIndex !== 0],
    ['environment', plain(environment), Object.keys(environment).length > 0],
    ['umask', plain((umask ?? 0o22).toString(8).padStart(3, '0')), umask !== null && umask !== 0o22],
    [
      'limits',
      { value: limitsOf(daemon), comments: ['minfds and minprocs of [supervisord].'] },
      Object.keys(limitsOf(daemon)).length > 0,
    ],
    ['priority', plain(clamped(unit, 'priority', settings.priority, [0, 1_000_000])), settings.priority !== 999],
    ['start', plain(startOf(unit)), Object.keys(startOf(unit)).length > 0],
    ['recycle', recycleOf(unit), Object.keys(recycleOf(unit).value ?? {}).length > 0],
    ['stdout', plain(stdout), Object.keys(stdout).length > 0],
    ['stderr', plain(stderr), stderr !== 'stdout'],
  ];
  return new Map(rows.flatMap(([name, field, isNeeded]) => (isNeeded ? [[name, field] as const] : [])));
}

const AMQP_HINT = [
  'Looks like a consumer of RabbitMQ. With an amqp map (the variables from which it reads its broker) ackwarden',
  'waits for its acks before it stops it; ceilings keep it from taking the host down:',
  'amqp: { host: RABBITMQ_HOST, port: RABBITMQ_PORT }',
  'memory: { soft: 256MiB, hard: 512MiB }',
];

function hintsOf({ processes }: Slice): string[] {
  return isRabbitConsumer(processes[0]?.process.argv ?? []) ? AMQP_HINT : [];
}

/** Each process as a program of its own, its texts written out. */
function splitUp(slice: Slice, mapping: Mapping): MappedProgram[] {
  const { unit, world, processes } = slice;
  const said = `its ${processes.length} processes differ in more than a template can say; each became a program of its own`;
  if (processes.length > 1) world.report.note(unit.section.place, `[${unit.section.name}]`, said);
  return processes.map((one) => {
    const name = fittingName(processes.length > 1 ? `${unit.name}-${one.index}` : unit.name, mapping.taken);
    mapping.taken.add(name);
    const single = { ...slice, name, processes: [one] };
    const fields = fieldsOf(single, mapping);
    // One process always can be written.
    return {
      slice: single,
      draft: { name, comments: [], fields: fields ?? new Map<string, Field>(), hints: hintsOf(single) },
    };
  });
}

/** One program, or several; all are given names. */
export function mapProgram(unit: Unit, mapping: Mapping): MappedProgram[] {
  const { world, taken } = mapping;
  const wanted = taken.has(unit.name) && unit.group !== unit.name ? `${unit.group}-${unit.name}` : unit.name;
  const name = fittingName(wanted, taken);
  const slice: Slice = { world, unit, name, processes: unit.processes };
  sayUnmapped(slice);
  const fields = fieldsOf(slice, mapping);
  if (fields === null) return splitUp(slice, mapping);
  taken.add(name);
  if (name !== unit.name) {
    world.report.warn(
      unit.section.place,
      `[${unit.section.name}]`,
      `is ${name} in ackwarden: names are unique, and hold neither space, comma, colon, slash, #, * nor braces`,
    );
  }
  return [{ slice, draft: { name, comments: [], fields, hints: hintsOf(slice) } }];
}
