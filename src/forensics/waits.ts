/** What a process does at an instant: it runs, or it sleeps in a system call on something. */
import { ZOMBIE } from '../linux/proc-stat.ts';
import { linkOf, textOf } from './target.ts';
import type { WaitFacts } from './types.ts';

const RUNNING = 82;

/** Those a queue worker sleeps in (syscalls(2)); others are shown by number. */
const CALLS: Record<string, Record<number, string>> = {
  x64: {
    0: 'read', 1: 'write', 7: 'poll', 23: 'select', 34: 'pause', 35: 'nanosleep', 42: 'connect', 43: 'accept',
    44: 'sendto', 45: 'recvfrom', 46: 'sendmsg', 47: 'recvmsg', 61: 'wait4', 72: 'fcntl', 73: 'flock', 74: 'fsync',
    75: 'fdatasync', 202: 'futex', 230: 'clock_nanosleep', 232: 'epoll_wait', 270: 'pselect6', 271: 'ppoll',
    281: 'epoll_pwait',
  },
  arm64: {
    22: 'epoll_pwait', 25: 'fcntl', 32: 'flock', 63: 'read', 64: 'write', 72: 'pselect6', 73: 'ppoll', 82: 'fsync',
    83: 'fdatasync', 98: 'futex', 101: 'nanosleep', 115: 'clock_nanosleep', 202: 'accept', 203: 'connect',
    206: 'sendto', 207: 'recvfrom', 211: 'sendmsg', 212: 'recvmsg', 260: 'wait4',
  },
}; // prettier-ignore

/** Calls whose first argument is a descriptor: what it is tells more than the call. */
const ON_DESCRIPTOR = new Set([
  'read', 'write', 'connect', 'accept', 'sendto', 'recvfrom', 'sendmsg', 'recvmsg', 'fcntl', 'flock', 'fsync',
  'fdatasync',
]); // prettier-ignore

/** A line of /proc/PID/syscall (proc(5)) in words; null where it says nothing. */
export const callText = (
  syscall: string,
  architecture: string,
  target: (descriptor: number) => string | null,
): string | null => {
  const [number = '', first = ''] = syscall.trim().split(' ');
  if (number === 'running') return 'running';
  if (!/^\d+$/.test(number)) return null;
  const name = CALLS[architecture]?.[Number(number)] ?? `system call ${number}`;
  if (!ON_DESCRIPTOR.has(name)) return name;
  const on = target(Number.parseInt(first, 16));
  return on === null ? name : `${name} on ${on.replace(/:\[\d+\]$/, '')}`;
};

/** @param state of /proc/PID/stat, as a character code */
export const waitOf = (pid: number, state: number): string => {
  if (state === RUNNING) return 'running';
  if (state === ZOMBIE) return 'ended (zombie)';
  const call = callText(textOf(pid, 'syscall') ?? '', process.arch, (descriptor) => linkOf(pid, `fd/${descriptor}`));
  if (call !== null) return call;
  const channel = textOf(pid, 'wchan')?.trim() ?? '';
  return channel === '' || channel === '0' ? 'sleeping' : `sleeping in ${channel}`;
};

/** Shares of the readings, most often first. */
export const waitShares = (waits: readonly string[]): WaitFacts[] => {
  const counts = new Map<string, number>();
  for (const text of waits) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .map(([text, count]) => ({ text, share: Math.round((100 * count) / waits.length) / 100 }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, 5);
};

/** Functions of the kernel, the innermost first; null where it may not be read (root only). */
export const kernelStack = (pid: number): string[] | null => {
  const lines = (textOf(pid, 'stack') ?? '').split('\n');
  const frames = lines.flatMap((line) => /^\[<\S+>\] (\S+?)(?:\+0x\S*)?$/.exec(line.trim())?.[1] ?? []);
  return frames.length === 0 ? null : frames.slice(0, 8);
};
