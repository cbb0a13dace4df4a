import { AsciiReader } from './ascii.ts';

const reader = new AsciiReader(Buffer.alloc(0), 0);

/** Pages of /proc/PID/statm (proc(5)). */
export interface Statm {
  sizePages: number;
  residentPages: number;
  /** Resident pages of files and shared memory. */
  sharedPages: number;
}

/** Parse the first `length` bytes of a statm text into `into`; false when the text is not one. */
export function parseStatm(buffer: Buffer, length: number, into: Statm): boolean {
  reader.reset(buffer, length, 0);
  const size = reader.number();
  const resident = reader.number();
  const shared = reader.number();
  if (size === null || resident === null || shared === null) return false;
  into.sizePages = size;
  into.residentPages = resident;
  into.sharedPages = shared;
  return true;
}
