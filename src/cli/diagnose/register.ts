/** `diagnose` on the command line. */
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { UsageError } from '../context.ts';
import type { Action } from '../execute.ts';
import type { DiagnoseRequest } from '../diagnose.ts';

interface Flags {
  pid?: number;
  seconds: number;
  svg?: string;
  save?: string;
  advisories?: string[];
  perf: boolean;
}

const MOST_SECONDS = 600;

const pidOf = (text: string): number => {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`--pid ${text}: expected the number of a process, e.g. --pid 5481`);
};

const secondsOf = (text: string): number => {
  const value = Number(text);
  if (/^\d{1,3}(?:\.\d+)?$/.test(text) && value >= 1 && value <= MOST_SECONDS) return value;
  throw new UsageError(`--seconds ${text}: expected a number from 1 to ${MOST_SECONDS}, e.g. --seconds 60`);
};

const more = (path: string, before: string[] = []): string[] => [...before, path];

const requestOf = (name: string | undefined, { pid, seconds, svg, save, advisories, perf }: Flags): DiagnoseRequest => {
  if ((name === undefined) === (pid === undefined))
    throw new UsageError(
      name === undefined
        ? 'diagnose: which process? Give the NAME of a worker (`ackwarden status` lists them), or --pid PID of any PHP process'
        : 'diagnose: found a NAME and --pid, expected one of them',
    );
  return {
    name: name ?? null,
    pid: pid ?? null,
    seconds,
    svg: svg ?? null,
    save: save ?? null,
    advisories: advisories ?? [],
    perf,
  };
};

export const registerDiagnose = (program: Command, context: Context, chosen: (action: Action) => void): void => {
  program
    .command('diagnose')
    .description('what leaks in a living worker, or in any PHP process of this host, and what to do')
    .argument('[NAME]', 'worker')
    .option('--pid <PID>', 'any process of this host; needs no controller', pidOf)
    .option('--seconds <N>', 'how long it is watched', secondsOf, 10)
    .option('--svg <FILE>', 'draw the window as a picture')
    .option('--save <FILE>', 'write all of it to a file, as JSON')
    .option('--advisories <FILE>', 'known leaks of your own, beside the built-in ones (may be repeated)', more)
    .option('--no-perf', 'do not trace page faults')
    .action((name: string | undefined, flags: Flags) =>
      chosen(async (options) => {
        const request = requestOf(name, flags);
        return (await import('../diagnose.ts')).runDiagnose(request, options, context);
      }),
    );
};
