/** What a controller orders for one process life: all that a spawn needs, its ceilings, and how it is to be stopped. */
import type { BrokerTls } from '../linux/broker-tls.ts';
import type { HooksSpec, ReadySpec } from './beside-spec.ts';

/** Memory figure that ceilings judge; swap is always added. `anon` is RssAnon. */
export type MemoryMetric = 'rss' | 'pss' | 'anon';

export interface Ceilings {
  softBytes: number | null;
  hardBytes: number | null;
  killBytes: number | null;
  metric: MemoryMetric;
}

/**
 * The stop ladder (docs/design.md, section 2). The shim runs it to its end with its own timers.
 * A second stop for the same incarnation can only shorten deadlines.
 */
export interface StopPlan {
  /** Gate only: no new message reaches the incarnation, and the signal waits until it holds none. */
  quiesce: boolean;
  drainTimeoutMs: number;
  /** How often a drain is tried before the signal comes all the same, with `drainTimeoutMs` of work in between. */
  drainAttempts: number;
  onStuckDrain: 'wait' | 'resume' | 'kill';
  settleMs: number;
  /** Signal name without SIG, e.g. `TERM`; sent to the worker's own pid. */
  stopSignal: string;
  stopTimeoutMs: number;
  /** `afterTimeout`: SIGKILL to the group once stopTimeoutMs passed. `now`: SIGKILL at once. */
  kill: 'afterTimeout' | 'now';
  /** By how much hooks may delay the end, over the other deadlines. Absent: nothing. */
  hooksMs?: number;
}

/** When a log file is rotated, and what becomes of it then; may be changed while it is written. */
export interface LogLimits {
  /** 0: not by size. */
  maxSizeBytes: number;
  backups: number;
  /** Also before the first line of a new local day. */
  daily: boolean;
  /** Rotated files become `.gz`. */
  compress: boolean;
}

/** What becomes of each line. */
export interface LogStyle {
  /** `json`: one object a line, with time and worker in it, so that the two flags that follow mean nothing. */
  format: 'text' | 'json';
  timestamps: boolean;
  /** With the worker's name. */
  prefix: boolean;
  stripAnsi: boolean;
}

/** Where one output stream goes. What an older controller does not say is off. */
export interface LogTarget extends LogLimits, LogStyle {
  /** `/dev/null`: no file. */
  path: string;
  /** Lines also go to the controller, which prints them. */
  forward: boolean;
}

export interface ResourceLimits {
  /** prlimit(1) option names without dashes (`nofile`, `core`, `as`, …) to soft:hard, `unlimited` as null. */
  [name: string]: number | null;
}

/** Returned by the shim at attach, so that a controller without its checkpoint still knows what runs. */
export interface Note {
  worker: string;
  program: string;
  /** Incarnation number: grows per worker, never reused within a state directory. */
  number: number;
  role: 'current' | 'replacement';
  specHash: string;
  /** Journal entry that led to this spawn. */
  cause: string | null;
}

/** A node of a broker. */
export interface UpstreamSpec {
  host: string;
  port: number;
  /** Null: plain TCP. Else paths, absolute: the shim reads the files, so that no key passes through here. */
  tls: BrokerTls | null;
}

/** What stands in a URL before and after the address of the gate. */
export interface DsnSpec {
  variable: string;
  before: string;
  after: string;
}

/** The AMQP gate of an incarnation: the worker finds it in variables of its environment, in place of its broker. */
export interface GateSpec {
  /** Nodes of one broker, tried in order; at least one. */
  upstreams: UpstreamSpec[];
  hostVariable: string;
  portVariable: string;
  /** A variable with a whole URL in it: a secret, as the environment is. Null: there is none. */
  dsn: DsnSpec | null;
  /** Null: what the worker asks for. */
  prefetch: number | null;
  /** Null (an older controller): messages that workers die on are not looked for. */
  poison: PoisonSpec | null;
}

export interface PoisonSpec {
  deaths: number;
  action: 'warn' | 'reject';
  /** Exit codes that say nothing of the message in hand, besides 0. */
  exitCodes: number[];
}

/** Everything a spawn needs; the shim adds nothing of its own but the gate's address. */
export interface SpawnSpec {
  /** `<worker>#<number>`, the name used in every later message. */
  incarnation: string;
  note: Note;
  argv: string[];
  environment: Record<string, string>;
  directory: string;
  /** Null: the shim's own user. */
  user: string | null;
  /** Octal value, e.g. 0o022. */
  umask: number;
  nice: number;
  limits: ResourceLimits;
  oomScoreAdj: number;
  ceilings: Ceilings;
  /** The ladder the shim climbs by itself when `hard` is passed. */
  hardPlan: StopPlan;
  /** Null: the worker talks to its broker directly. */
  gate: GateSpec | null;
  ready?: ReadySpec | null;
  hooks?: HooksSpec | null;
  /** `open`: a pipe that `writeStdin` writes to. Absent: /dev/null. */
  stdin?: 'closed' | 'open';
  stdout: LogTarget;
  /** `stdout`: both streams into one file. */
  stderr: LogTarget | 'stdout';
}
