import { existsSync, readFileSync } from 'node:fs';
import { errorCode } from '../linux/proc-file.ts';
import { emptyStat, parseStat } from '../linux/proc-stat.ts';

/** What the exec chain wrote about itself (exec-chain.ts) before it executed anything else. */
export interface SpawnRecord {
  bootId: string;
  pidNamespace: string;
  oomScoreAdj: number | null;
  pid: number;
  /** Clock ticks since boot; it survives exec. */
  startTime: number;
}

/** Parse a record file; null when it is not complete. */
export function parseRecord(text: string): SpawnRecord | null {
  const match = /^(\S+) (\d+) (\S+) ((\d+) \(.*)\n$/s.exec(text);
  if (match === null) return null;
  const [, bootId, pidNamespace, adjustment, line, pid] = match;
  if (bootId === undefined || pidNamespace === undefined || line === undefined || pid === undefined) return null;
  const stat = emptyStat();
  const bytes = Buffer.from(line);
  if (!parseStat(bytes, bytes.length, stat)) return null;
  const oomScoreAdj = /^-?\d+$/.test(adjustment ?? '') ? Number(adjustment) : null;
  return { bootId, pidNamespace, oomScoreAdj, pid: Number(pid), startTime: stat.startTime };
}

/** Read a record; null when it is not there, or not complete yet. */
export function readRecord(path: string): SpawnRecord | null {
  // It is looked for many times before it is there: an error object for each would cost more than the spawn.
  if (!existsSync(path)) return null;
  try {
    return parseRecord(readFileSync(path, 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** File name of an incarnation's record: its id with everything escaped that is not plain in a file name. */
export function recordName(incarnation: string): string {
  return encodeURIComponent(incarnation).replaceAll('.', '%2E');
}

/** The incarnation of a record file. */
export function incarnationOf(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
