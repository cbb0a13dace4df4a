/** Readings from /proc, and the few figures of a list. */
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const PAGE = 4096;

/** User and system CPU seconds of a process so far, with those of children it has waited for (proc(5), stat fields 14 to 17). */
export const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0) / TICKS_PER_SECOND;
};

/** Null once the process is gone. */
export const rssBytes = (pid: number): number | null => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE;
  } catch {
    return null;
  }
};

export const pssBytes = (pid: number): number =>
  Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? Number.NaN) * 1024;

export const load = (): string => readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? '?';

/** `median [min to max]`, rounded. */
export const spread = (values: readonly number[], digits: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  const show = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(digits));
  return `${show(sorted[Math.floor(sorted.length / 2)])} [${show(sorted[0])} to ${show(sorted.at(-1))}] n=${sorted.length}`;
};
