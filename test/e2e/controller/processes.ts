/** Processes that are not our children: nobody tells of them, so they are asked for. */
import { readFileSync } from 'node:fs';

/** Lives and runs: an orphan that nobody has reaped yet is dead all the same (state Z in /proc/PID/stat). */
export const isAlive = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

export const signalQuietly = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
};
