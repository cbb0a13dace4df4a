/** Runs one chosen command and turns every error into its sentence and exit code (docs/design.md, section 9). */
import { ClientError } from '../api/client-errors.ts';
import { UsageError } from './context.ts';
import type { Context, GlobalOptions } from './context.ts';

export interface Executable {
  version: string;
  /** process.platform. */
  platform: string;
}

/** What a command does; resolves with the exit code. */
export type Action = (options: GlobalOptions) => Promise<number>;

/** Says what went wrong, on stderr and with --json on stdout too; returns the exit code. */
export function report(error: unknown, json: boolean, context: Context): number {
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

export async function execute(
  action: Action,
  options: GlobalOptions,
  executable: Executable,
  context: Context,
): Promise<number> {
  try {
    if (executable.platform !== 'linux') {
      const here = `and this is ${executable.platform}; run it on a Linux host or in a Linux container`;
      throw new UsageError(`ackwarden needs Linux (/proc, flock, process groups), ${here}`);
    }
    return await action(options);
  } catch (error) {
    return report(error, options.json, context);
  }
}
