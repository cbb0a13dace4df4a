/** What a process does at this instant: it runs, or it sleeps in a system call, on something. */
import { readFileSync, readlinkSync } from 'node:fs';

/** Those that a queue worker sleeps in (syscalls(2)); others are shown by number. */
const CALLS: Record<string, Record<number, string>> = {
  x64: {
    0: 'read',
    1: 'write',
    7: 'poll',
    23: 'select',
    34: 'pause',
    35: 'nanosleep',
    42: 'connect',
    43: 'accept',
    44: 'sendto',
    45: 'recvfrom',
    46: 'sendmsg',
    47: 'recvmsg',
    61: 'wait4',
    72: 'fcntl',
    73: 'flock',
    74: 'fsync',
    202: 'futex',
    230: 'clock_nanosleep',
    232: 'epoll_wait',
    270: 'pselect6',
    271: 'ppoll',
    281: 'epoll_pwait',
  },
  arm64: {
    22: 'epoll_pwait',
    25: 'fcntl',
    32: 'flock',
    63: 'read',
    64: 'write',
    72: 'pselect6',
    73: 'ppoll',
    82: 'fsync',
    98: 'futex',
    101: 'nanosleep',
    115: 'clock_nanosleep',
    202: 'accept',
    203: 'connect',
    206: 'sendto',
    207: 'recvfrom',
    211: 'sendmsg',
    212: 'recvmsg',
    260: 'wait4',
  },
};

/** Calls whose first argument is a descriptor: what that is tells more than the call. */
const ON_DESCRIPTOR = new Set('read write connect accept sendto recvfrom sendmsg recvmsg fcntl flock fsync'.split(' '));

const STATES: Record<string, string> = {
  R: 'running',
  D: 'in uninterruptible sleep (disk, or a network file system)',
  T: 'stopped by a signal',
  t: 'stopped by a debugger',
  Z: 'ended, not yet waited for',
};

/** `root`: `/proc`, or a copy of it. */
export interface ProcPlace {
  root?: string;
  architecture?: string;
}

/**
 * In words, behind `it is …`: `running`, `in recvfrom on a socket`, `in flock on /srv/shop/cache.lock`, `sleeping in do_epoll_wait`, `sleeping`; null
 * when nothing can be read of it. What it sleeps in needs the right to trace it; without that only the state is known.
 */
export const readWait = (
  pid: number,
  { root = '/proc', architecture = process.arch }: ProcPlace = {},
): string | null => {
  const folder = `${root}/${pid}`;
  const stat = textOf(`${folder}/stat`);
  const state = stat?.[stat.lastIndexOf(')') + 2] ?? null;
  if (state === null) return null;
  const known = STATES[state];
  const call = state === 'S' || state === 'D' ? callOf(folder, architecture) : null;
  if (known !== undefined) return call === null ? known : `${known}, in ${call}`;
  if (call !== null) return `in ${call}`;
  const channel = textOf(`${folder}/wchan`)?.trim() ?? '';
  return channel === '' || channel === '0' ? 'sleeping' : `sleeping in ${channel}`;
};

const callOf = (folder: string, architecture: string): string | null => {
  const [number = '', first = ''] = (textOf(`${folder}/syscall`) ?? '').trim().split(' ');
  if (!/^\d+$/.test(number)) return null;
  const name = CALLS[architecture]?.[Number(number)] ?? `system call ${number}`;
  const on = ON_DESCRIPTOR.has(name) ? linkOf(`${folder}/fd/${Number.parseInt(first, 16)}`) : null;
  return on === null ? name : `${name} on ${/^[a-z]+:\[\d+\]$/.test(on) ? `a ${on.slice(0, on.indexOf(':'))}` : on}`;
};

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const linkOf = (path: string): string | null => {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
};
