import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6n;
const FALLBACK_PAGE_BYTES = 4096;

/** Size of a memory page in bytes, from this process's auxiliary vector (getauxval(3)): no process has to be started for it. */
export function readPageBytes(): number {
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) return Number(vector.readBigUInt64LE(at + 8));
  }
  return FALLBACK_PAGE_BYTES;
}
