/** `stateDir/core.json`: the wishes that a new controller takes over (docs/design.md, section 2). */
import { readFileSync } from 'node:fs';
import { afterReboot } from '../core/rest.ts';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import type { CoreState } from '../core/types.ts';

interface Checkpoint {
  version: 1;
  /** Monotonic times mean nothing after a reboot. */
  bootId: string;
  core: CoreState;
}

export class CheckpointFile {
  readonly #path: string;
  readonly #bootId: string;
  #trouble: string | null = null;

  constructor(path: string, bootId: string) {
    this.#path = path;
    this.#bootId = bootId;
  }

  /** Why it cannot be written; null while it can. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /**
   * What a new controller starts from: the whole state of this boot, or of an earlier boot what outlives it. Null if there is none
   * that can be read: then the shim's notes have to do.
   */
  read(): Partial<CoreState> | null {
    let found: Partial<Checkpoint> | null;
    try {
      found = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Checkpoint> | null;
    } catch {
      return null;
    }
    if (found?.version !== 1 || found.core?.version !== 1) return null;
    return found.bootId === this.#bootId ? found.core : afterReboot(found.core);
  }

  /** Temporary file, fsync, rename. False when it cannot be written: the shim's notes have to do then, and supervision goes on. */
  write(core: CoreState): boolean {
    const checkpoint: Checkpoint = { version: 1, bootId: this.#bootId, core };
    try {
      writeAtomicSync(this.#path, JSON.stringify(checkpoint));
      this.#trouble = null;
      return true;
    } catch (error) {
      this.#say(`the checkpoint ${this.#path} cannot be written (${(error as Error).message}); workers go on`);
      return false;
    }
  }

  /** Said once, not every second; `status` shows it for as long as it lasts. */
  #say(trouble: string): void {
    if (this.#trouble === null) process.stderr.write(`ackwarden: ${trouble}\n`);
    this.#trouble = trouble;
  }
}
