/** What lives of an installation whose test failed in the middle: it is ended by pid, so that no later test pays for it. */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, signalQuietly } from './processes.ts';

/** A shim runs its stop plans first. */
const PATIENCE_MS = 15_000;

const read = (pid: number, file: 'cmdline' | 'environ'): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // Gone meanwhile, or not ours to look at.
  }
};

/** Controllers and shims name the folder in their arguments, workers in their environment. */
const belonging = (folder: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid))
    .filter((pid) => read(pid, 'cmdline').includes(`${folder}/`) || read(pid, 'environ').includes(`${folder}/`));

/** End them; resolves once they are gone. */
export const endAllOf = async (folder: string): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (let told: number[] = [], left = belonging(folder); left.length > 0; left = belonging(folder)) {
    const isLate = Date.now() > deadline;
    for (const pid of left) if (isLate || !told.includes(pid)) signalQuietly(pid, isLate ? 'SIGKILL' : 'SIGTERM');
    told = left;
    await pause(50);
  }
};
