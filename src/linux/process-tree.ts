import { readFileSync } from 'node:fs';
import { isGone } from './proc-file.ts';

const MAX_PROCESSES = 4096;

/** A process and its living descendants, read anew from /proc/PID/task/PID/children (proc(5)); parents first. */
export function processTree(root: number): number[] {
  const found = [root];
  for (let index = 0; index < found.length && found.length < MAX_PROCESSES; index += 1) {
    for (const child of childrenOf(found[index] ?? root)) if (!found.includes(child)) found.push(child);
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
