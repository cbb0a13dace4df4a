/**
 * A validated workers.yaml: every default filled in, every unit converted (bytes, milliseconds), every path absolute.
 * Frozen; a running fleet never sees half of one.
 */
import type { Ceilings, LogTarget, MemoryMetric, SpawnSpec, UpstreamSpec } from '../shim/spawn-spec.ts';

/** Where a value was written, for journal entries and errors. */
export interface Origin {
  /** Full path of the key, e.g. `programs.user-coupon-expire.memory.hard` or `defaults.memory.hard`. */
  key: string;
  line: number;
}

export interface LogConfig extends LogTarget {
  /** Template: `{program}`, `{worker}` (program-index), `{index}`; always absolute (logDir in front). NO_FILE: no file. */
  path: string;
}

export interface LifetimeConfig {
  ageMs: number | null;
  /** Acknowledged messages. */
  messages: number | null;
  /** By how much of a limit an incarnation may go earlier, 0 … 100. */
  jitterPercent: number;
  /** Cron expressions. */
  schedule: string[];
}

/** `limitPercent`: 100 is one processor. */
export interface CpuConfig {
  limitPercent: number;
  forMs: number;
  action: 'warn' | 'recycle';
}

export interface StuckConfig {
  /** Age of the oldest unacknowledged message. */
  inFlightMs: number;
  action: 'diagnose' | 'warn' | 'recycle';
}

export interface ProgramConfig {
  name: string;
  /** Template words; `{program}` `{worker}` `{index}` still in them (expand.ts fills them in per worker). */
  command: string[];
  directory: string;
  user: string | null;
  workers: number;
  firstIndex: number;
  workerName: string;
  /** envFile first, environment over it. */
  environment: Record<string, string>;
  umask: number;
  nice: number;
  limits: Record<string, number | null>;
  priority: number;
  after: string[];
  start: {
    auto: boolean;
    secondsMs: number;
    retries: number;
    backoffMinMs: number;
    backoffMaxMs: number;
    restart: 'always' | 'unexpected' | 'never';
    exitCodes: number[];
  };
  memory: Ceilings & {
    growth: { windowMs: number; horizonMs: number; action: 'recycle' | 'warn' } | null;
    metric: MemoryMetric;
  };
  ready: NonNullable<SpawnSpec['ready']> | null;
  hooks: NonNullable<SpawnSpec['hooks']> | null;
  stdin: 'closed' | 'open';
  cpu: CpuConfig | null;
  lifetime: LifetimeConfig | null;
  stuck: StuckConfig | null;
  recycle: {
    /** `auto` is resolved: `gate` for a program with an `amqp` map, else `signal`. */
    drain: 'gate' | 'signal';
    overlap: boolean;
    drainTimeoutMs: number;
    onStuckDrain: 'wait' | 'resume' | 'kill';
    settleMs: number;
    stopSignal: string;
    stopTimeoutMs: number;
    maxConcurrent: number;
    budget: { count: number; windowMs: number };
  };
  oom: { scoreAdj: number; policy: 'byState' | 'fixed' };
  /** Null: the program does not speak AMQP and broker outages do not excuse its exits. */
  amqp: {
    gate: boolean;
    hostVariable: string;
    portVariable: string;
    /** Holds the whole URL; null: the workers read none. */
    dsnVariable: string | null;
    prefetch: number | null;
    poison: { deaths: number; action: 'warn' | 'reject' };
  } | null;
  /** Overrides the top-level broker; null: use that one. */
  broker: BrokerConfig | null;
  php: { disableExtensions: string[]; ini: Record<string, string> };
  stdout: LogConfig;
  stderr: LogConfig | 'stdout';
  /** Leaf key relative to the program (`memory.hard`) to where it was written; absent: the built-in default. */
  origins: Record<string, Origin>;
}

/** A program that speaks supervisord's event listener protocol. */
export interface ListenerConfig {
  name: string;
  command: string[];
  /** Names as written: single events and those that stand for several (event-names.ts). */
  events: string[];
  workers: number;
  bufferSize: number;
  timeoutMs: number;
  onTimeout: 'warn' | 'restart';
  directory: string;
  user: string | null;
  environment: Record<string, string>;
  priority: number;
}

/** Absolute paths and how they are used; the files themselves are read when a connection is made. */
export type TlsConfig = NonNullable<UpstreamSpec['tls']>;

/** `urls` contain secrets: mask before showing (mask.ts). `tls` null: nothing is said, amqps:// verifies by public authorities. */
export type BrokerConfig = { kind: 'url'; urls: string[]; tls: TlsConfig | null } | { kind: 'embedded' };

/** The control interface on TCP. The secrets stay in their files until somebody listens. */
export interface HttpConfig {
  host: string;
  port: number;
  tokenFile: string;
  /** Who may use a password in place of the token. */
  basic: { username: string; passwordFile: string } | null;
}

export interface Config {
  /** Absolute path of workers.yaml. */
  file: string;
  stateDir: string;
  dataDir: string;
  logDir: string;
  journal: { path: string; maxSizeBytes: number; backups: number };
  socket: { path: string; mode: number; group: string | null };
  http: HttpConfig | null;
  sampling: { intervalMs: number };
  language: 'en' | 'zh-CN';
  rememberStopped: boolean;
  exitOnFatal: boolean;
  /** Absolute paths of files of the user's own (forensics/advisories.ts reads them). */
  advisories: string[];
  broker: BrokerConfig | null;
  host: {
    reserveBytes: number;
    swapInBytesPerSecond: number | null;
    pressurePercent: number | null;
    forMs: number;
    maxConcurrent: number;
  };
  /** Leaf key of a setting that rules follow from (`host.reserve`) to where it was written; absent: the built-in default. */
  origins: Record<string, Origin>;
  groups: Record<string, { programs: string[]; priority: number }>;
  /** In file order. */
  programs: Record<string, ProgramConfig>;
  eventListeners: Record<string, ListenerConfig>;
}

/** One thing wrong with a workers.yaml (`check --json`). */
export interface Problem {
  file: string;
  line: number;
  column: number;
  /** Dotted path, `programs.shop.memory.hard`. */
  path: string;
  found: string;
  expected: string;
  suggestion: string | null;
  /** The whole sentence, with `file:line:column` in front. */
  text: string;
}

/** A key of the contract whose behaviour is not built yet. */
export interface NotYetActive {
  path: string;
  line: number;
  text: string;
}

export type LoadResult =
  /** `lineOf`: where a key of the file, or what it lies in, was written. */
  | { ok: true; config: Config; notYetActive: NotYetActive[]; lineOf: (path: readonly string[]) => number }
  | { ok: false; problems: Problem[]; notYetActive: NotYetActive[] };

/** One worker of a program with its templates filled in. */
export interface WorkerConfig {
  /** Display name, `program:index` unless workerName says otherwise. */
  name: string;
  program: string;
  index: number;
  command: string[];
  environment: Record<string, string>;
  stdout: LogConfig;
  stderr: LogConfig | 'stdout';
}
