/** A process as `getProcessInfo` tells it. */
import { cappedInt } from './encode.ts';
import type { SupervisedProcess } from './supervisor.ts';
import type { WorkerStateName } from '../types.ts';
import type { RpcValue } from './value.ts';

type StateName = 'STOPPED' | 'STARTING' | 'RUNNING' | 'BACKOFF' | 'STOPPING' | 'EXITED' | 'FATAL';

const CODES: Record<StateName, number> = {
  STOPPED: 0,
  STARTING: 10,
  RUNNING: 20,
  BACKOFF: 30,
  STOPPING: 40,
  EXITED: 100,
  FATAL: 200,
};

/** A draining worker still works on what it holds: RUNNING to whoever knows no draining. */
export const stateNameOf = (state: WorkerStateName): StateName => (state === 'DRAINING' ? 'RUNNING' : state);

/** @param now milliseconds since the epoch */
export const processInfo = (process: SupervisedProcess, now: number): Record<string, RpcValue> => {
  const statename = stateNameOf(process.state);
  return {
    name: process.name,
    group: process.group,
    start: secondsOf(process.startedAt),
    stop: secondsOf(process.endedAt),
    now: secondsOf(now),
    state: CODES[statename],
    statename,
    spawnerr: process.spawnError,
    exitstatus: process.exitStatus ?? 0,
    logfile: process.stdoutPath,
    stdout_logfile: process.stdoutPath,
    stderr_logfile: process.stderrPath ?? '',
    pid: process.pid ?? 0,
    description: describe(process, statename, now),
  };
};

const secondsOf = (ms: number | null): number => (ms === null ? 0 : cappedInt(ms / 1000));

const describe = (process: SupervisedProcess, state: StateName, now: number): string => {
  const { startedAt, endedAt, spawnError, name, pid } = process;
  switch (state) {
    case 'RUNNING':
      return `pid ${pid ?? 0}, uptime ${uptime(secondsOf(now) - secondsOf(startedAt ?? now))}`;
    case 'BACKOFF':
    case 'FATAL':
      return spawnError === '' ? `unknown error (try "tail ${name}")` : spawnError;
    case 'STOPPED':
    case 'EXITED':
      return startedAt === null ? 'Not started' : localMinute(endedAt ?? startedAt);
    case 'STARTING':
    case 'STOPPING':
      return '';
  }
};

const two = (value: number): string => String(value).padStart(2, '0');

/** As Python shows a span of time: `0:00:08`, `1 day, 1:00:02`. */
export const uptime = (seconds: number): string => {
  const whole = Math.max(0, seconds);
  const days = Math.floor(whole / 86_400);
  const clock = `${Math.floor((whole % 86_400) / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  return days === 0 ? clock : `${days} ${days === 1 ? 'day' : 'days'}, ${clock}`;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 22 09:11 PM`, local time. */
export const localMinute = (ms: number): string => {
  const date = new Date(ms);
  const hour = date.getHours();
  const clock = `${two(hour % 12 === 0 ? 12 : hour % 12)}:${two(date.getMinutes())} ${hour < 12 ? 'AM' : 'PM'}`;
  return `${MONTHS[date.getMonth()]} ${two(date.getDate())} ${clock}`;
};
