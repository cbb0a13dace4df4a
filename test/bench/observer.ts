/**
 * A process of its own that reads /proc/PID/statm of every child of the given process every 10 ms until its standard input ends, then
 * prints what it saw of each: `[{ pid, peakBytes, overAt, goneAt }]`, times in ms. Arguments: PID, ceiling in bytes.
 */
import { childrenOf, rssBytes } from './proc.ts';

const EVERY_MS = 10;

export interface Seen {
  pid: number;
  peakBytes: number;
  /** First seen above the ceiling. */
  overAt: number | null;
  /** Null: still alive at the end. */
  goneAt: number | null;
}

const [parent = 0, ceilingBytes = Infinity] = process.argv.slice(2).map(Number);
const seen = new Map<number, Seen>();

const look = (): void => {
  for (const pid of childrenOf(parent)) {
    if (!seen.has(pid)) seen.set(pid, { pid, peakBytes: 0, overAt: null, goneAt: null });
  }
  for (const one of seen.values()) {
    if (one.goneAt !== null) continue;
    const bytes = rssBytes(one.pid);
    // A zombie has no memory left.
    if (bytes === null || bytes === 0) one.goneAt = performance.now();
    else one.peakBytes = Math.max(one.peakBytes, bytes);
    if (one.peakBytes > ceilingBytes) one.overAt ??= performance.now();
  }
};

const timer = setInterval(look, EVERY_MS);
process.stdin.resume();
process.stdin.once('end', () => {
  clearInterval(timer);
  process.stdout.write(JSON.stringify([...seen.values()]));
});
