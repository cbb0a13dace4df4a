/** `stateDir/core.json`: the wishes that a new controller takes over (docs/design.md, section 2). */
import { readFileSync } from 'node:fs';
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

  /** Null if there is none, or none of this boot and version: then the shim's notes have to do. */
  read(): CoreState | null {
    let found: Partial<Checkpoint>;
    try {
      found = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Checkpoint>;
    } catch {
      return null;
    }
    if (found.version !== 1 || found.bootId !== this.#bootId || found.core?.version !== 1) return null;
    return found.core;
  }

  /** Temporary file, fsync, rename. */
  write(core: CoreState): void {
    const checkpoint: Checkpoint = { version: 1, bootId: this.#bootId, core };
    writeAtomicSync(this.#path, JSON.stringify(checkpoint));
  }
}
