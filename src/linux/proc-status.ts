import { AsciiReader } from './ascii.ts';

const reader = new AsciiReader(Buffer.alloc(0), 0);

interface Field {
  /** From the end of the line before on: the kernel escapes newlines of the process name, so that it cannot forge a field. */
  name: Buffer;
  /** How far behind the field before it was found last: of any process it is nearly always as far. */
  distance: number;
}

const field = (name: string): Field => ({ name: Buffer.from(`\n${name}:\t`), distance: 0 });

const STATE = field('State');
const RSS_ANON = field('RssAnon');
const VM_SWAP = field('VmSwap');
const VM_RSS = field('VmRSS');
const VM_SIZE = field('VmSize');
const THREADS = field('Threads');
const VOLUNTARY = field('voluntary_ctxt_switches');
const INVOLUNTARY = field('nonvoluntary_ctxt_switches');

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

function nextValue(buffer: Buffer, length: number, wanted: Field): number | null {
  if (!seek(buffer, length, wanted)) return null;
  reader.reset(buffer, length, at);
  return reader.number();
}

/** Go on to what follows the name; false, without a step, when it does not come. */
function seek(buffer: Buffer, length: number, wanted: Field): boolean {
  const { name, distance } = wanted;
  // The buffer is reused: what lies behind `length` is an older text.
  const last = length - name.length - 1;
  const isExpected = at + distance <= last && isAt(buffer, at + distance, name);
  const found = isExpected ? at + distance : buffer.indexOf(name, at);
  if (found < 0 || found > last) return false;
  wanted.distance = found - at;
  at = found + name.length;
  return true;
}

function isAt(buffer: Buffer, from: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index += 1) if (buffer[from + index] !== name[index]) return false;
  return true;
}

function kibibytes(value: number | null): number | null {
  return value === null ? null : value * 1024;
}
