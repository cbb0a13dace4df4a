import { AsciiReader } from './ascii.ts';

const CLOSE = 41;
const SPACE = 32;
const reader = new AsciiReader(Buffer.alloc(0), 0);

/** The fields of /proc/PID/stat that we use (proc(5)); times in clock ticks. */
export interface ProcStat {
  /** One letter, as a character code; `Z` is 90. */
  state: number;
  parent: number;
  group: number;
  session: number;
  userTicks: number;
  systemTicks: number;
  /** Of children that ended and were waited for. */
  childUserTicks: number;
  childSystemTicks: number;
  threads: number;
  /** Clock ticks since boot: with the pid, the identity of a process. */
  startTime: number;
}

export const SLEEPING = 83;
export const ZOMBIE = 90;
export const DEAD = 88;

export function emptyStat(): ProcStat {
  const ticks = { userTicks: 0, systemTicks: 0, childUserTicks: 0, childSystemTicks: 0 };
  return { state: 0, parent: 0, group: 0, session: 0, ...ticks, threads: 0, startTime: 0 };
}

/**
 * Parse the first `length` bytes of a stat text into `into`; false when the text is not one. The command name in parentheses may
 * itself hold spaces, parentheses and newlines: what follows is found from the last `)`.
 */
export function parseStat(buffer: Buffer, length: number, into: ProcStat): boolean {
  let close = length - 1;
  while (close >= 0 && buffer[close] !== CLOSE) close -= 1;
  const state = buffer[close + 2];
  if (close < 0 || close + 2 >= length || state === undefined || buffer[close + 1] !== SPACE) return false;
  reader.reset(buffer, length, close + 3);
  const parent = reader.number();
  const group = reader.number();
  const session = reader.number();
  reader.skip(7); // tty_nr tpgid flags minflt cminflt majflt cmajflt
  const userTicks = reader.number();
  const systemTicks = reader.number();
  const childUserTicks = reader.number();
  const childSystemTicks = reader.number();
  reader.skip(2); // priority nice
  const threads = reader.number();
  reader.skip(1); // itrealvalue
  const startTime = reader.number();
  if (parent === null || group === null || session === null || userTicks === null) return false;
  if (childUserTicks === null || childSystemTicks === null) return false;
  if (systemTicks === null || threads === null || startTime === null) return false;
  into.state = state;
  into.parent = parent;
  into.group = group;
  into.session = session;
  into.userTicks = userTicks;
  into.systemTicks = systemTicks;
  into.childUserTicks = childUserTicks;
  into.childSystemTicks = childSystemTicks;
  into.threads = threads;
  into.startTime = startTime;
  return true;
}
