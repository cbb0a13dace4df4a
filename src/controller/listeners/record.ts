/**
 * `stateDir/listeners.json`: the listener processes that live. They end with us by themselves (SIGTERM at our death, and the end of
 * their input); what has not ended by the time the next controller starts is killed by it, so that none is ever doubled.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomicSync } from '../../linux/atomic-write.ts';
import { readBootIdentity } from '../../linux/boot.ts';
import { isAlive, readStat, sendSignal } from '../../linux/process-identity.ts';
import type { ProcessIdentity } from '../../linux/process-identity.ts';

interface Recorded {
  boot: { bootId: string; pidNamespace: string };
  processes: ProcessIdentity[];
}

export class ListenerRecord {
  readonly #path: string;
  readonly #living = new Map<number, ProcessIdentity>();
  #trouble: string | null = null;

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'listeners.json');
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  /** Kill what an earlier controller left, each with its process group. Returns their pids. */
  killLeft(): number[] {
    const left = this.#read().filter(isAlive);
    return left.flatMap(({ pid }) => (killGroup(pid) ? [pid] : []));
  }

  add(pid: number): void {
    const stat = readStat(pid);
    if (stat === null) return;
    this.#living.set(pid, { pid, startTime: stat.startTime });
    this.#write();
  }

  remove(pid: number): void {
    if (this.#living.delete(pid)) this.#write();
  }

  #write(): void {
    const recorded: Recorded = { boot: readBootIdentity(), processes: [...this.#living.values()] };
    try {
      writeAtomicSync(this.#path, JSON.stringify(recorded));
      this.#trouble = null;
    } catch (error) {
      this.#trouble = `${this.#path} cannot be written (${(error as Error).message}): a listener that does not end with this controller would be doubled by the next`;
    }
  }

  /** Nothing where the file is missing or broken, or speaks of another boot or pid namespace: there the pids are strangers. */
  #read(): ProcessIdentity[] {
    try {
      const found = JSON.parse(readFileSync(this.#path, 'utf8')) as Recorded;
      const boot = readBootIdentity();
      const isOurs = found.boot.bootId === boot.bootId && found.boot.pidNamespace === boot.pidNamespace;
      const isSound = ({ pid, startTime }: ProcessIdentity) => Number.isInteger(pid) && pid > 1 && startTime > 0;
      return isOurs ? found.processes.filter(isSound) : [];
    } catch {
      return [];
    }
  }
}

/** False where it is another user's by now: we did not start that. */
const killGroup = (pid: number): boolean => {
  try {
    return sendSignal(-pid, 'SIGKILL');
  } catch {
    return false;
  }
};
