/** `ackwarden run`: the controller in the foreground. This process is the controller; the shim has its own session. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/types.ts';
import { lastAccepted } from '../controller/accepted.ts';
import { initTrouble } from '../controller/container.ts';
import { StartError } from '../controller/places.ts';
import { keepHeapSmall } from '../controller/small-heap.ts';
import { startService } from '../controller/service.ts';
import type { Service } from '../controller/service.ts';
import { fleetOf } from '../controller/fleet.ts';
import { monotonicMs } from '../linux/clock.ts';
import { loadNamed, writeNotYetActive } from './check.ts';
import { painter } from './colour.ts';
import type { Context } from './context.ts';
import { createLatestOutput } from './latest-output.ts';
import type { LogOfProgram } from './latest-output.ts';
import { planLines } from './plan-lines.ts';
import { problemText } from './problem-text.ts';
import { findTarget } from './target.ts';
import { localeIsUtf8 } from './terminal.ts';
import { createWatch } from './watch.ts';
import type { Watch } from './watch.ts';

export interface RunOptions {
  /** `-c FILE` as given. */
  file: string | null;
  /** Show what happens also where stdout is no terminal. */
  watch: boolean;
}

/** npm forwards a Ctrl-C a second time at once; a person's second one comes later. */
const SECOND_SIGNAL_AFTER_MS = 1_000;
const WATCH_EVERY_MS = 500;

export const run = async (options: RunOptions, io: Context): Promise<number> => {
  keepHeapSmall();
  const chosen = await chooseConfiguration(options.file, io);
  if (chosen === null) return 2;
  sayIfInit(chosen, io);
  outliveTerminal();
  const watch = createRunWatch(io);
  const signals = listenToSignals(watch, (service) => reloadBySignal(service, watch, io));
  const started = await begin(chosen, { io, watch, cancelled: signals.cancelled });
  if (started === null) return 1;
  const stopShowing = show(started, watch, options.watch || io.stdout.terminal.tty);
  signals.serve(started);
  const code = await started.ended;
  stopShowing();
  if (code !== 1) watch.end(code === 0 ? 'Everything is stopped.' : 'The controller leaves; workers and shim go on.');
  return code;
};

/**
 * A terminal that hangs up, or a log reader that ends, must not take the controller along: what it prints is also in the journal. For
 * other commands a gone reader is the end (main.ts).
 */
const outliveTerminal = (): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
};

interface Chosen {
  config: Config;
  warnings: string[];
}

/** The configuration of the file; if that is invalid while workers live, the one they were started from. Null: nothing to run with. */
const chooseConfiguration = async (file: string | null, io: Context): Promise<Chosen | null> => {
  const loaded = loadNamed(file, io);
  if (loaded.ok) {
    writeNotYetActive(loaded.notYetActive, loaded.config.file, io.stderr);
    return { config: loaded.config, warnings: loaded.notYetActive.map((key) => key.text) };
  }
  const { columns, colour } = io.stderr.terminal;
  io.stderr.write(problemText(loaded.problems, columns, painter(colour)));
  const target = await findTarget({ config: file, socket: null, json: false }, io).catch(() => null);
  const accepted = target === null ? null : lastAccepted(dirname(target.socketPath));
  if (accepted === null) return null;
  const warning = `workers.yaml is invalid (ackwarden check tells why); the configuration accepted at ${accepted.at} stays in force`;
  io.stderr.write(`ackwarden: ${warning}\n`);
  return { config: accepted.config, warnings: [warning] };
};

/** Once, when it starts, and in `status`. */
const sayIfInit = ({ warnings }: Chosen, io: Context): void => {
  const trouble = initTrouble(process.pid);
  if (trouble === null) return;
  io.stderr.write(`ackwarden: ${trouble}\n`);
  warnings.push(trouble);
};

const begin = async (
  { config, warnings }: Chosen,
  { io, watch, cancelled }: { io: Context; watch: Watch; cancelled: AbortSignal },
): Promise<Service | null> => {
  try {
    return await startService({
      config,
      warnings,
      version: process.env['ACKWARDEN_VERSION'] ?? 'unbundled',
      shimScript: join(dirname(realpathSync(process.argv[1] ?? '')), 'shim.cjs'),
      inherited: process.env,
      cancelled,
      say: (text) => watch.say(text),
      print: (bytes, done) => {
        if (!io.stdout.terminal.tty) io.stdout.writeBytes(bytes, done);
        else {
          watch.printed(bytes.toString());
          done();
        }
      },
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const trace =
      error instanceof StartError ? '' : process.env['ACKWARDEN_DEBUG'] === undefined ? '' : `\n${error.stack ?? ''}`;
    io.stderr.write(`ackwarden: ${error.message}${trace}\n`);
    return null;
  }
};

const createRunWatch = (io: Context): Watch => {
  const { terminal } = io.stdout;
  return createWatch({
    // A log file has no edge; a line that is cut has lost its end.
    columns: terminal.tty ? terminal.columns : Math.max(terminal.columns, 120),
    rows: terminal.rows,
    colour: terminal.colour,
    tty: terminal.tty,
    unicode: localeIsUtf8(io.env),
    write: (text) => io.stdout.write(text),
  });
};

/** Journal sentences always; the table and what the programs print only when somebody watches. */
const show = ({ operations, config }: Service, watch: Watch, table: boolean): (() => void) => {
  for (const entry of operations.journal({ since: Date.now() - process.uptime() * 1000, name: null, limit: 1_000 }))
    watch.journal(entry);
  const stop = operations.onJournal((entry) => {
    // The recycle itself tells how the old process ended.
    if (entry.reason.rule !== 'recycle.swapped') watch.journal(entry);
  });
  if (!table) return stop;
  // What is forwarded is shown anyway.
  const logs = (): LogOfProgram[] =>
    [...fleetOf(config()).values()]
      .filter(({ worker }) => !worker.stdout.forward)
      .map(({ program, worker }) => ({ program: program.name, path: worker.stdout.path }));
  const readOutput = createLatestOutput(logs, (program, line) => watch.output(program, line));
  const tick = (): void => {
    readOutput();
    watch.status(operations.status([]));
  };
  readOutput();
  const timer = setInterval(tick, WATCH_EVERY_MS);
  const resize = (): void => watch.resize(process.stdout.columns, process.stdout.rows);
  process.stdout.on('resize', resize);
  return () => {
    tick();
    clearInterval(timer);
    process.stdout.off('resize', resize);
    stop();
  };
};

/** Nobody waits for an answer: what there is to say goes where the controller says everything. */
const reloadBySignal = ({ operations }: Service, watch: Watch, io: Context): void => {
  const { columns, colour } = io.stderr.terminal;
  try {
    const reply = operations.reload({ dryRun: false });
    for (const line of planLines(reply, columns)) watch.say(line);
    if (!reply.ok) io.stderr.write(problemText(reply.problems, columns, painter(colour)));
  } catch (error) {
    watch.say(`SIGHUP: ${(error as Error).message}`);
  }
};

/**
 * TERM and INT drain and stop all, again later means now; USR1 reopens the logs; USR2 leaves everything running for the next controller; HUP reloads and never kills.
 * What comes while we still start is carried out as soon as there is something to stop.
 */
const listenToSignals = (
  watch: Watch,
  reload: (service: Service) => void,
): { cancelled: AbortSignal; serve: (service: Service) => void } => {
  const cancel = new AbortController();
  let service: Service | null = null;
  let first: number | null = null;
  let hurry = false;
  let leave = false;
  const stop = (): void => {
    const now = monotonicMs();
    if (first === null) {
      first = now;
      watch.say('Draining and stopping everything; once more to stop without draining.');
      cancel.abort();
      service?.shutdown(false);
    } else if (now - first >= SECOND_SIGNAL_AFTER_MS) {
      hurry = true;
      service?.shutdown(true);
    }
  };
  const leaveFor = (started: Service | null): void => {
    const refused = started?.upgrade() ?? null;
    if (refused !== null) watch.say(refused);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGUSR2', () => {
    leave = true;
    leaveFor(service);
  });
  // Before there is a shim there is nothing to reopen: it opens them as they are then.
  process.on('SIGUSR1', () => service?.reopenLogs());
  process.on('SIGHUP', () => {
    if (service === null) watch.say('SIGHUP while starting: workers.yaml was read just now; nothing was changed.');
    else reload(service);
  });
  return {
    cancelled: cancel.signal,
    serve: (started) => {
      service = started;
      if (first !== null) started.shutdown(hurry);
      else if (leave) leaveFor(started);
    },
  };
};
