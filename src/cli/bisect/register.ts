/** `bisect` on the command line. */
import type { Command } from 'commander';
import type { BisectRequest } from '../../api/bisect-types.ts';
import { parseDuration } from '../../config/units.ts';
import { UsageError } from '../context.ts';
import type { Context } from '../context.ts';
import type { Action } from '../execute.ts';

interface Flags {
  suspects?: string[];
  messages: number;
  time: number;
  atOnce: number;
}

const namesOf = (text: string): string[] => {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new UsageError(`--suspects ${text}: expected names of extensions, e.g. --suspects newrelic,ddtrace`);
};

const numberOf =
  (flag: string) =>
  (text: string): number => {
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new UsageError(`${flag} ${text}: expected a whole number from 1 on`);
  };

const secondsOf = (text: string): number => {
  const parsed = parseDuration(text);
  if (parsed.ok && parsed.value >= 1000) return Math.round(parsed.value / 1000);
  throw new UsageError(`--time ${text}: expected a duration of at least 1s, e.g. --time 30m`);
};

const requestOf = (program: string, { suspects, messages, time, atOnce }: Flags): BisectRequest => ({
  program,
  suspects: suspects ?? null,
  messages,
  seconds: time,
  atOnce,
});

export const registerBisect = (program: Command, context: Context, chosen: (action: Action) => void): void => {
  program
    .command('bisect')
    .description('which PHP extension leaks: canaries on the same queue, one extension off in each')
    .argument('<PROGRAM>', 'whose workers grow')
    .option(
      '--suspects <A,B>',
      'extensions that the code does not call (default: the likeliest that it loads and can do without)',
      namesOf,
    )
    .option('--messages <N>', 'ends after so many messages of all canaries', numberOf('--messages'), 100_000)
    .option('--time <DURATION>', 'ends after so long', secondsOf, 900)
    .option('--at-once <N>', 'suspects tried at the same time', numberOf('--at-once'), 4)
    .action((name: string, flags: Flags) =>
      chosen(async (options) => (await import('./bisect.ts')).runBisect(requestOf(name, flags), options, context)),
    );
};
