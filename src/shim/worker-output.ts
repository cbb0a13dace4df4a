/** The output of one incarnation: one or two FIFOs into logs. */
import { letUsersPass } from './directories.ts';
import { openFifos, unlinkFifo } from './fifo.ts';
import type { Fifo } from './fifo.ts';
import type { LogFile } from './log-file.ts';
import { OutputStream } from './output-stream.ts';
import type { StreamParts } from './output-stream.ts';
import type { LogTarget, Note, SpawnSpec } from './spawn-spec.ts';
import { SpawnProblem } from './spawn-checks.ts';
import type { SpawnContext } from './spawn-context.ts';
import type { Account } from '../linux/passwd.ts';

/** Names and logs, before anything is started. */
export interface PreparedOutput {
  note: Note;
  stdout: PreparedEnd;
  stderr: PreparedEnd | null;
}

interface PreparedEnd {
  /** Of the FIFO. */
  path: string;
  log: LogFile;
  style: LogTarget;
}

/** Open the logs and take FIFOs. Rejects with SpawnProblem; then nothing is held. */
export async function prepareOutput(spec: SpawnSpec, context: SpawnContext): Promise<PreparedOutput> {
  const stdout = acquire(spec.stdout, 'stdout.path', context);
  let stderr: LogFile | null = null;
  try {
    if (spec.stderr !== 'stdout') stderr = acquire(spec.stderr, 'stderr.path', context);
    const { note, stdout: style, stderr: errors } = spec;
    return {
      note,
      stdout: { path: await context.fifos.take(), log: stdout, style },
      stderr:
        stderr === null || errors === 'stdout'
          ? null
          : { path: await context.fifos.take(), log: stderr, style: errors },
    };
  } catch (error) {
    context.logs.release(stdout);
    if (stderr !== null) context.logs.release(stderr);
    if (error instanceof SpawnProblem) throw error;
    throw new SpawnProblem('stdout.path', error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function acquire(target: LogTarget, field: string, context: SpawnContext): LogFile {
  try {
    return context.logs.acquire(target);
  } catch (error) {
    throw new SpawnProblem(field, error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** Give back what a spawn that came to nothing had prepared. */
export function discardOutput(prepared: PreparedOutput, context: SpawnContext): void {
  for (const end of [prepared.stdout, prepared.stderr]) {
    if (end === null) continue;
    unlinkFifo(end.path);
    context.logs.release(end.log);
  }
}

export class WorkerOutput {
  readonly #streams: OutputStream[] = [];
  readonly #fifos: Fifo[];
  #drained: Promise<void>;
  #pid: number | null = null;

  /** Opens the FIFOs; throws as open(2) does. From then on the streams own them. */
  constructor(
    prepared: PreparedOutput,
    owner: Account | null,
    context: SpawnContext,
    said: (bytes: Buffer) => void = () => undefined,
  ) {
    const foreign = owner !== null && owner.uid !== process.geteuid?.() ? owner : null;
    if (foreign !== null) letUsersPass(context.directories);
    const ends = [prepared.stdout, prepared.stderr].filter((end) => end !== null);
    const fifos = openFifos(ends, foreign);
    this.#fifos = fifos;
    const { worker, program } = prepared.note;
    const drained = fifos.map(({ log, style, ...fifo }, index) => {
      const source = { worker, program, stream: index === 0 ? 'stdout' : 'stderr', pid: () => this.#pid } as const;
      const forwarder = style.forward ? context.forwarder : null;
      return this.#carry({ fifo, log, forwarder, style, source, said }, context);
    });
    this.#drained = Promise.all(drained).then(() => undefined);
  }

  /** Descriptors for the worker. */
  get descriptors(): { stdout: number; stderr: number } {
    const [stdout, stderr] = this.#fifos;
    if (stdout === undefined) throw new Error('No FIFO was opened.');
    return { stdout: stdout.writeEnd, stderr: (stderr ?? stdout).writeEnd };
  }

  /** Resolves when every writer is gone and everything is handed to the logs. */
  get drained(): Promise<void> {
    return this.#drained;
  }

  /** Known before the first byte is read: reading takes a turn of the event loop. */
  spawned(pid: number): void {
    this.#pid = pid;
  }

  /** Resolves when the stream has ended. */
  #carry(parts: StreamParts, context: SpawnContext): Promise<void> {
    return new Promise((settle) => {
      const ended = (): void => {
        context.logs.release(parts.log);
        settle();
      };
      this.#streams.push(new OutputStream(parts, ended));
    });
  }

  /** The worker is gone (or was never started). */
  workerGone(): void {
    for (const stream of this.#streams) stream.workerGone();
  }
}
