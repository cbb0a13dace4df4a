/** The command line: every command of docs/design.md, section 9, each in a module that is loaded only when it runs. */
import { Command, Option } from 'commander';
import type { Command as ApiCommand } from '../api/types.ts';
import { UsageError } from './context.ts';
import type { Context } from './context.ts';
import { registerBisect } from './bisect/register.ts';
import { registerDiagnose } from './diagnose/register.ts';
import type { Action } from './execute.ts';

export interface Registry {
  context: Context;
  /** Called with what the chosen command does. */
  chosen: (action: Action) => void;
}

const NAMES = 'worker, program, program:*, group:* or all';

/** In the order of the contract; `what` is what the command is going to do. */
const NOT_BUILT: readonly { name: string; what: string }[] = [{ name: 'top', what: 'show a live full-screen table' }];

interface Flags {
  now?: boolean;
  wait?: boolean;
  reason?: string;
  follow?: boolean;
  since?: string;
  lines?: number;
  stderr?: boolean;
  reopen?: boolean;
  clear?: boolean;
  watch?: boolean;
  applyNames?: boolean;
  dryRun?: boolean;
}

const NOW = ['--now', 'do not drain: SIGKILL at once, and say what goes back to the queue'] as const;
const NO_WAIT = ['--no-wait', 'return as soon as the controller has accepted the command'] as const;

function count(text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new UsageError(`-n ${text}: expected a number of lines, e.g. -n 100`);
}

function registerServer(program: Command, { context, chosen }: Registry): void {
  program
    .command('run')
    .description('run the controller in the foreground; Ctrl-C drains and stops all')
    .option('--watch', 'show what happens, also when stdout is no terminal')
    .action(({ watch }: Flags) =>
      chosen(async ({ config }) => {
        const { run } = await import('./run.ts');
        return run({ file: config, watch: watch === true }, context);
      }),
    );
  program
    .command('check')
    .description('validate workers.yaml and print the effective configuration')
    .argument('[FILE]', 'instead of -c FILE')
    .action((file: string | undefined) =>
      chosen(async ({ config, json }) => {
        const { check } = await import('./check.ts');
        return check({ file: file ?? config, json }, context);
      }),
    );
}

function registerReaders(program: Command, { context, chosen }: Registry): void {
  program
    .command('status')
    .description('one row a worker, and what is wrong; exit 3 if one is not running')
    .argument('[NAME...]', NAMES)
    .action((names: string[]) =>
      chosen(async (options) => (await import('./status.ts')).showStatus(names, options, context)),
    );
  program
    .command('logs')
    .description('output of a worker')
    .argument('[NAME...]', 'worker; with --clear also programs, groups and all')
    .option('-f, --follow', 'go on as it grows, also through rotation')
    .option('-n, --lines <COUNT>', 'how many of the last lines', count, 10)
    .option('--stderr', 'its standard error')
    .option('--reopen', 'make the shim reopen all log files (after an external logrotate)')
    .option('--clear', 'empty the log files of these workers; rotated files stay')
    .action((names: string[], flags: Flags) => chosen(logsAction(names, flags, context)));
  program
    .command('journal')
    .description('what ackwarden did, and why')
    .argument('[NAME]', NAMES)
    .option('-f, --follow', 'go on as entries come')
    .option('--since <WHEN>', 'how long ago (10m) or an RFC 3339 time')
    .option('-n, --lines <COUNT>', 'how many of the newest entries (default: 50 without --since)', count)
    .action((name: string | undefined, { follow, since, lines }: Flags) =>
      chosen(async (options) => {
        const { showJournal } = await import('./journal.ts');
        const wanted = { follow: follow === true, since: since ?? null, limit: lines ?? null, name: name ?? null };
        return showJournal(wanted, options, context);
      }),
    );
  program
    .command('explain')
    .description('why it is as it is, or why that was done')
    .argument('[NAME]', 'worker, program, or id of a journal entry')
    .action((of: string | undefined) =>
      chosen(async (options) => (await import('./explain.ts')).showExplanation(of ?? null, options, context)),
    );
}

function logsAction(names: string[], flags: Flags, context: Context): Action {
  if (flags.reopen === true) return commandAction({ verb: 'reopenLogs', names: [] }, context);
  if (flags.clear === true) return commandAction({ verb: 'clearLogs', names }, context);
  return async (options) => {
    const [name] = names;
    if (names.length > 1) throw new UsageError('logs: found several names, expected one worker');
    if (name === undefined) throw new UsageError('logs: which worker? Give its NAME (`ackwarden status` lists them)');
    const { showLogs } = await import('./logs.ts');
    const wanted = { name, follow: flags.follow === true, stderr: flags.stderr === true, lines: flags.lines ?? 10 };
    return showLogs(wanted, options, context);
  };
}

function commandAction(command: ApiCommand, context: Context): Action {
  return async (options) => (await import('./command.ts')).sendCommand(command, options, context);
}

/** Absent flags stay absent in the message. */
function withFlags(command: ApiCommand, { now, wait, reason }: Flags): ApiCommand {
  return {
    ...command,
    ...(now === true ? { now } : {}),
    ...(wait === false ? { wait } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function registerCommands(program: Command, { context, chosen }: Registry): void {
  const act = (command: ApiCommand, flags: Flags): void => chosen(commandAction(withFlags(command, flags), context));
  program
    .command('start')
    .description('start workers; ends when they are RUNNING')
    .argument('<NAME...>', NAMES)
    .option(...NO_WAIT)
    .action((names: string[], flags: Flags) => act({ verb: 'start', names }, flags));
  for (const [verb, description] of [
    ['stop', 'drain and stop workers'],
    ['restart', 'drain and stop workers, then start them; ends when they are RUNNING'],
  ] as const) {
    program
      .command(verb)
      .description(description)
      .argument('<NAME...>', NAMES)
      .option(...NOW)
      .option(...NO_WAIT)
      .action((names: string[], flags: Flags) => act({ verb, names }, flags));
  }
  program
    .command('recycle')
    .description('replace workers one after the other; ends when the new ones are RUNNING')
    .argument('<NAME...>', NAMES)
    .option(...NOW)
    .option(...NO_WAIT)
    .option('--reason <TEXT>', 'why, for the journal')
    .action((names: string[], flags: Flags) => act({ verb: 'recycle', names }, flags));
  program
    .command('signal')
    .description('send a signal to workers')
    .argument('<SIGNAL>', 'e.g. USR1')
    .argument('<NAME...>', NAMES)
    .action((signal: string, names: string[]) => act({ verb: 'signal', names, signal }, {}));
  program
    .command('shutdown')
    .description('drain and stop everything; ends when workers, shim and controller are gone')
    .option(...NOW)
    .option(...NO_WAIT)
    .action((flags: Flags) => act({ verb: 'shutdown', names: [] }, flags));
}

function registerReload(program: Command, { context, chosen }: Registry): void {
  program
    .command('reload')
    .description('apply a changed workers.yaml; only what changed is touched')
    .option('--dry-run', 'only print what it would do')
    .action(({ dryRun }: Flags) =>
      chosen(async (options) => (await import('./reload.ts')).reload(dryRun === true, options, context)),
    );
}

function registerUpgrade(program: Command, { context, chosen }: Registry): void {
  program
    .command('upgrade')
    .description('end the controller with status 75; workers go on, and systemd or a loop starts the new one over them')
    .action(() => chosen(commandAction({ verb: 'upgrade', names: [] }, context)));
}

function registerDoctor(program: Command, { context, chosen }: Registry): void {
  program
    .command('doctor')
    .description('what this host lets us do, and what follows from it')
    .action(() => chosen(async (options) => (await import('./doctor.ts')).showDoctor(options, context)));
}

interface SimulateOptions {
  program?: string;
  soft?: string;
  hard?: string;
  horizon?: string;
  worker?: string;
  csv?: boolean;
}

function registerSimulate(program: Command, { context, chosen }: Registry): void {
  program
    .command('simulate')
    .description('what the memory policy would have done on recorded series')
    .argument(
      '[TRACE...]',
      'CSV with a header: seconds,rssBytes and, where known, anonBytes,swapBytes,zendBytes,acknowledged; or a bundle of evidence',
    )
    .option('--worker <NAME>', 'what was read of this living worker')
    .option('--csv', 'print the trace of --worker, to keep it')
    .option('-p, --program <NAME>', 'the program of workers.yaml whose policy it is')
    .option('--soft <SIZE>', 'soft ceiling, instead of a workers.yaml')
    .option('--hard <SIZE>', 'hard ceiling, instead of a workers.yaml')
    .option('--horizon <DURATION>', 'act when the soft ceiling is nearer than this (default 10m)')
    .action((traces: string[], { program: name, soft, hard, horizon, worker, csv }: SimulateOptions) =>
      chosen(async (options) => {
        const { simulate } = await import('./simulate.ts');
        const flags = { program: name ?? null, soft: soft ?? null, hard: hard ?? null, horizon: horizon ?? null };
        return simulate({ traces, worker: worker ?? null, csv: csv === true, ...flags }, options, context);
      }),
    );
}

function registerImport(program: Command, { context, chosen }: Registry): void {
  program
    .command('import')
    .description('convert a supervisord.conf with what it includes: workers.yaml on stdout, remarks on stderr')
    .argument('<FILE...>', 'supervisord.conf, or files of its conf.d')
    .option('--apply-names', 'workers keep the names of their processes, for scripts that call supervisorctl')
    .action((files: string[], { applyNames }: Flags) =>
      chosen(async () => {
        const { importSupervisord } = await import('./import.ts');
        return importSupervisord({ files, applyNames: applyNames === true }, context);
      }),
    );
}

function registerNotBuilt(program: Command, { chosen }: Registry): void {
  for (const { name, what } of NOT_BUILT) {
    program
      .command(name)
      .description(`(not built yet) ${what}`)
      .argument('[ARGUMENTS...]')
      .allowUnknownOption()
      .action(() =>
        chosen(() => {
          throw new UsageError(`${name} is not built yet; it will ${what}. \`ackwarden --help\` lists what is there`);
        }),
      );
  }
}

/** The parser; it runs nothing by itself but tells the registry what was chosen. */
export function createProgram(version: string, registry: Registry): Command {
  const program = new Command('ackwarden')
    .description('Supervises PHP queue workers, keeps them under their memory ceilings, and says why.')
    .version(version, '-V, --version', 'show the version')
    .addOption(
      new Option('-c, --config <FILE>', 'workers.yaml (default: ./workers.yaml, else /etc/ackwarden/workers.yaml)'),
    )
    .addOption(
      new Option('--socket <PATH>', "the controller's socket (default: control.sock in the configuration's stateDir)"),
    )
    .addOption(new Option('--json', 'machine-readable output on stdout'))
    .configureHelp({ showGlobalOptions: true })
    .helpCommand(true)
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 usage or configuration, 3 not running, 4 no controller.')
    .exitOverride();
  // Before the commands: they copy these settings.
  const { stdout, stderr } = registry.context;
  program.configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    // The caller turns the thrown error into its one sentence.
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(stdout.terminal.columns, 120),
    getErrHelpWidth: () => Math.min(stderr.terminal.columns, 120),
  });
  registerServer(program, registry);
  registerReaders(program, registry);
  registerCommands(program, registry);
  registerReload(program, registry);
  registerUpgrade(program, registry);
  registerDoctor(program, registry);
  registerDiagnose(program, registry.context, registry.chosen);
  registerBisect(program, registry.context, registry.chosen);
  registerSimulate(program, registry);
  registerImport(program, registry);
  registerNotBuilt(program, registry);
  return program;
}
