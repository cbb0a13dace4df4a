/** `ackwarden logs [-f] [-n LINES] [--stderr] NAME`: a worker's output. The client reads the file itself. */
import { ClientError } from '../api/client-errors.ts';
import type { Context, GlobalOptions } from './context.ts';
import { errnoOf } from './errno.ts';
import { stripAllButColours } from './plain.ts';
import { follow, tail } from './tail.ts';
import type { Write } from './tail.ts';
import { connect } from './target.ts';

export interface LogsOptions {
  name: string;
  follow: boolean;
  stderr: boolean;
  lines: number;
}

/** A line without its end that is longer than this is shown as it stands. */
const MAX_PENDING = 64 * 1024;

/** To a terminal: whole lines of valid text, colours but no other control sequence. `flush` shows an unfinished last line. */
export function terminalWriter(write: (text: string) => void): { write: Write; flush: () => void } {
  const decoder = new TextDecoder();
  let pending = '';
  return {
    write: (chunk) => {
      const lines = (pending + decoder.decode(chunk, { stream: true })).split('\n');
      pending = lines.pop() ?? '';
      if (lines.length > 0) write(lines.map((line) => `${stripAllButColours(line)}\n`).join(''));
      if (pending.length <= MAX_PENDING) return;
      write(stripAllButColours(pending));
      pending = '';
    },
    flush: () => {
      if (pending !== '') write(`${stripAllButColours(pending)}\n`);
      pending = '';
    },
  };
}

function readError(path: string, error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const cause = { cause: error };
  if (errnoOf(error) === 'ENOENT') {
    return new ClientError(
      'noLog',
      1,
      `${path} is not there: the worker has not been started yet, or its log was removed`,
      cause,
    );
  }
  if (errnoOf(error) === 'EACCES') {
    return new ClientError('permission', 1, `permission denied for ${path}; read it as its owner, or as root`, cause);
  }
  return new ClientError('noLog', 1, `cannot read ${path}: ${error.message}`, cause);
}

export async function showLogs(wanted: LogsOptions, options: GlobalOptions, context: Context): Promise<number> {
  const client = await connect(options, context);
  const files = await client.logs(wanted.name);
  const path = wanted.stderr ? files.stderr : files.stdout;
  if (options.json) {
    context.stdout.write(`${JSON.stringify(files)}\n`);
    return 0;
  }
  // /dev/stdout would be our own output, which never ends once we write what we read.
  if (/^\/(dev|proc)\//.test(path))
    throw new ClientError('noLog', 1, `${path} keeps nothing that could be shown; give the program a log file`);
  // Colours in the output are the worker's own: they stay on a terminal, and bytes stay bytes in a pipe.
  const raw = { write: (chunk: Buffer) => context.stdout.writeBytes(chunk), flush: () => undefined };
  const out = context.stdout.terminal.tty ? terminalWriter((text) => context.stdout.write(text)) : raw;
  try {
    if (wanted.follow) {
      const notice = (text: string): void => context.stderr.write(`ackwarden: ${text}\n`);
      await follow({ path, lines: wanted.lines, signal: context.interrupted(), write: out.write, notice });
    } else {
      const { file } = await tail(path, wanted.lines, out.write);
      await file.close();
    }
  } catch (error) {
    throw readError(path, error);
  } finally {
    out.flush();
  }
  return 0;
}
