/** `ackwarden run`: the controller in the foreground. This process is the controller; the shim has its own session. */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config, NotYetActive } from '../config/types.ts';
import { StartError } from '../controller/places.ts';
import { startService } from '../controller/service.ts';
import type { Service } from '../controller/service.ts';
import { fleetOf } from '../controller/fleet.ts';
import { loadNamed, writeNotYetActive } from './check.ts';
import { painter } from './colour.ts';
import type { Context } from './context.ts';
import { createLatestOutput } from './latest-output.ts';
import { problemText } from './problem-text.ts';
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
  const loaded = loadNamed(options.file, io);
  if (!loaded.ok) {
    const { columns, colour } = io.stderr.terminal;
    io.stderr.write(problemText(loaded.problems, columns, painter(colour)));
    return 2;
  }
  const { config, notYetActive } = loaded;
  writeNotYetActive(notYetActive, config.file, io.stderr);
  const watch = createRunWatch(io);
  const signals = listenToSignals(io);
  const started = await begin(config, notYetActive, { io, cancelled: signals.cancelled });
  if (started === null) return 1;
  const stopShowing = show(started, config, watch, options.watch || io.stdout.terminal.tty);
  signals.serve(started);
  const code = await started.ended;
  stopShowing();
  watch.end(code === 0 ? 'Everything is stopped.' : 'The controller leaves; workers and shim go on.');
  return code;
};

const begin = async (
  config: Config,
  notYetActive: NotYetActive[],
  { io, cancelled }: { io: Context; cancelled: AbortSignal },
): Promise<Service | null> => {
  try {
    return await startService({
      config,
      notYetActive,
      version: process.env['ACKWARDEN_VERSION'] ?? 'unbundled',
      shimScript: join(dirname(realpathSync(process.argv[1] ?? '')), 'shim.cjs'),
      inherited: process.env,
      cancelled,
      say: (text) => io.stderr.write(`ackwarden: ${text}\n`),
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
    columns: terminal.columns,
    rows: terminal.rows,
    colour: terminal.colour,
    tty: terminal.tty,
    unicode: localeIsUtf8(io.env),
    write: (text) => io.stdout.write(text),
  });
};

/** Journal sentences always; the table and what the programs print only when somebody watches. */
const show = ({ operations }: Service, config: Config, watch: Watch, table: boolean): (() => void) => {
  for (const entry of operations.journal({ since: Date.now() - process.uptime() * 1000, name: null, limit: 1_000 }))
    watch.journal(entry);
  const stop = operations.onJournal((entry) => watch.journal(entry));
  if (!table) return stop;
  const logs = [...fleetOf(config).values()].map(({ program, worker }) => ({
    program: program.name,
    path: worker.stdout.path,
  }));
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

/**
 * TERM and INT drain and stop all, again later means now; USR2 leaves everything running for the next controller; HUP never kills.
 * What comes while we still start is carried out as soon as there is something to stop.
 */
const listenToSignals = (io: Context): { cancelled: AbortSignal; serve: (service: Service) => void } => {
  const cancel = new AbortController();
  let service: Service | null = null;
  let first: number | null = null;
  const stop = (): void => {
    const now = Date.now();
    if (first === null) {
      first = now;
      io.stderr.write('ackwarden: draining and stopping everything; once more to stop without draining\n');
      cancel.abort();
      service?.shutdown(false);
    } else if (now - first >= SECOND_SIGNAL_AFTER_MS) {
      service?.shutdown(true);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGUSR2', () => service?.upgrade());
  process.on('SIGHUP', () => io.stderr.write('ackwarden: SIGHUP: reload is not built yet; nothing was changed\n'));
  return {
    cancelled: cancel.signal,
    serve: (started) => {
      service = started;
      if (first !== null) started.shutdown(false);
    },
  };
};
