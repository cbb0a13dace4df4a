import { readdirSync } from 'node:fs';
import { ZOMBIE } from '../linux/proc-stat.ts';
import { readStat, sendSignal, signalProcess } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { shimLog } from './shim-log.ts';

/** SIGKILL what a worker that was just reaped left behind: its group, and known descendants outside of it. How many that were. */
export function sweep(incarnation: string, pid: number, descendants: readonly ProcessIdentity[]): number {
  let swept = 0;
  try {
    swept = sweepGroup(pid);
    // After the group: what is left of the known descendants had left it.
    for (const descendant of descendants) {
      const stat = readStat(descendant.pid);
      if (stat?.group !== pid && signalProcess(descendant, 'SIGKILL')) swept += 1;
    }
  } catch (error) {
    shimLog(`The group of ${incarnation} (pid ${pid}) could not be swept: ${String(error)}`);
  }
  return swept;
}

/**
 * SIGKILL what is left of the process group of a worker that was just reaped; how many processes that were. As long as one member
 * lives the kernel gives its number to nobody else, and we ask in the same turn in which the leader was reaped.
 */
function sweepGroup(group: number): number {
  if (!sendSignal(-group, 0)) return 0;
  const members = countMembers(group);
  sendSignal(-group, 'SIGKILL');
  return members;
}

function countMembers(group: number): number {
  let members = 0;
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : null;
    if (stat !== null && stat.group === group && stat.state !== ZOMBIE) members += 1;
  }
  return members;
}
