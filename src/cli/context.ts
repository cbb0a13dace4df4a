/** What a command may touch of the process it runs in; tests pass their own. */
import { terminalOf } from './terminal.ts';
import type { Terminal } from './terminal.ts';

export interface Output {
  write(text: string): void;
  /** Bytes as they are, e.g. of a log file that need not be UTF-8; `done` once they are out, or never will be. */
  writeBytes(bytes: Uint8Array, done?: () => void): void;
  terminal: Terminal;
}

export interface Context {
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  uid: number;
  /** Wall clock, milliseconds since the epoch. */
  now(): number;
  /** Aborted on SIGINT and SIGTERM. Commands that watch end then; the others are simply interrupted. */
  interrupted(): AbortSignal;
}

/** Options every command has. */
export interface GlobalOptions {
  /** `-c FILE` as given; null: not given. */
  config: string | null;
  /** `--socket PATH` as given. */
  socket: string | null;
  json: boolean;
}

/** A mistake of the person at the keyboard: exit 2 and the sentence, nothing else. */
export class UsageError extends Error {
  override name = 'UsageError';
}

function outputOf(stream: NodeJS.WriteStream, env: Context['env']): Output {
  return {
    write: (text) => {
      stream.write(text);
    },
    writeBytes: (bytes, done) => {
      stream.write(bytes, done);
    },
    get terminal() {
      return terminalOf(stream, env);
    },
  };
}

function onInterrupt(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  return controller.signal;
}

export function processContext(): Context {
  let signal: AbortSignal | null = null;
  return {
    stdout: outputOf(process.stdout, process.env),
    stderr: outputOf(process.stderr, process.env),
    env: process.env,
    cwd: process.cwd(),
    uid: process.getuid?.() ?? 0,
    now: () => Date.now(),
    interrupted: () => (signal ??= onInterrupt()),
  };
}
