/** The operations of the API, carried out by the controller. */
import { OperationError } from '../api/operations.ts';
import type { JournalFilter, Operations } from '../api/operations.ts';
import type { Command, CommandReply, Explanation, JournalEntry, ReloadReply, Status } from '../api/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import type { Bisector } from './bisect/bisector.ts';
import { CommandError, runWorkerCommand } from './commands.ts';
import type { Controller } from './controller.ts';
import { presentText } from './present.ts';
import { explainEntry, explainWorker } from './explain.ts';
import { fleetOf } from './fleet.ts';
import { clearLogs, reopenLogs } from './log-commands.ts';
import { holdText } from './hold-text.ts';
import { resolveNames } from './names.ts';
import { buildStatus } from './status.ts';
import { traceOf } from './trace.ts';

export interface OperationsOptions {
  version: string;
  startedAt: number;
  /** Warnings that are not the controller's own (the configuration, the broker). */
  warnings: () => string[];
  shutdown: (now: boolean) => void;
  /** Null, or why not. */
  upgrade: () => string | null;
  reload: (dryRun: boolean) => ReloadReply;
  bisector: Bisector;
}

export const operationsOf = (controller: Controller, options: OperationsOptions): Operations => {
  const resolve = (names: readonly string[]): string[] => {
    const resolved = resolveNames(controller.config, names);
    if (!resolved.ok) throw new OperationError('notFound', resolved.text);
    return resolved.workers;
  };
  const status = (names: readonly string[]): Status =>
    buildStatus(
      {
        config: controller.config,
        core: controller.core,
        samples: controller.samples,
        scribe: controller.scribe,
        host: controller.host,
        controller: {
          pid: process.pid,
          version: options.version,
          uptimeSeconds: Math.round((monotonicMs() - options.startedAt) / 1000),
          shimPid: controller.shimPid,
        },
        warnings: [...options.warnings(), ...controller.troubles],
        now: monotonicMs(),
      },
      names.length === 0 ? [...fleetOf(controller.config).keys()] : resolve(names),
    );
  return {
    status,
    journal: (filter) => filterEntries(controller.journal.entries(), filter, resolve),
    explain: (of) => explain(controller, of, resolve),
    logs: (name) => {
      const [first] = resolve([name]);
      const member = first === undefined ? undefined : fleetOf(controller.config).get(first);
      if (first === undefined || member === undefined)
        throw new OperationError('notFound', `there is no worker named "${name}"`);
      const { stdout, stderr } = member.worker;
      return { name: first, stdout: stdout.path, stderr: stderr === 'stdout' ? stdout.path : stderr.path };
    },
    trace: (name) => {
      const [first, second] = resolve([name]);
      if (first === undefined) throw new OperationError('notFound', `there is no worker named "${name}"`);
      if (second !== undefined)
        throw new OperationError('badRequest', `${name} has several workers; name one, such as ${first}`);
      return traceOf(controller, first);
    },
    command: (command) => carryOut(controller, command, options),
    reload: ({ dryRun }) => options.reload(dryRun),
    beginBisect: (request) => options.bisector.begin(request),
    bisect: () => options.bisector.report(),
    endBisect: () => options.bisector.end(),
    onJournal: (listener) => controller.journal.subscribe(listener),
  };
};

const filterEntries = (
  entries: readonly JournalEntry[],
  filter: JournalFilter,
  resolve: (names: readonly string[]) => string[],
): JournalEntry[] => {
  const workers = filter.name === null ? null : new Set(resolve([filter.name]));
  return entries
    .filter((entry) => workers === null || (entry.worker !== null && workers.has(entry.worker)))
    .filter((entry) => filter.since === null || Date.parse(entry.time) >= filter.since)
    .slice(-filter.limit);
};

const explain = (
  controller: Controller,
  of: string | null,
  resolve: (names: readonly string[]) => string[],
): Explanation => {
  const entries = controller.journal.entries();
  const workers = Object.values(controller.core.workers);
  if (of === null)
    return explainTrouble(
      entries,
      workers
        .filter((worker) => worker.wanted === 'up' && worker.life.state !== 'RUNNING')
        .map((worker) => worker.name),
      controller,
    );
  const byEntry = explainEntry(entries, of);
  if (byEntry !== null) return byEntry;
  const names = resolve([of]);
  const told = names.map((name) => explainWorker(entries, name, presentOf(controller, name)));
  const [only] = told;
  if (told.length === 1 && only !== undefined) return only;
  return merge(of, told);
};

const explainTrouble = (
  entries: readonly JournalEntry[],
  troubled: readonly string[],
  controller: Controller,
): Explanation => {
  if (troubled.length === 0) return { name: 'all', text: 'Every worker that should run is running.', entries: [] };
  return merge(
    'all',
    troubled.map((name) => explainWorker(entries, name, presentOf(controller, name))),
  );
};

const presentOf = ({ core, samples }: Controller, name: string): string => {
  const life = core.workers[name]?.life;
  if (life === undefined) return `${name} is unknown.`;
  const held = life.state === 'STOPPED' && life.hold !== undefined ? ` and ${holdText(life.hold)}` : '';
  return presentText(name, `${life.state}${held}`, 'incarnation' in life ? samples.of(life.incarnation.id) : null);
};

const merge = (name: string, told: readonly Explanation[]): Explanation => ({
  name,
  text: told.map((one) => one.text).join('\n\n'),
  entries: [...new Map(told.flatMap((one) => one.entries).map((entry) => [entry.id, entry])).values()],
});

const carryOut = async (
  controller: Controller,
  command: Command,
  options: OperationsOptions,
): Promise<CommandReply> => {
  const all = (text: string): CommandReply => ({ results: [{ name: 'all', ok: true, text }] });
  switch (command.verb) {
    case 'shutdown':
      options.shutdown(command.now === true);
      if (command.wait === false) return all('accepted');
      return controller.ended.then((left) =>
        left === null ? all('everything is stopped') : { results: [{ name: 'all', ok: false, text: left }] },
      );
    case 'upgrade': {
      const refused = options.upgrade();
      return refused === null
        ? all('the controller is being replaced; workers and shim go on')
        : { results: [{ name: 'all', ok: false, text: refused }] };
    }
    case 'reopenLogs':
      reopenLogs(controller);
      return all('log files are reopened');
    case 'clearLogs':
      return sensible(() => clearLogs(controller, command.names));
    case 'start':
    case 'stop':
    case 'restart':
    case 'recycle':
    case 'signal': {
      const { verb } = command;
      return sensible(() => runWorkerCommand(controller, { ...command, verb }));
    }
  }
};

/** A command that makes no sense is the fault of whoever asked. */
const sensible = async (work: () => Promise<CommandReply>): Promise<CommandReply> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommandError) throw new OperationError('badRequest', error.message);
    throw error;
  }
};
