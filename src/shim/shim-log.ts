import { fstatSync, ftruncateSync, writeSync } from 'node:fs';

const STDERR = 2;
/** A fault that repeats must not fill the disk: past this the log begins anew. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Lines for a person into an open file, never more than about `mostBytes` of them. */
export function logInto(descriptor: number, mostBytes: number): (text: string) => void {
  return (text) => {
    try {
      const stat = fstatSync(descriptor);
      if (stat.isFile() && stat.size > mostBytes) ftruncateSync(descriptor, 0);
      writeSync(descriptor, `${new Date().toISOString()} shim[${process.pid}] ${text}\n`);
    } catch {
      // The disk is full and the line is lost. Thrown, it would be a fault, and faults are written down here: that would never end.
    }
  };
}

/** One line for a person into shim.log, which is our stderr; what the controller must know is a fact instead. */
export const shimLog = logInto(STDERR, MOST_BYTES);
