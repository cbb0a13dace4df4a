/** A worker and its descendants, read together. */
import { readStat } from '../linux/process-identity.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { SLEEPING } from '../linux/proc-stat.ts';
import { ProcessReader } from './process-reader.ts';

const MAX_DESCENDANTS = 4096;

export class Family {
  readonly main: ProcessReader;
  readonly descendants = new Map<number, ProcessReader>();

  constructor(identity: ProcessIdentity) {
    this.main = new ProcessReader(identity);
  }

  /** The worker and every known descendant, each by pid and start time. */
  identities(): ProcessIdentity[] {
    return [this.main.identity, ...[...this.descendants.values()].map((reader) => reader.identity)];
  }

  get rssBytes(): number {
    let bytes = this.main.rssBytes;
    for (const { rssBytes } of this.descendants.values()) bytes += rssBytes;
    return bytes;
  }

  /** CPU time of living members, and of children that they waited for. */
  get ticks(): { user: number; system: number } {
    const { stat } = this.main;
    const ticks = { user: stat.userTicks + stat.childUserTicks, system: stat.systemTicks + stat.childSystemTicks };
    for (const { stat: one } of this.descendants.values()) {
      ticks.user += one.userTicks + one.childUserTicks;
      ticks.system += one.systemTicks + one.childSystemTicks;
    }
    return ticks;
  }

  /** Nobody but its one thread can change what is read of it, and that sleeps (as of `readStatus`). */
  get sleepsAlone(): boolean {
    const { state, threads } = this.main.status;
    return state === SLEEPING && threads === 1 && this.descendants.size === 0;
  }

  /** Memory by statm; false once the worker is gone. */
  readMemory(): boolean {
    if (!this.main.readMemory()) return false;
    for (const [pid, reader] of this.descendants) if (!reader.readMemory()) this.#forget(pid);
    return true;
  }

  /** Memory by status, which tells of swap as well; false once the worker is gone. */
  readStatus(): boolean {
    if (!this.main.readStatus()) return false;
    for (const [pid, reader] of this.descendants) if (!reader.readStatus()) this.#forget(pid);
    return true;
  }

  /** CPU time. */
  readStat(): void {
    this.main.readStat();
    for (const reader of this.descendants.values()) reader.readStat();
  }

  /** Who was born, and who ended. Children that come or go between two looks are caught by the next one. */
  findDescendants(): void {
    const pids: number[] = [];
    this.main.readChildren(pids);
    if (pids.length === 0 && this.descendants.size === 0) return;
    const found = new Set<number>();
    for (let index = 0; index < pids.length && found.size < MAX_DESCENDANTS; index += 1) {
      const pid = pids[index];
      if (pid === undefined || found.has(pid)) continue;
      const reader = this.descendants.get(pid) ?? this.#adopt(pid);
      if (reader === null) continue;
      found.add(pid);
      reader.readChildren(pids);
    }
    // A descendant whose parent ended is no longer in the tree of children, but it is still ours as long as it lives.
    for (const [pid, reader] of this.descendants) if (!found.has(pid) && !reader.readStat()) this.#forget(pid);
  }

  close(): void {
    this.main.close();
    for (const reader of this.descendants.values()) reader.close();
    this.descendants.clear();
  }

  #adopt(pid: number): ProcessReader | null {
    const stat = readStat(pid);
    if (stat === null || stat.startTime < this.main.identity.startTime) return null;
    const reader = new ProcessReader({ pid, startTime: stat.startTime });
    // The files are opened now; if the pid changed hands in between, stat tells.
    if (!reader.readMemory() || !reader.readStat()) {
      reader.close();
      return null;
    }
    reader.readStatus();
    this.descendants.set(pid, reader);
    return reader;
  }

  #forget(pid: number): void {
    this.descendants.get(pid)?.close();
    this.descendants.delete(pid);
  }
}
