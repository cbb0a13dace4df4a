import { closeSync, openSync, readSync } from 'node:fs';
import { DEAD, ZOMBIE, emptyStat, parseStat } from './proc-stat.ts';
import type { ProcStat } from './proc-stat.ts';
import { errorCode, isGone } from './proc-file.ts';

const buffer = Buffer.allocUnsafe(4096);

/** A process is its pid and its start time (clock ticks since boot, stat field 22): a pid alone may be a stranger by now. */
export interface ProcessIdentity {
  pid: number;
  startTime: number;
}

/** Read /proc/PID/stat once; null when there is no such process. */
export function readStat(pid: number): ProcStat | null {
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/${pid}/stat`, 'r');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
  try {
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    const stat = emptyStat();
    return parseStat(buffer, length, stat) ? stat : null;
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Whether exactly this process still runs. A zombie does not: it holds no memory, no file and cannot act. */
export function isAlive(identity: ProcessIdentity): boolean {
  const stat = readStat(identity.pid);
  return stat !== null && stat.startTime === identity.startTime && stat.state !== ZOMBIE && stat.state !== DEAD;
}

/** Signal exactly this process, its identity checked right before; false when it is gone. Throws on EPERM. */
export function signalProcess(identity: ProcessIdentity, signal: string): boolean {
  return isAlive(identity) && sendSignal(identity.pid, signal);
}

/** kill(2); a negative pid names a process group. False when there is none. Throws on EPERM. */
export function sendSignal(pid: number, signal: string | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}
