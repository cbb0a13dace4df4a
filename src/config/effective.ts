/** A Config back in the form of workers.yaml, with every default written out; reading it again gives the same Config. */
import { formatBudget, formatRange, formatRate } from './measures.ts';
import { NO_FILE } from './paths.ts';
import type { BrokerConfig, Config, HttpConfig, ListenerConfig, LogConfig, ProgramConfig, TlsConfig } from './types.ts';
import { formatDuration, formatSize } from './units.ts';

/** What a YAML writer takes. Keys that are not set are left out. */
export type Tree = string | number | boolean | null | Tree[] | { [key: string]: Tree };
export type TreeMap = { [key: string]: Tree };

function octal(mode: number, digits: number): string {
  return mode.toString(8).padStart(digits, '0');
}

/** Without the keys that are undefined. */
function present(entries: Record<string, Tree | undefined>): TreeMap {
  return Object.fromEntries(
    Object.entries(entries).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function sizeOf(bytes: number | null): string | undefined {
  return bytes === null ? undefined : formatSize(bytes);
}

function logTree(log: LogConfig): TreeMap {
  const { path, maxSizeBytes, ...rest } = log;
  return { path: path === NO_FILE ? 'none' : path, maxSize: formatSize(maxSizeBytes), ...rest };
}

/** Undefined: there is none. */
export function brokerTree(broker: BrokerConfig | null): Tree | undefined {
  if (broker === null) return undefined;
  if (broker.kind === 'embedded') return { embedded: true };
  const [url] = broker.urls;
  const way = broker.urls.length === 1 && url !== undefined ? { url } : { urls: broker.urls };
  return present({ ...way, tls: tlsTree(broker.tls) });
}

function tlsTree(tls: TlsConfig | null): Tree | undefined {
  if (tls === null) return undefined;
  const { ca, cert, key, verify, serverName } = tls;
  const named = { ca, cert, key, serverName };
  const given = Object.entries(named).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(given), verify };
}

function memoryTree({ softBytes, hardBytes, killBytes, growth, metric }: ProgramConfig['memory']): TreeMap {
  return present({
    soft: sizeOf(softBytes),
    hard: sizeOf(hardBytes),
    // Left out, it would be 1.25 × hard again.
    kill: sizeOf(killBytes) ?? (hardBytes === null ? undefined : null),
    growth:
      growth === null
        ? undefined
        : { window: formatDuration(growth.windowMs), horizon: formatDuration(growth.horizonMs), action: growth.action },
    metric,
  });
}

function startTree(start: ProgramConfig['start']): TreeMap {
  return {
    auto: start.auto,
    seconds: formatDuration(start.secondsMs),
    retries: start.retries,
    backoff: formatRange({ minMs: start.backoffMinMs, maxMs: start.backoffMaxMs }),
    restart: start.restart,
    exitCodes: start.exitCodes,
  };
}

function readyTree(ready: ProgramConfig['ready']): Tree | undefined {
  if (ready === null) return undefined;
  const times = { timeout: formatDuration(ready.timeoutMs), interval: formatDuration(ready.intervalMs) };
  switch (ready.check) {
    case 'consuming':
      return { consuming: true, ...times };
    case 'log':
      return { log: ready.text, ...times };
    case 'file':
      return { file: ready.path, ...times };
    case 'command':
      return { command: ready.argv, ...times };
  }
}

function hooksTree(hooks: ProgramConfig['hooks']): Tree | undefined {
  if (hooks === null) return undefined;
  const { timeoutMs, onFailure, ...commands } = hooks;
  const given = Object.entries(commands).filter(([, argv]) => argv !== null);
  return { ...Object.fromEntries(given), timeout: formatDuration(timeoutMs), onFailure };
}

function lifetimeTree(lifetime: ProgramConfig['lifetime']): Tree | undefined {
  if (lifetime === null) return undefined;
  const { ageMs, messages, jitterPercent, schedule } = lifetime;
  return present({
    age: ageMs === null ? undefined : formatDuration(ageMs),
    messages: messages ?? undefined,
    jitter: `${jitterPercent}%`,
    schedule: schedule.length === 0 ? undefined : schedule,
  });
}

function cpuTree(cpu: ProgramConfig['cpu']): Tree | undefined {
  return cpu === null
    ? undefined
    : { limit: `${cpu.limitPercent}%`, for: formatDuration(cpu.forMs), action: cpu.action };
}

function stuckTree(stuck: ProgramConfig['stuck']): Tree | undefined {
  return stuck === null ? undefined : { inFlight: formatDuration(stuck.inFlightMs), action: stuck.action };
}

function recycleTree(recycle: ProgramConfig['recycle']): TreeMap {
  return {
    drain: recycle.drain,
    overlap: recycle.overlap,
    drainTimeout: formatDuration(recycle.drainTimeoutMs),
    onStuckDrain: recycle.onStuckDrain,
    settle: formatDuration(recycle.settleMs),
    stopSignal: recycle.stopSignal,
    stopTimeout: formatDuration(recycle.stopTimeoutMs),
    maxConcurrent: recycle.maxConcurrent,
    budget: formatBudget(recycle.budget),
  };
}

function amqpTree(amqp: ProgramConfig['amqp']): Tree | undefined {
  if (amqp === null) return undefined;
  const { gate, hostVariable: host, portVariable: port, dsnVariable: dsn, prefetch, poison } = amqp;
  return present({ gate, host, port, dsn: dsn ?? undefined, prefetch: prefetch ?? undefined, poison: { ...poison } });
}

/** A program as it would be written with every default. */
export function programTree(program: ProgramConfig): TreeMap {
  const limits = Object.entries(program.limits).map(([name, limit]) => [name, limit ?? 'unlimited'] as const);
  return present({
    command: program.command,
    directory: program.directory,
    user: program.user ?? undefined,
    workers: program.workers,
    firstIndex: program.firstIndex,
    workerName: program.workerName,
    environment: program.environment,
    umask: octal(program.umask, 3),
    nice: program.nice,
    limits: Object.fromEntries(limits),
    priority: program.priority,
    after: program.after,
    start: startTree(program.start),
    memory: memoryTree(program.memory),
    ready: readyTree(program.ready),
    hooks: hooksTree(program.hooks),
    stdin: program.stdin,
    cpu: cpuTree(program.cpu),
    lifetime: lifetimeTree(program.lifetime),
    stuck: stuckTree(program.stuck),
    recycle: recycleTree(program.recycle),
    oom: { ...program.oom },
    amqp: amqpTree(program.amqp),
    broker: brokerTree(program.broker),
    php: { ...program.php },
    stdout: logTree(program.stdout),
    stderr: program.stderr === 'stdout' ? 'stdout' : logTree(program.stderr),
  });
}

function listenerTree(listener: ListenerConfig): TreeMap {
  const { name: _name, timeoutMs, user, ...same } = listener;
  return present({ ...same, timeout: formatDuration(timeoutMs), user: user ?? undefined });
}

/** `${` in a text would be read as a variable. */
function escaped(tree: Tree): Tree {
  if (typeof tree === 'string') return tree.replaceAll('${', () => '$${');
  if (Array.isArray(tree)) return tree.map(escaped);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, escaped(value)]));
}

function hostTree(host: Config['host']): TreeMap {
  return present({
    reserve: formatSize(host.reserveBytes),
    swapIn: host.swapInBytesPerSecond === null ? undefined : formatRate(host.swapInBytesPerSecond),
    pressure: host.pressurePercent === null ? undefined : `${host.pressurePercent}%`,
    for: formatDuration(host.forMs),
    maxConcurrent: host.maxConcurrent,
  });
}

function httpTree(http: HttpConfig | null): Tree | undefined {
  if (http === null) return undefined;
  const { host, port, tokenFile, basic } = http;
  return { listen: `${host.includes(':') ? `[${host}]` : host}:${port}`, tokenFile, ...basic };
}

/** Everything but the programs. */
export function settingsTree(config: Config): TreeMap {
  const { journal, socket } = config;
  const listeners = Object.entries(config.eventListeners).map(([name, one]) => [name, listenerTree(one)] as const);
  return present({
    stateDir: config.stateDir,
    dataDir: config.dataDir,
    logDir: config.logDir,
    journal: { path: journal.path, maxSize: formatSize(journal.maxSizeBytes), backups: journal.backups },
    socket: present({ mode: octal(socket.mode, 4), group: socket.group ?? undefined }),
    http: httpTree(config.http),
    sampling: { interval: formatDuration(config.sampling.intervalMs) },
    language: config.language,
    rememberStopped: config.rememberStopped,
    exitOnFatal: config.exitOnFatal,
    advisories: config.advisories,
    broker: brokerTree(config.broker),
    host: hostTree(config.host),
    groups: config.groups,
    eventListeners: Object.fromEntries(listeners),
  });
}

/** Mask the config first (mask.ts) if the result is shown. */
export function effectiveTree(config: Config): Tree {
  const programs = Object.entries(config.programs).map(([name, program]) => [name, programTree(program)] as const);
  return escaped({ version: 1, ...settingsTree(config), programs: Object.fromEntries(programs) });
}
