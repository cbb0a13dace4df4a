/** `php.disableExtensions`, tried out: each program's own PHP is asked as its workers will run it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expandWorkers } from '../config/expand.ts';
import type { Config, ProgramConfig } from '../config/types.ts';
import type { Trouble } from '../php/disable.ts';
import type { Context } from './context.ts';
import type { Warning } from './redirect/warnings.ts';

/** @param env what `run` would be started with */
export async function phpWarnings({ programs }: Config, env: Context['env']): Promise<Warning[]> {
  const asked = Object.values(programs).filter(({ php }) => php.disableExtensions.length > 0);
  const found = await Promise.all(asked.map(async (program) => warningsOf(program, await troublesOf(program, env))));
  return found.flat();
}

async function troublesOf(program: ProgramConfig, env: Context['env']): Promise<Trouble[]> {
  const { runWithout } = await import('../php/disable.ts');
  // One stands for all of its program.
  const [worker = program] = expandWorkers(program);
  const inherited = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const folder = mkdtempSync(join(tmpdir(), 'ackwarden-php-'));
  try {
    // Its user has to read the files.
    chmodSync(folder, 0o755);
    const place = {
      command: worker.command,
      environment: { ...Object.fromEntries(inherited), ...worker.environment },
      directory: program.directory,
      user: program.user,
    };
    return (await runWithout(program.php.disableExtensions, place, folder)).troubles;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const warningsOf = ({ name }: ProgramConfig, troubles: readonly Trouble[]): Warning[] =>
  troubles.map((trouble) => ({ path: ['programs', name, 'php', 'disableExtensions'], ...sentenceOf(trouble) }));

function sentenceOf(trouble: Trouble): Omit<Warning, 'path'> {
  switch (trouble.rule) {
    case 'php.notAsked':
      return {
        text: `whether it works cannot be tried out (${trouble.text})`,
        consequence: 'where that is so at a start, too, workers start with all extensions',
        remedy: 'let whoever runs ackwarden try it',
      };
    case 'php.notLoaded':
      return {
        text: `PHP does not load ${trouble.extensions.join(', ')} in the first place`,
        consequence: 'there is nothing to take away',
        remedy: 'php -m lists the names',
      };
    case 'php.stillLoaded':
      return {
        text: `${trouble.extensions.join(', ')} is ${trouble.why}`,
        consequence: 'workers start with it all the same',
        remedy: 'ini files lead to extensions; what comes another way has to go where it comes from',
      };
    case 'php.alsoGone':
      return {
        text: `${trouble.extensions.join(', ')} goes with it`,
        consequence: 'workers start without that, too',
        remedy: 'see whether the application needs it',
      };
  }
}
