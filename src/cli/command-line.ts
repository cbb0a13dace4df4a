/** Parses argv, runs one command, and turns every error into its sentence and exit code. */
import { CommanderError } from 'commander';
import { ClientError } from '../api/client-errors.ts';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { createProgram } from './program.ts';

export interface Executable {
  version: string;
  /** process.platform. */
  platform: string;
}

interface RawGlobals {
  config?: string;
  socket?: string;
  json?: boolean;
}

/** commander's `error: unknown option '--x'\n(Did you mean --y?)` as one sentence that says where to look. */
export function usageSentence(message: string): string {
  const [first = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?');
  return `${first}${suggestion === '' ? '' : ` (${suggestion})`}; \`ackwarden --help\` shows what there is`;
}

function report(error: unknown, json: boolean, context: Context): number {
  const say = (code: string, text: string): void => {
    context.stderr.write(`ackwarden: ${text}\n`);
    if (json) context.stdout.write(`${JSON.stringify({ error: { code, text } })}\n`);
  };
  if (error instanceof ClientError) {
    say(error.code, error.message);
    return error.exitCode;
  }
  if (error instanceof UsageError) {
    say('usage', error.message);
    return 2;
  }
  const known = error instanceof Error ? error : new Error(String(error));
  say('internal', `internal error: ${known.stack ?? known.message}\nplease report this`);
  return 1;
}

type Chosen = (options: GlobalOptions) => Promise<number>;

/** The chosen command; a number is an exit code that ends it here (help, version, usage error). */
function parse(
  argv: readonly string[],
  executable: Executable,
  context: Context,
): { run: Chosen; globals: GlobalOptions } | number {
  let chosen: Chosen | null = null;
  const program = createProgram(executable.version, {
    context,
    chosen: (action) => {
      chosen = action;
    },
  });
  const globals = (): GlobalOptions => {
    const { config, socket, json } = program.opts<RawGlobals>();
    return { config: config ?? null, socket: socket ?? null, json: json === true };
  };
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return report(error, globals().json, context);
    if (error.exitCode === 0) return 0;
    // `ackwarden` alone: the help was shown on stderr.
    return error.code === 'commander.help'
      ? 2
      : report(new UsageError(usageSentence(error.message)), globals().json, context);
  }
  // An action runs within parse() and always chooses; `help` alone does not come this far.
  const run: Chosen = chosen ?? (() => Promise.reject(new UsageError('no command was given; see `ackwarden --help`')));
  return { run, globals: globals() };
}

/** Runs the command that `argv` (without node and script) names; resolves with the exit code of docs/design.md, section 9. */
export async function runCommandLine(
  argv: readonly string[],
  executable: Executable,
  context: Context,
): Promise<number> {
  const parsed = parse(argv, executable, context);
  if (typeof parsed === 'number') return parsed;
  try {
    if (executable.platform !== 'linux') {
      const text = `ackwarden needs Linux (/proc, flock, process groups), and this is ${executable.platform}; run it on a Linux host or in a Linux container`;
      throw new UsageError(text);
    }
    return await parsed.run(parsed.globals);
  } catch (error) {
    return report(error, parsed.globals.json, context);
  }
}
