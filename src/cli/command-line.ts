/** Parses argv, runs one command, and turns every error into its sentence and exit code. */
import { CommanderError } from 'commander';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';
import { execute, report } from './execute.ts';
import type { Action, Executable } from './execute.ts';
import { createProgram } from './program.ts';

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

/** The chosen command; a number is an exit code that ends it here (help, version, usage error). */
function parse(
  argv: readonly string[],
  executable: Executable,
  context: Context,
): { run: Action; globals: GlobalOptions } | number {
  let chosen: Action | null = null;
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
  const run: Action = chosen ?? (() => Promise.reject(new UsageError('no command was given; see `ackwarden --help`')));
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
  return execute(parsed.run, parsed.globals, executable, context);
}
