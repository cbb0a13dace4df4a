/** A program of supervisord → one of workers.yaml; several where its processes differ in what no template can say. */
import type { Tree } from '../effective.ts';
import { formatDuration } from '../units.ts';
import type { Daemon } from './daemon.ts';
import type { Draft, Field } from './draft.ts';
import { mapStderr, mapStdout } from './map-logs.ts';
import { fittingName } from './names.ts';
import { sayUnmapped } from './say-unmapped.ts';
import { isRabbitConsumer } from './shell.ts';
import type { Unit } from './unit.ts';
import type { World } from './world.ts';
import { firstIndexOf, writtenCommand, writtenText } from './written.ts';
import type { Slice } from './written.ts';
import { isAbsolute, resolve } from 'node:path';

type TreeMap = { [key: string]: Tree };

export interface Mapping {
  world: World;
  daemon: Daemon;
  /** Directory in which supervisord starts programs; null: not known. */
  base: string | null;
  /** Names of programs and groups that are given already. */
  taken: Set<string>;
}

export interface MappedProgram {
  slice: Slice;
  draft: Draft;
}

const DAY_SECONDS = 86_400;
const STOP_SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'ALRM', 'WINCH', 'ABRT', 'KILL'];
const LONG_STOP_SECONDS = 60;

/** A number that workers.yaml takes; the report says where that is another one. */
function clamped(unit: Unit, key: string, value: number, [min, max]: readonly [number, number]): number {
  const fitting = Math.min(Math.max(value, min), max);
  if (fitting !== value)
    unit.options.say('warning', key, `${value} is outside of what ackwarden takes; written as ${fitting}`);
  return fitting;
}

/** A zero needs no unit. */
function durationOf(seconds: number): Tree {
  return seconds === 0 ? 0 : formatDuration(seconds * 1000);
}

function startOf(unit: Unit): TreeMap {
  const { autostart, startsecs, startretries, autorestart, exitcodes } = unit.settings;
  const seconds = clamped(unit, 'startsecs', startsecs, [0, 3600]);
  const retries = clamped(unit, 'startretries', startretries, [0, 1_000_000]);
  return {
    ...(autostart ? {} : { auto: false }),
    ...(seconds === 1 ? {} : { seconds: durationOf(seconds) }),
    ...(retries === 3 ? {} : { retries }),
    ...(autorestart === 'always' ? {} : { restart: autorestart }),
    ...(String(exitcodes) === '0' ? {} : { exitCodes: exitcodes }),
  };
}

function recycleOf(unit: Unit): Field {
  const { stopsignal, stopwaitsecs } = unit.settings;
  const isKnown = STOP_SIGNALS.includes(stopsignal);
  if (!isKnown)
    unit.options.say('warning', 'stopsignal', `${stopsignal} does not end a program in ackwarden; written as TERM`);
  const seconds = clamped(unit, 'stopwaitsecs', stopwaitsecs, [0, DAY_SECONDS]);
  const isLong = seconds > LONG_STOP_SECONDS;
  const duration = durationOf(seconds);
  return {
    value: {
      ...(isLong ? { drainTimeout: duration } : {}),
      ...(isKnown && stopsignal !== 'TERM' ? { stopSignal: stopsignal } : {}),
      ...(seconds === 10 ? {} : { stopTimeout: duration }),
    },
    comments: isLong
      ? [
          `stopwaitsecs=${stopwaitsecs}: how long a job may take after the signal; drainTimeout: until its ack, with an amqp map.`,
        ]
      : [],
  };
}

function limitsOf(daemon: Daemon): TreeMap {
  return {
    ...(daemon.minfds !== null && daemon.minfds > 1024 ? { nofile: daemon.minfds } : {}),
    ...(daemon.minprocs !== null && daemon.minprocs > 200 ? { nproc: daemon.minprocs } : {}),
  };
}

/** Null: its processes work in different directories. */
export function directoryOf(slice: Slice, { base, daemon }: Mapping): Field | null {
  const { unit } = slice;
  if (unit.options.option('directory') === null) {
    if (base === null) return { value: '', comments: [] };
    const why = daemon.directory === null ? 'supervisord under systemd starts programs in /' : 'that of [supervisord]';
    return { value: base, comments: [`no directory=: ${why}.`] };
  }
  if (base === null && slice.processes.some(({ process }) => !isAbsolute(process.directory ?? '/'))) {
    unit.options.say(
      'warning',
      'directory',
      'is relative to where supervisord was started, and here to the directory of workers.yaml',
    );
  }
  const text = writtenText(slice, {
    select: ({ directory }) => (directory === null || base === null ? directory : resolve(base, directory)),
    fills: false,
  });
  return text === null ? null : { value: text, comments: [] };
}

/** Null: a variable differs between processes in a way that no template says. */
export function environmentOf(slice: Slice, { fills }: { fills: boolean }): TreeMap | null {
  const { unit, processes } = slice;
  const names = [...new Set(processes.flatMap(({ process }) => [...process.environment.keys()]))];
  const found: TreeMap = {};
  for (const name of names) {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      unit.options.say('warning', 'environment', `${name} is no name that a variable can have in ackwarden; left out`);
      continue;
    }
    const text = writtenText(slice, { select: ({ environment }) => environment.get(name) ?? null, fills });
    if (text === null) return null;
    found[name] = text;
  }
  return found;
}

/** The user to run as; null: that of ackwarden. */
export function userOf({ settings, options }: Unit, daemon: Daemon): string | null {
  const user = settings.user ?? daemon.user;
  if (settings.user === null && user !== null && user !== 'root') {
    options.say('note', 'user', `${user}, as which [supervisord] runs`);
  }
  return user === 'root' && settings.user === null ? null : user;
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
  const user = userOf(unit, daemon);
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
