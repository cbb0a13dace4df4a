/** Values of the schema → the configuration that the rest of ackwarden sees: paths absolute, alternatives decided. */
import { dirname } from 'node:path';
import { originsOf } from './merge.ts';
import type { Written } from './merge.ts';
import { absolute, controlSocket, NO_FILE } from './paths.ts';
import { brokerOfDsn } from './redirect.ts';
import type { Directories } from './paths.ts';
import type { ListenerValues } from './schema/event-listener.ts';
import type { ProgramValues } from './schema/program.ts';
import type { SettingsValues } from './schema/root.ts';
import { isRawMap } from './tree.ts';
import type { RawMap } from './tree.ts';
import type { BrokerConfig, Config, HttpConfig, ListenerConfig, LogConfig, ProgramConfig } from './types.ts';

export interface Surroundings {
  /** Absolute path of workers.yaml. */
  file: string;
  directories: Directories;
}

/** What had to be read from other files. */
export interface ProgramFiles {
  environment: Record<string, string>;
  broker: BrokerConfig | null;
  topBroker: BrokerConfig | null;
}

type LogValues = ProgramValues['stdout'];

function log(values: LogValues, logDir: string): LogConfig {
  const { path, maxSize, ...rest } = values;
  return { path: path === 'none' ? NO_FILE : absolute(logDir, path), maxSizeBytes: maxSize, ...rest };
}

/** As the kernel converts the old scale (fs/proc/base.c, oom_adj_write): 15 is the top, the rest × 1000 ÷ 17, cut. */
export function scoreAdjOfAdj(adj: number): number {
  return adj === 15 ? 1000 : Math.trunc((adj * 1000) / 17);
}

function memoryOf(values: ProgramValues['memory'], merged: RawMap): ProgramConfig['memory'] {
  const written = merged['memory'];
  const hasNoWall = isRawMap(written) && written['kill'] === null;
  const implied = values.hard === null || hasNoWall ? null : Math.floor(values.hard * 1.25);
  const { growth } = values;
  return {
    softBytes: values.soft,
    hardBytes: values.hard,
    killBytes: values.kill ?? implied,
    metric: values.metric,
    growth: growth && { windowMs: growth.window, horizonMs: growth.horizon, action: growth.action },
  };
}

function startOf(values: ProgramValues['start']): ProgramConfig['start'] {
  return {
    auto: values.auto,
    secondsMs: values.seconds,
    retries: values.retries,
    backoffMinMs: values.backoff.minMs,
    backoffMaxMs: values.backoff.maxMs,
    restart: values.restart,
    exitCodes: values.exitCodes,
  };
}

function readyOf(values: ProgramValues['ready']): ProgramConfig['ready'] {
  if (values === null) return null;
  const { log: text, file: path, command: argv, timeout: timeoutMs, interval: intervalMs } = values;
  const times = { timeoutMs, intervalMs };
  if (text !== null) return { ...times, check: 'log', text };
  if (path !== null) return { ...times, check: 'file', path };
  return argv === null ? { ...times, check: 'consuming' } : { ...times, check: 'command', argv };
}

function hooksOf(values: ProgramValues['hooks']): ProgramConfig['hooks'] {
  if (values === null) return null;
  const { timeout: timeoutMs, ...others } = values;
  return { ...others, timeoutMs };
}

function lifetimeOf(values: ProgramValues['lifetime']): ProgramConfig['lifetime'] {
  if (values === null) return null;
  const { age: ageMs, messages, jitter: jitterPercent, schedule } = values;
  return { ageMs, messages, jitterPercent, schedule };
}

function cpuOf(values: ProgramValues['cpu']): ProgramConfig['cpu'] {
  return values && { limitPercent: values.limit, forMs: values.for, action: values.action };
}

function stuckOf(values: ProgramValues['stuck']): ProgramConfig['stuck'] {
  return values && { inFlightMs: values.inFlight, action: values.action };
}

function recycleOf(values: ProgramValues['recycle'], hasGate: boolean): ProgramConfig['recycle'] {
  return {
    drain: values.drain === 'auto' ? (hasGate ? 'gate' : 'signal') : values.drain,
    overlap: values.overlap,
    drainTimeoutMs: values.drainTimeout,
    onStuckDrain: values.onStuckDrain,
    settleMs: values.settle,
    stopSignal: values.stopSignal,
    stopTimeoutMs: values.stopTimeout,
    maxConcurrent: values.maxConcurrent,
    budget: values.budget,
  };
}

function amqpOf(values: ProgramValues['amqp']): ProgramConfig['amqp'] {
  if (values === null) return null;
  const { gate, host: hostVariable, port: portVariable, dsn: dsnVariable, prefetch, poison } = values;
  return { gate, hostVariable, portVariable, dsnVariable, prefetch, poison };
}

/** What is written, else what the URL that its workers read says of it. */
function brokerOf({
  amqp,
  environment,
  directory,
  files,
}: {
  amqp: ProgramConfig['amqp'];
  environment: Record<string, string>;
  directory: string;
  files: ProgramFiles;
}): BrokerConfig | null {
  const variable = amqp?.dsnVariable ?? null;
  const dsn = variable === null ? undefined : environment[variable];
  const tls = files.topBroker?.kind === 'url' ? files.topBroker.tls : null;
  return files.broker ?? (dsn === undefined ? null : brokerOfDsn(dsn, tls, directory));
}

function limitsOf(values: ProgramValues['limits']): ProgramConfig['limits'] {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, limit]) => (limit === undefined ? [] : [[name, limit]])),
  );
}

/** `files`: what its envFile and broker files hold. */
export function resolveProgram(
  program: { values: ProgramValues; merged: RawMap; written: Written },
  files: ProgramFiles,
  { file, directories }: Surroundings,
): ProgramConfig {
  const { values, merged, written } = program;
  const { oom } = values;
  const amqp = amqpOf(values.amqp);
  const environment = { ...files.environment, ...values.environment };
  const directory = absolute(dirname(file), values.directory);
  return {
    name: written.name,
    command: values.command ?? [],
    directory,
    user: values.user,
    workers: values.workers,
    firstIndex: values.firstIndex,
    workerName: values.workerName,
    environment,
    umask: values.umask,
    nice: values.nice,
    limits: limitsOf(values.limits),
    priority: values.priority,
    after: values.after,
    start: startOf(values.start),
    memory: memoryOf(values.memory, merged),
    ready: readyOf(values.ready),
    hooks: hooksOf(values.hooks),
    stdin: values.stdin,
    cpu: cpuOf(values.cpu),
    lifetime: lifetimeOf(values.lifetime),
    stuck: stuckOf(values.stuck),
    recycle: recycleOf(values.recycle, values.amqp?.gate === true),
    oom: { scoreAdj: oom.scoreAdj ?? (oom.adj === null ? 0 : scoreAdjOfAdj(oom.adj)), policy: oom.policy },
    amqp,
    broker: brokerOf({ amqp, environment, directory, files }),
    php: values.php,
    stdout: log(values.stdout, directories.logDir),
    stderr: values.stderr === 'stdout' ? 'stdout' : log(values.stderr, directories.logDir),
    origins: originsOf(merged, written),
  };
}

function listenerOf(name: string, values: ListenerValues, file: string): ListenerConfig {
  const { command, timeout, directory, ...same } = values;
  return {
    name,
    command: command ?? [],
    timeoutMs: timeout,
    directory: absolute(dirname(file), directory),
    ...same,
  };
}

/** Those that workers.yaml names, else those of the user. */
export function resolveDirectories(settings: SettingsValues, file: string, fallback: Directories): Directories {
  const of = (written: string | null, otherwise: string) =>
    written === null ? otherwise : absolute(dirname(file), written);
  return {
    stateDir: of(settings.stateDir, fallback.stateDir),
    dataDir: of(settings.dataDir, fallback.dataDir),
    logDir: of(settings.logDir, fallback.logDir),
  };
}

export function resolveConfig(
  settings: SettingsValues,
  parts: {
    programs: ReadonlyMap<string, ProgramConfig>;
    broker: BrokerConfig | null;
    http: HttpConfig | null;
    origins: Config['origins'];
  },
  { file, directories }: Surroundings,
): Config {
  const { journal, host } = settings;
  return {
    file,
    ...directories,
    journal: {
      path: absolute(directories.logDir, journal.path),
      maxSizeBytes: journal.maxSize,
      backups: journal.backups,
    },
    socket: { path: controlSocket(directories.stateDir), mode: settings.socket.mode, group: settings.socket.group },
    http: parts.http,
    sampling: { intervalMs: settings.sampling.interval },
    language: settings.language,
    rememberStopped: settings.rememberStopped,
    exitOnFatal: settings.exitOnFatal,
    advisories: settings.advisories.map((path) => absolute(dirname(file), path)),
    broker: parts.broker,
    host: {
      reserveBytes: host.reserve,
      swapInBytesPerSecond: host.swapIn,
      pressurePercent: host.pressure,
      forMs: host.for,
      maxConcurrent: host.maxConcurrent,
    },
    origins: parts.origins,
    groups: settings.groups,
    programs: Object.fromEntries(parts.programs),
    eventListeners: Object.fromEntries(
      Object.entries(settings.eventListeners).map(([name, values]) => [name, listenerOf(name, values, file)]),
    ),
  };
}
