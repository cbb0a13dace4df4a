import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { MARK_BYTES } from './scripts.ts';

/** Wait, looking every `everyMs`, until it holds; throws at the deadline. */
export const until = async (
  holds: () => boolean | Promise<boolean>,
  what: string,
  { deadlineMs = 120_000, everyMs = 2 } = {},
): Promise<void> => {
  const deadline = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${deadlineMs / 1000} s in vain until ${what}`);
    await pause(everyMs);
  }
};

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Until that many workers have booted (scripts.ts, MARK). */
export const untilBooted = async (mark: string, count: number): Promise<void> => {
  const booted = (): number => sizeOf(mark) / MARK_BYTES;
  try {
    await until(() => booted() >= count, 'they have booted');
  } catch (error) {
    throw new Error(`${booted()} of ${count} workers have booted, by ${mark}`, { cause: error });
  }
};

/** CPU seconds, user and system, of a command from its start to its end; its exit status is its own business. */
export const cpuOf = (argv: readonly string[]): number => {
  const timed = spawnSync('bash', ['-c', 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null 2>&1', 'bash', ...argv], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const words = (timed.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return words.reduce((sum, value) => sum + value, 0);
};

export const secondsSince = (began: number): number => (performance.now() - began) / 1000;
