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

  constructor(path: string, bootId: string) {
    this.#path = path;
    this.#bootId = bootId;
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

  /** Temporary file, fsync, rename. */
  write(core: CoreState): void {
    const checkpoint: Checkpoint = { version: 1, bootId: this.#bootId, core };
    writeAtomicSync(this.#path, JSON.stringify(checkpoint));
  }
}
