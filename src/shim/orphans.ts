/**
 * Workers of a shim that died. Their records say who they were; only a process whose boot, pid namespace, pid and start time all match
 * is one of them. Everything else that is recorded is cleaned up and never signalled.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BootIdentity } from '../linux/boot.ts';
import { monotonicMs } from '../linux/clock.ts';
import { isAlive, sendSignal, signalProcess } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { fenceRecords } from './directories.ts';
import type { Directories } from './directories.ts';
import { findMarked } from './marked-processes.ts';
import { incarnationOf, readRecord } from './record.ts';
import type { SpawnRecord } from './record.ts';

const TERM_MS = 4000;
const KILL_MS = 30_000;
const POLL_MS = 20;
/** An exec chain that had opened its record when the shim died is about to complete it. */
const HALF_WRITTEN_MS = 2000;

export interface Orphan extends ProcessIdentity {
  incarnation: string;
}

export interface OrphansStopped {
  orphans: Orphan[];
  tookMs: number;
}

/** Stop every orphan and wait until it is gone. Rejects with a sentence when one does not go. */
export async function stopOrphans(directories: Directories, boot: BootIdentity): Promise<OrphansStopped> {
  const began = monotonicMs();
  const lives = listFolder(directories.incarnations);
  const folders = lives.map((life) => fenceRecords(directories, life));
  const names = new Set(lives.map((life) => life.replace(/\.dead$/, '')));
  const leaders = (await Promise.all(folders.map((folder) => readOrphans(folder, boot)))).flat();
  await stopAll(leaders, names);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  return { orphans: leaders, tookMs: monotonicMs() - began };
}

/** Whether a record is about a process of this boot and pid namespace: in any other, its pid means nothing. */
export function isOfThisBoot(record: SpawnRecord, boot: BootIdentity): boolean {
  return record.bootId === boot.bootId && record.pidNamespace === boot.pidNamespace;
}

async function readOrphans(folder: string, boot: BootIdentity): Promise<Orphan[]> {
  const orphans: Orphan[] = [];
  for (const name of listFolder(folder)) {
    const record = await readWhenComplete(join(folder, name));
    if (record === null || !isOfThisBoot(record, boot) || !isAlive(record)) continue;
    orphans.push({ incarnation: incarnationOf(name), pid: record.pid, startTime: record.startTime });
  }
  return orphans;
}

async function readWhenComplete(path: string): Promise<SpawnRecord | null> {
  const deadline = monotonicMs() + HALF_WRITTEN_MS;
  for (;;) {
    const record = readRecord(path);
    if (record !== null || monotonicMs() > deadline) return record;
    await sleep(POLL_MS);
  }
}

/** The workers by their records, then whatever else carries the marker of a dead life. */
async function stopAll(leaders: Orphan[], lives: ReadonlySet<string>): Promise<void> {
  for (const orphan of leaders) {
    signalProcess(orphan, 'SIGTERM');
    // A stopped process acts on SIGTERM only once it goes on.
    signalProcess(orphan, 'SIGCONT');
  }
  await untilGone(() => leaders.filter(isAlive), TERM_MS);
  // A group lives as long as one member does; its number is proven only while its leader is.
  for (const orphan of leaders) if (isAlive(orphan)) sendSignal(-orphan.pid, 'SIGKILL');
  if (lives.size > 0) {
    for (const marked of await findMarked(lives)) signalProcess(marked, 'SIGKILL');
  }
  const left = await untilGone(() => leaders.filter(isAlive), KILL_MS);
  if (left.length === 0) return;
  const names = left.map((orphan) => `${orphan.incarnation} (pid ${orphan.pid})`).join(', ');
  throw new Error(`Workers of a dead shim do not die of SIGKILL: ${names}. Nothing is started beside them.`);
}

/** What is still there when all are gone or the time is over. They are not our children: nobody tells us. */
async function untilGone<T>(left: () => T[], timeoutMs: number): Promise<T[]> {
  const deadline = monotonicMs() + timeoutMs;
  for (let now = left(); ; now = left()) {
    if (now.length === 0 || monotonicMs() > deadline) return now;
    await sleep(POLL_MS);
  }
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}
