/** Who a process is. */
import { readFileSync } from 'node:fs';
import { maskCommand } from '../config/mask.ts';
import { lookUpAccount } from '../linux/passwd.ts';
import { ZOMBIE } from '../linux/proc-stat.ts';
import { readStat } from '../linux/process-identity.ts';
import { wordsOf } from './command-line.ts';
import { linkOf, textOf } from './target.ts';
import type { ProcessFacts } from './types.ts';

/** USER_HZ of every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface Identity extends Pick<ProcessFacts, 'pid' | 'startedAt' | 'ageSeconds' | 'user' | 'uid' | 'parent'> {
  /** As it is, with its secrets. */
  words: string[];
  gid: number | null;
  command: string[];
  executable: string | null;
  directory: string | null;
  startTime: number;
}

/** Null: there is no such process. */
export const identify = async (pid: number, now: number): Promise<Identity | null> => {
  const stat = readStat(pid);
  if (stat === null) return null;
  const status = textOf(pid, 'status') ?? '';
  const uid = idOf(status, 'Uid');
  const words = wordsOf(textOf(pid, 'cmdline') ?? '');
  const uptime = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
  const age = Math.max(0, uptime - stat.startTime / TICKS_PER_SECOND);
  return {
    pid,
    startTime: stat.startTime,
    startedAt: Number.isNaN(age) ? null : new Date(now - age * 1000).toISOString(),
    ageSeconds: Number.isNaN(age) ? null : Math.round(age * 10) / 10,
    uid,
    gid: idOf(status, 'Gid'),
    user: uid === null ? null : await nameOf(uid),
    words,
    command: maskCommand(words),
    executable: linkOf(pid, 'exe'),
    directory: linkOf(pid, 'cwd'),
    parent: stat.parent === 0 ? null : { pid: stat.parent, name: nameOfProcess(stat.parent) },
  };
};

/** Why there is nothing to look at in a process that is listed all the same; null: it has memory. */
export const whyWithoutMemory = ({ pid, parent }: Identity): string | null => {
  if (textOf(pid, 'status')?.match(/^VmSize:/m) !== null) return null;
  const name = nameOfProcess(pid) ?? 'unknown';
  if (readStat(pid)?.state !== ZOMBIE)
    return `pid ${pid} (${name}) is a thread of the kernel: it has no memory of its own`;
  const waits = parent === null ? 'whose parent' : `whose parent ${parent.name ?? 'unknown'} (pid ${parent.pid})`;
  return `pid ${pid} (${name}) has ended: it is a zombie, ${waits} has not asked for its exit status yet. It holds no memory and leaks nothing`;
};

export const nameOfProcess = (pid: number): string | null => textOf(pid, 'comm')?.trim() ?? null;

/** The effective one. */
const idOf = (status: string, field: 'Uid' | 'Gid'): number | null => {
  const found = new RegExp(`^${field}:\\s+\\d+\\s+(\\d+)`, 'm').exec(status)?.[1];
  return found === undefined ? null : Number(found);
};

/** Its number where nobody knows a name. */
const nameOf = async (uid: number): Promise<string> => {
  try {
    return (await lookUpAccount(String(uid)))?.name ?? String(uid);
  } catch {
    return String(uid);
  }
};
