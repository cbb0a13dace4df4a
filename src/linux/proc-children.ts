import { AsciiReader } from './ascii.ts';

const reader = new AsciiReader(Buffer.alloc(0), 0);

/**
 * Pids of /proc/PID/task/PID/children (proc(5)), appended to `into`. The list is that of the main thread; children forked by other
 * threads are not in it (PHP has one thread).
 */
export function parseChildren(buffer: Buffer, length: number, into: number[]): void {
  reader.reset(buffer, length, 0);
  for (let pid = reader.number(); pid !== null; pid = reader.number()) into.push(pid);
}
