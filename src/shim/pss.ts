/** Proportional memory: what a tree of processes really takes, each shared page counted once. */
import { closeSync, openSync, read } from 'node:fs';
import { errorCode, isGone } from '../linux/proc-file.ts';
import { parseSmapsRollup } from '../linux/proc-smaps-rollup.ts';
import { isAlive } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';

const ROLLUP_BYTES = 4096;

export interface Proportional {
  pssBytes: number;
  pssAnonBytes: number | null;
  swapPssBytes: number | null;
}

/**
 * Sum of smaps_rollup over processes; null when one of them cannot be read (other users' processes in a container without
 * CAP_SYS_PTRACE). Read in the thread pool: the kernel walks every page table, 15 ms for 2 GB.
 */
export async function readProportional(processes: readonly ProcessIdentity[]): Promise<Proportional | null> {
  const sum: Proportional = { pssBytes: 0, pssAnonBytes: 0, swapPssBytes: 0 };
  for (const process of processes) {
    const one = await readOne(process);
    if (one === 'gone') continue;
    if (one === null) return null;
    sum.pssBytes += one.pssBytes;
    sum.pssAnonBytes = addKnown(sum.pssAnonBytes, one.pssAnonBytes);
    sum.swapPssBytes = addKnown(sum.swapPssBytes, one.swapPssBytes);
  }
  return sum;
}

async function readOne(process: ProcessIdentity): Promise<Proportional | 'gone' | null> {
  try {
    const rollup = parseSmapsRollup(await readRollup(process.pid));
    if (!isAlive(process)) return 'gone';
    return rollup.pssBytes === null ? null : { ...rollup, pssBytes: rollup.pssBytes };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' && isAlive(process)) return null; // a kernel without smaps_rollup (before 4.14)
    if (isGone(error)) return 'gone';
    if (code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}

/** Opening is cheap; only the reading goes to the thread pool. The text is about 700 bytes. */
async function readRollup(pid: number): Promise<Buffer> {
  const descriptor = openSync(`/proc/${pid}/smaps_rollup`, 'r');
  try {
    return await new Promise((settle, fail) => {
      read(descriptor, Buffer.allocUnsafe(ROLLUP_BYTES), 0, ROLLUP_BYTES, 0, (error, length, buffer) => {
        if (error === null) settle(buffer.subarray(0, length));
        else fail(error);
      });
    });
  } finally {
    closeSync(descriptor);
  }
}

function addKnown(sum: number | null, value: number | null): number | null {
  return sum === null || value === null ? null : sum + value;
}
