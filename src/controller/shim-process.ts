/** Starting a shim: a process of its own session that outlives us, with nothing of ours but its log file. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { FIRST_SLOT } from '../linux/shim-slots.ts';
import { makeFolder } from '../linux/make-folder.ts';

export interface ShimCommand {
  /** dist/shim.cjs */
  script: string;
  stateDir: string;
  slot: number;
  logPath: string;
  intervalMs: number;
}

/** What the shim itself may know of our environment; its workers get theirs with each spawn. */
const PASSED_ON = ['PATH', 'LANG', 'LC_ALL', 'TZ'];

/**
 * It holds little and allocates a little, four times a second, for months: without a bound its young generation grows to 16 MB before
 * it collects. 4 MB and not 1: the start of a hundred workers took 1.24 instead of 1.29 times that of a shell loop (one run of each).
 * Nor need V8 look every half minute whether such a heap could be made smaller: that took 0.1 s, 50 ms of it in one pause, and the
 * gates share the loop.
 */
export const FRUGAL = ['--max-semi-space-size=4', '--single-threaded-gc', '--no-memory-reducer'];

/**
 * Start it, detached. Resolves once it runs; it is not waited for.
 *
 * @returns a promise of its early end, with what it said, for the time in which no socket answers yet
 */
export const startShim = (command: ShimCommand): Promise<string> => {
  makeFolder(dirname(command.logPath), 0o755);
  const log = openSync(command.logPath, 'a', 0o640);
  const environment = Object.fromEntries(
    PASSED_ON.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
  );
  // The first one's is not said: the script there may be older than the word.
  const slot = command.slot === FIRST_SLOT ? [] : ['--slot', String(command.slot)];
  const words = ['--state-dir', command.stateDir, '--sampling', String(command.intervalMs), ...slot];
  const child = spawn(process.execPath, [...FRUGAL, command.script, ...words], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log],
    env: environment,
  });
  closeSync(log);
  child.unref();
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(`it ended with ${signal ?? `status ${code}`}: ${lastLine(command.logPath)}`),
    );
  });
};

const lastLine = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch (error) {
    return (error as Error).message;
  }
};
