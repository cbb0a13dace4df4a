import { readdirSync } from 'node:fs';
import { ZOMBIE } from '../linux/proc-stat.ts';
import { readStat, sendSignal } from '../linux/process-identity.ts';

/**
 * SIGKILL what is left of the process group of a worker that was just reaped; how many processes that were. As long as one member
 * lives the kernel gives its number to nobody else, and we ask in the same turn in which the leader was reaped.
 */
export function sweepGroup(group: number): number {
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
