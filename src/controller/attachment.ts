/** What follows when shims answer, are lost, leave, or cannot be had; and what a person is told of it as long as it lasts. */
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Config } from '../config/types.ts';
import type { EventBody } from '../core/types.ts';
import type { ToShim } from '../shim/protocol.ts';
import type { Hearing } from './hearing.ts';
import { renewAtAttach } from './limits.ts';
import type { LogClearing } from './log-clearing.ts';
import type { Scribe } from './scribe.ts';
import type { Greeting, OlderShim, Shims } from './shims.ts';
import type { Watches } from './watches.ts';
import { plural } from './words.ts';

export interface AttachmentParts {
  config: () => Config;
  /** What this configuration changes for the processes that live; null: none live, or nobody knows. */
  changes: ReloadPlan | null;
  version: string;
  shims: Shims;
  hearing: Hearing;
  watches: Watches;
  logClearing: LogClearing;
  scribe: Scribe;
  tell: (message: ToShim) => void;
  post: (event: EventBody) => void;
  /** Whether the shims were told to leave. */
  isLeaving: () => boolean;
  /** Whether there is nothing left to wait for if no shim can be had. */
  isShuttingDown: () => boolean;
  /** The shutdown has ended; what is left, in a sentence, or null. */
  finish: (left: string | null) => void;
}

export class Attachment {
  readonly #parts: AttachmentParts;
  /** Why there is no shim; null while there is one. */
  #trouble: string | null = null;

  constructor(parts: AttachmentParts) {
    this.#parts = parts;
  }

  /** Sentences. */
  get troubles(): string[] {
    const older = this.#parts.shims.older.map(olderText);
    return this.#trouble === null ? older : [this.#trouble, ...older];
  }

  attached(greeting: Greeting): void {
    const { config, changes, version, shims, hearing, watches, scribe, tell } = this.#parts;
    this.#trouble = null;
    tell({ type: 'sampling', intervalMs: config().sampling.intervalMs });
    hearing.greet(greeting);
    const living = greeting.answers.flatMap(({ hello }) => hello.incarnations);
    renewAtAttach({ config: config(), changes }, living, tell);
    watches.shimAnswered();
    // Only where it is asked for: an older shim knows of no such thing.
    if (forwards(config())) for (const { slot } of greeting.answers) shims.tell(slot, { type: 'outputTaken', seq: 0 });
    for (const older of shims.older) {
      const { pid: shimPid, incarnations } = older;
      const evidence = { shimPid, version: older.version, ours: version, incarnations: incarnations.length };
      scribe.say('attach', 'attach.outdated', evidence);
    }
  }

  lost(incarnations: number): void {
    this.#parts.logClearing.failed('the shim went away meanwhile');
    this.#parts.post({ type: 'shimLost', incarnations });
  }

  left(pid: number | null): void {
    const { shims, scribe, isLeaving, finish } = this.#parts;
    if (!isLeaving()) scribe.say('attach', 'shim.left', { shimPid: pid });
    else if (shims.isEmpty) finish(null);
  }

  /** Tried anew every few seconds, perhaps for days: journaled when it begins or changes. */
  failed(text: string): void {
    const { scribe, isShuttingDown, finish } = this.#parts;
    const trouble = `there is no shim, and without one no worker is started or stopped: ${text}`;
    if (trouble !== this.#trouble) scribe.say('warn', 'shim.unreachable', { text });
    this.#trouble = trouble;
    if (isShuttingDown()) finish(`workers may be left running, because ${text}; the next run stops them`);
  }
}

/** Whether any program has lines that the controller is to print. */
export const forwards = ({ programs }: Config): boolean =>
  Object.values(programs).some(({ stdout, stderr }) => stdout.forward || (stderr !== 'stdout' && stderr.forward));

const olderText = ({ pid, version, incarnations }: OlderShim): string =>
  `an older shim (pid ${pid}, version ${version}) lives on with ${plural(incarnations.length, 'process', 'processes')}; workers move out of it one recycle after the other, then it ends`;
