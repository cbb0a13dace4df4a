/** Single keys of workers.yaml from what supervisord makes of a program. */
import { isAbsolute, resolve } from 'node:path';
import type { Tree } from '../effective.ts';
import { formatDuration } from '../units.ts';
import type { Daemon } from './daemon.ts';
import type { Field } from './draft.ts';
import type { Unit } from './unit.ts';
import type { World } from './world.ts';
import { writtenText } from './written.ts';
import type { Slice } from './written.ts';

export type TreeMap = { [key: string]: Tree };

export interface Mapping {
  world: World;
  daemon: Daemon;
  /** Directory in which supervisord starts programs; null: not known. */
  base: string | null;
  /** Names of programs and groups that are given already. */
  taken: Set<string>;
}

const DAY_SECONDS = 86_400;
const STOP_SIGNALS = ['TERM', 'INT', 'QUIT', 'HUP', 'USR1', 'USR2', 'ALRM', 'WINCH', 'ABRT', 'KILL'];
const LONG_STOP_SECONDS = 60;

/** A number that workers.yaml takes; the report says where that is another one. */
export function clamped(unit: Unit, key: string, value: number, [min, max]: readonly [number, number]): number {
  const fitting = Math.min(Math.max(value, min), max);
  if (fitting !== value)
    unit.options.say('warning', key, `${value} is outside of what ackwarden takes; written as ${fitting}`);
  return fitting;
}

/** A zero needs no unit. */
function durationOf(seconds: number): Tree {
  return seconds === 0 ? 0 : formatDuration(seconds * 1000);
}

/** `start`, without what is the default of ackwarden. */
export function startOf(unit: Unit): TreeMap {
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

/** `recycle`, likewise. */
export function recycleOf(unit: Unit): Field {
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

/** `limits`: those that supervisord raises, where they were set above its own defaults. */
export function limitsOf(daemon: Daemon): TreeMap {
  return {
    ...(daemon.minfds !== null && daemon.minfds > 1024 ? { nofile: daemon.minfds } : {}),
    ...(daemon.minprocs !== null && daemon.minprocs > 200 ? { nproc: daemon.minprocs } : {}),
  };
}

/** `directory`; empty: not known; null: its processes work in different ones. */
export function directoryOf(slice: Slice, { base, daemon }: Mapping): Field | null {
  const { unit } = slice;
  if (unit.options.option('directory') === null) {
    if (base === null) return { value: '', comments: [] };
    const why = daemon.directory === null ? 'supervisord under systemd starts programs in /' : 'that of [supervisord]';
    return { value: slice.world.markers.written(base), comments: [`no directory=: ${why}.`] };
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

/** `environment`; `fills`: whether {index} is filled in there; null: a variable differs between processes in a way that no template says. */
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
export function userOf({ settings, options }: Unit, { daemon, world }: Mapping): string | null {
  const user = settings.user ?? daemon.user;
  if (settings.user === null && user !== null && user !== 'root') {
    options.say('note', 'user', `${user}, as which [supervisord] runs`);
  }
  if (user === null || (user === 'root' && settings.user === null)) return null;
  return world.markers.written(user);
}
