import { AsciiReader } from './ascii.ts';

const reader = new AsciiReader(Buffer.alloc(0), 0);

// Every name in /proc/PID/status starts a line, and the kernel escapes newlines of the process name: it cannot forge one.
const STATE = Buffer.from('\nState:\t');
const RSS_ANON = Buffer.from('\nRssAnon:');
const VM_SWAP = Buffer.from('\nVmSwap:');
const VM_RSS = Buffer.from('\nVmRSS:');
const VM_SIZE = Buffer.from('\nVmSize:');
const THREADS = Buffer.from('\nThreads:');
const VOLUNTARY = Buffer.from('\nvoluntary_ctxt_switches:');
const INVOLUNTARY = Buffer.from('\nnonvoluntary_ctxt_switches:');

/** Figures of /proc/PID/status (proc(5)); null: the kernel did not say (a process without memory, an old kernel). */
export interface ProcStatus {
  /** One letter, as a character code: proc-stat.ts. */
  state: number | null;
  rssBytes: number | null;
  anonBytes: number | null;
  swapBytes: number | null;
  virtualBytes: number | null;
  threads: number | null;
  voluntarySwitches: number | null;
  involuntarySwitches: number | null;
}

export function emptyStatus(): ProcStatus {
  return {
    state: null,
    rssBytes: null,
    anonBytes: null,
    swapBytes: null,
    virtualBytes: null,
    threads: null,
    voluntarySwitches: null,
    involuntarySwitches: null,
  };
}

/** Parse the first `length` bytes of a status text into `into`. */
export function parseStatus(buffer: Buffer, length: number, into: ProcStatus): void {
  // In the order of the file (fs/proc/array.c), so that each search begins where the one before it ended.
  at = 0;
  into.state = seek(buffer, length, STATE) ? (buffer[at] ?? null) : null;
  into.virtualBytes = kibibytes(nextValue(buffer, length, VM_SIZE));
  into.rssBytes = kibibytes(nextValue(buffer, length, VM_RSS));
  into.anonBytes = kibibytes(nextValue(buffer, length, RSS_ANON));
  into.swapBytes = kibibytes(nextValue(buffer, length, VM_SWAP));
  into.threads = nextValue(buffer, length, THREADS);
  into.voluntarySwitches = nextValue(buffer, length, VOLUNTARY);
  into.involuntarySwitches = nextValue(buffer, length, INVOLUNTARY);
}

let at = 0;

function nextValue(buffer: Buffer, length: number, name: Buffer): number | null {
  if (!seek(buffer, length, name)) return null;
  reader.reset(buffer, length, at);
  return reader.number();
}

/** Go on to what follows `name`; false, without a step, when it does not come. */
function seek(buffer: Buffer, length: number, name: Buffer): boolean {
  const found = buffer.indexOf(name, at);
  // The buffer is reused: what lies behind `length` is an older text.
  if (found < 0 || found + name.length >= length) return false;
  at = found + name.length;
  return true;
}

function kibibytes(value: number | null): number | null {
  return value === null ? null : value * 1024;
}
