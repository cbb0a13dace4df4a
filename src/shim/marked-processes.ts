/**
 * Finding processes by the marker in their environment: what left its group and its parent still carries it. Where environ cannot be
 * read (another user's process in a container without CAP_SYS_PTRACE) nothing is found, and nothing is signalled.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicMs } from '../linux/clock.ts';
import { environValue } from '../linux/proc-environ.ts';
import { errorCode, isGone } from '../linux/proc-file.ts';
import { readStat } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';

/** Incarnation of a worker's process: `<worker>#<number>`. */
export const INCARNATION_VARIABLE = 'ACKWARDEN_INCARNATION';
/**
 * `<life of the shim>:<incarnation>`, always set by us. The marker is this and not ACKWARDEN_INCARNATION: other state directories on
 * this host have incarnations of the same name, and a spec may set that variable to anything.
 */
export const MARKER_VARIABLE = 'ACKWARDEN_SHIM';

/** The marker of an incarnation's processes. */
export function markerOf(life: string, incarnation: string): string {
  return `${life}:${incarnation}`;
}

const TURN_MS = 1;
const MAX_ENVIRON_BYTES = 2 * 1024 * 1024;
const buffer = Buffer.allocUnsafe(128 * 1024);

export interface MarkedProcess extends ProcessIdentity {
  incarnation: string;
}

/** Every living process with the marker of one of these shim lives. Takes many event-loop turns of at most about 1 ms. */
export async function findMarked(lives: ReadonlySet<string>): Promise<MarkedProcess[]> {
  const found: MarkedProcess[] = [];
  let turnBegan = monotonicMs();
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const marked = readMarker(pid, lives);
    if (marked !== null) found.push(marked);
    if (monotonicMs() - turnBegan < TURN_MS) continue;
    await nextTurn();
    turnBegan = monotonicMs();
  }
  return found;
}

function readMarker(pid: number, lives: ReadonlySet<string>): MarkedProcess | null {
  const environ = readEnviron(pid);
  const marker = environ === null ? null : environValue(environ, MARKER_VARIABLE);
  const colon = marker?.indexOf(':') ?? -1;
  if (marker === null || colon < 0 || !lives.has(marker.slice(0, colon))) return null;
  const stat = readStat(pid);
  return stat === null ? null : { pid, startTime: stat.startTime, incarnation: marker.slice(colon + 1) };
}

function readEnviron(pid: number): Buffer | null {
  let descriptor: number;
  try {
    descriptor = openSync(`/proc/${pid}/environ`, 'r');
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return null;
    throw error;
  }
  try {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      parts.push(Buffer.from(buffer.subarray(0, length)));
      bytes += length;
      if (bytes > MAX_ENVIRON_BYTES) break;
    }
    return Buffer.concat(parts);
  } catch (error) {
    if (isGone(error) || errorCode(error) === 'EACCES' || errorCode(error) === 'EPERM') return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
