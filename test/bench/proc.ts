/** Readings from /proc (proc(5)). */
import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process is gone: that is what null says.
    return null;
  }
};

/** User and system CPU seconds so far, with those of children it has waited for (stat, fields 14 to 17). Throws once it is gone. */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0) / TICKS_PER_SECOND;
};

/** CPU seconds so far of the process's living threads, to the nanosecond (stat has ticks of 10 ms). Throws once it is gone. */
export const fineCpuSeconds = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds = '0'] = (textOf(`/proc/${pid}/task/${thread}/schedstat`) ?? '').split(' ');
    return sum + Number(nanoseconds) / 1e9;
  }, 0);

/** Null once the process is gone. */
export const rssBytes = (pid: number): number | null => {
  const text = textOf(`/proc/${pid}/statm`);
  return text === null ? null : Number(text.split(' ')[1]) * PAGE_BYTES;
};

/** The command name; null once the process is gone. */
export const nameOf = (pid: number): string | null => textOf(`/proc/${pid}/comm`)?.trimEnd() ?? null;

export const childrenOf = (pid: number): number[] =>
  (textOf(`/proc/${pid}/task/${pid}/children`) ?? '')
    .split(' ')
    .filter((word) => word.trim() !== '')
    .map(Number);

/** One-minute load average. */
export const load = (): number => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
