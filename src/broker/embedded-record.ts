/** What is written down about the embedded broker, so that a controller that comes after a SIGKILL finds it again. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readBootIdentity } from '../linux/boot.ts';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import { isGone } from '../linux/proc-file.ts';
import { isAlive } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { emptyStat, parseStat } from '../linux/proc-stat.ts';
import type { BrokerFiles, NodeSettings } from './embedded-files.ts';

export interface EmbeddedRecord extends NodeSettings {
  version: 1;
  bootId: string;
  pidNamespace: string;
  /** `complete` once the node has answered: its database exists and holds the user. Before that it may be wiped. */
  data: 'incomplete' | 'complete';
}

/** A record for a first start. */
export function newRecord(ports: Pick<NodeSettings, 'port' | 'distributionPort'>): EmbeddedRecord {
  return {
    version: 1,
    ...readBootIdentity(),
    ...ports,
    user: `ackwarden${randomBytes(4).toString('hex')}`,
    password: randomBytes(24).toString('hex'),
    data: 'incomplete',
  };
}

export function writeRecord(files: BrokerFiles, record: EmbeddedRecord): void {
  writeAtomicSync(files.record, `${JSON.stringify(record)}\n`, 0o600);
}

/** The record of an earlier start; null when there is none. Throws a sentence when the file holds something else. */
export function readRecord(files: BrokerFiles): EmbeddedRecord | null {
  const text = readText(files.record);
  if (text === null) return null;
  const found = parseJson(text);
  if (isRecord(found)) return found;
  throw new Error(
    `${files.record} is not the record of an embedded broker. If its messages may go, remove ${files.folder} and start again.`,
  );
}

/**
 * The node this record speaks of, if it still runs: same boot, same pid namespace, same pid and start time. Null otherwise; then
 * nothing recorded may ever be signalled.
 */
export function findRunning(files: BrokerFiles, record: EmbeddedRecord): ProcessIdentity | null {
  const here = readBootIdentity();
  if (record.bootId !== here.bootId || record.pidNamespace !== here.pidNamespace) return null;
  const recorded = readRecordedProcess(files);
  return recorded !== null && isAlive(recorded) ? recorded : null;
}

/** Pid and start time out of the stat line that the node wrote about itself; null before it did. */
export function readRecordedProcess(files: BrokerFiles): ProcessIdentity | null {
  const line = readText(files.process);
  if (line === null) return null;
  const bytes = Buffer.from(line, 'latin1');
  const stat = emptyStat();
  const pid = Number.parseInt(line, 10);
  return pid > 1 && parseStat(bytes, bytes.length, stat) ? { pid, startTime: stat.startTime } : null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // Told by the caller, with the name of the file.
  }
}

const isWord = (text: unknown): boolean => typeof text === 'string' && /^[a-zA-Z0-9]+$/.test(text);
const isPort = (port: unknown): boolean => Number.isInteger(port) && Number(port) > 0 && Number(port) < 65536;

function isRecord(value: unknown): value is EmbeddedRecord {
  if (typeof value !== 'object' || value === null) return false;
  const {
    version,
    bootId,
    pidNamespace,
    port,
    distributionPort,
    user,
    password,
    data,
  }: Partial<Record<string, unknown>> = {
    ...value,
  };
  return (
    version === 1 &&
    typeof bootId === 'string' &&
    typeof pidNamespace === 'string' &&
    [port, distributionPort].every(isPort) &&
    [user, password].every(isWord) &&
    (data === 'complete' || data === 'incomplete')
  );
}
