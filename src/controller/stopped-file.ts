/**
 * `dataDir/stopped.json`: what people stopped, where that is to outlive a reboot (rememberStopped). While the checkpoint of this boot
 * is there it knows better; this is for the boot after.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/types.ts';
import type { CoreState, Stopped } from '../core/types.ts';
import { writeAtomicSync } from '../linux/atomic-write.ts';
import { errorCode } from '../linux/proc-file.ts';
import type { Scribe } from './scribe.ts';

interface Kept {
  version: 1;
  stopped: Record<string, Stopped>;
}

export class StoppedFile {
  readonly #path: string;
  readonly #remembers: boolean;
  #written = '';
  #trouble: string | null = null;

  constructor({ dataDir, rememberStopped }: Pick<Config, 'dataDir' | 'rememberStopped'>) {
    this.#path = join(dataDir, 'stopped.json');
    this.#remembers = rememberStopped;
  }

  /** Why what people stopped may start again at the next boot; null: there is nothing to say. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Empty where nothing is remembered. What an earlier configuration remembered is forgotten with the option. */
  read(): Record<string, Stopped> {
    try {
      if (!this.#remembers) {
        rmSync(this.#path, { force: true });
        return {};
      }
      const found = JSON.parse(readFileSync(this.#path, 'utf8')) as Partial<Kept> | null;
      return found?.version === 1 ? (found.stopped ?? {}) : {};
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') this.#say(`${this.#path} cannot be read (${(error as Error).message})`);
      return {};
    }
  }

  /** Temporary file, fsync, rename; nothing is written while nothing changes. */
  keep(stopped: Record<string, Stopped>): void {
    if (!this.#remembers) return;
    const text = JSON.stringify({ version: 1, stopped } satisfies Kept);
    if (text === this.#written) return;
    try {
      writeAtomicSync(this.#path, text);
      this.#written = text;
      this.#trouble = null;
    } catch (error) {
      this.#say(`${this.#path} cannot be written (${(error as Error).message})`);
    }
  }

  #say(text: string): void {
    const trouble = `rememberStopped: ${text}; what was stopped may start again after a reboot`;
    if (this.#trouble === null) process.stderr.write(`ackwarden: ${trouble}\n`);
    this.#trouble = trouble;
  }
}

/** A new controller says of each worker that it does not start that a person stopped it. */
export const sayWhatStaysStopped = ({ stopped, workers }: CoreState, scribe: Scribe): void => {
  for (const [name, { who, wall }] of Object.entries(stopped)) {
    const worker = workers[name];
    if (worker !== undefined) scribe.say('hold', 'stopped.kept', { who, wall }, worker);
  }
};
