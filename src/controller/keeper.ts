/** What outlives a controller: the checkpoint of the core, and what people stopped. Written before each order, else once a second. */
import { join } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CoreState, Stopped } from '../core/types.ts';
import { readBootIdentity } from '../linux/boot.ts';
import { CheckpointFile } from './checkpoint.ts';
import { StoppedFile } from './stopped-file.ts';

const EVERY_MS = 1_000;

export class Keeper {
  readonly #checkpoint: CheckpointFile;
  readonly #stopped: StoppedFile;
  #savedAt = 0;
  /** Something was noted that is not on disk yet. */
  #unsaved = false;

  constructor(config: Config) {
    this.#checkpoint = new CheckpointFile(join(config.stateDir, 'core.json'), readBootIdentity().bootId);
    this.#stopped = new StoppedFile(config);
  }

  /** Why something cannot be written, in sentences. */
  get troubles(): string[] {
    return [this.#checkpoint.trouble, this.#stopped.trouble].filter((text) => text !== null);
  }

  /** What a new controller starts from. */
  read(): Partial<CoreState> {
    const stopped: Record<string, Stopped> = this.#stopped.read();
    return { stopped, ...this.#checkpoint.read() };
  }

  /** There is something to write, when its time comes. */
  note(): void {
    this.#unsaved = true;
  }

  isDue(now: number): boolean {
    return this.#unsaved && now - this.#savedAt >= EVERY_MS;
  }

  /** False when the checkpoint could not be written; it is then due again. */
  save(core: CoreState, now: number): boolean {
    this.#savedAt = now;
    this.#unsaved = !this.#checkpoint.write(core);
    this.#stopped.keep(core.stopped);
    return !this.#unsaved;
  }
}
