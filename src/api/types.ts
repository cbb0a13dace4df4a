/**
 * The JSON of the control socket, `/api/v1` (docs/design.md, section 9). camelCase; bytes end in `Bytes`; times are RFC 3339;
 * what cannot be known is null and never 0.
 *
 *   GET  /api/v1/status?name=…            → Status
 *   GET  /api/v1/journal?since=…&name=…&limit=…   → { entries: JournalEntry[] }
 *   GET  /api/v1/events                   → server-sent events: `journal` (JournalEntry), `status` (Status, once a second)
 *   GET  /api/v1/explain?of=NAME-or-ENTRY → Explanation
 *   GET  /api/v1/logs?name=NAME           → LogFiles (the client reads the files itself)
 *   GET  /api/v1/trace?name=NAME          → WorkerTrace
 *   POST /api/v1/commands  Command        → CommandReply (ends when the command has)
 *   POST /api/v1/reload  { dryRun }       → ReloadReply (ends when the configuration is in force; rolls go on)
 *
 * An error is { error: { code, text } } with a 4xx or 5xx status.
 */

export type WorkerStateName =
  'STOPPED' | 'STARTING' | 'RUNNING' | 'DRAINING' | 'BACKOFF' | 'STOPPING' | 'EXITED' | 'FATAL';

export type Trend = 'flat' | 'warmingUp' | 'sawtooth' | 'leaking' | 'unknown';

export interface WorkerStatus {
  name: string;
  program: string;
  state: WorkerStateName;
  pid: number | null;
  incarnation: number | null;
  startedAt: string | null;
  command: string;
  rssBytes: number | null;
  swapBytes: number | null;
  pssBytes: number | null;
  cpuPercent: number | null;
  userPercent: number | null;
  systemPercent: number | null;
  voluntarySwitchesPerSecond: number | null;
  involuntarySwitchesPerSecond: number | null;
  threads: number | null;
  anonBytes: number | null;
  virtualBytes: number | null;
  treeBytes: number | null;
  zendHeapBytes: number | null;
  zendHeapRealBytes: number | null;
  nativeBytes: number | null;
  trend: Trend;
  growthBytesPerMinute: number | null;
  growthBytesPerMessage: number | null;
  oomScore: number | null;
  oomScoreAdj: number | null;
  softBytes: number | null;
  hardBytes: number | null;
  killBytes: number | null;
  inFlight: number | null;
  oldestUnacknowledgedSeconds: number | null;
  prefetch: number | null;
  delivered: number | null;
  acknowledged: number | null;
  redelivered: number | null;
  /** Spawns after an exit nobody ordered. */
  restarts: number;
  /** Spawns that replaced an incarnation on purpose. */
  recycles: number;
  sampledAt: string | null;
  replacement: { pid: number | null; incarnation: number; state: WorkerStateName } | null;
  leaving: { pid: number | null; incarnation: number; phase: string }[];
  /** What happened last, as a sentence with its time; null before anything did. */
  lastAction: { id: string; time: string; action: string; text: string } | null;
  /** Why it is not running and what to do, where there is something to say. */
  note: string | null;
}

export interface HostStatus {
  memoryTotalBytes: number | null;
  memoryAvailableBytes: number | null;
  swapTotalBytes: number | null;
  swapFreeBytes: number | null;
  swapInBytesPerSecond: number | null;
  swapOutBytesPerSecond: number | null;
  load1: number | null;
  cpuPercent: number | null;
  softirqPercent: number | null;
  stallPercent: number | null;
}

export interface Status {
  controller: { pid: number; version: string; uptimeSeconds: number; shimPid: number | null };
  host: HostStatus;
  workers: WorkerStatus[];
  /** Things a person should know: an invalid workers.yaml, a journal that cannot be written, an unreachable broker. */
  warnings: string[];
}

export type JournalAction =
  | 'start'
  | 'exit'
  | 'backoff'
  | 'fatal'
  | 'recycle'
  | 'quiesce'
  | 'drained'
  | 'stop'
  | 'kill'
  | 'setOom'
  | 'hold'
  | 'hostPressure'
  | 'stuck'
  | 'deaf'
  | 'bypassed'
  | 'refused'
  | 'poison'
  | 'broker'
  | 'shimLost'
  | 'warn'
  | 'diagnose'
  | 'reload'
  | 'attach'
  | 'adopt'
  | 'command'
  | 'hook';

export type Evidence = Record<string, number | string | boolean | null>;

export interface JournalEntry {
  id: string;
  time: string;
  action: JournalAction;
  worker: string | null;
  program: string | null;
  pid: number | null;
  incarnation: number | null;
  /** Id of the entry that led here. */
  cause: string | null;
  reason: {
    /** Stable code, e.g. `memory.hard`. */
    rule: string;
    /** One sentence with the numbers. */
    text: string;
    evidence: Evidence;
    policy: { key: string; file: string; line: number } | null;
  };
  /** What it led to and how long it took (`tookMs` null: it began before anybody here remembers); null while that is open. */
  outcome: { ok: boolean; text: string; time: string; tookMs: number | null; evidence: Evidence } | null;
}

export interface Explanation {
  name: string;
  text: string;
  entries: JournalEntry[];
}

export type Verb =
  'start' | 'stop' | 'restart' | 'recycle' | 'signal' | 'shutdown' | 'upgrade' | 'reopenLogs' | 'clearLogs';

export interface Command {
  verb: Verb;
  /** Worker, program, `program:*`, `group:*` or `all`; empty for shutdown, upgrade and reopenLogs. */
  names: string[];
  /** `--now`: do not drain; SIGKILL. */
  now?: boolean;
  /** `recycle --reason`. */
  reason?: string;
  /** `signal`. Name with or without SIG. */
  signal?: string;
  /** Account name of the person, for the journal and for what stays stopped. */
  by?: string;
  /** False: answer as soon as the command is accepted. Default true. */
  wait?: boolean;
}

export interface CommandReply {
  results: { name: string; ok: boolean; text: string }[];
}

export interface LogFiles {
  name: string;
  stdout: string;
  /** Same as `stdout` where both streams share a file. */
  stderr: string;
}

/** One row of a trace: `rssBytes` with descendants, `anonBytes` without swap; `acknowledged` is cumulative. */
export interface TraceReading {
  seconds: number;
  rssBytes: number;
  anonBytes: number;
  swapBytes: number;
  zendBytes: number | null;
  acknowledged: number | null;
}

/** What was read of a worker's present process over its life, in at most 480 rows. */
export interface WorkerTrace {
  name: string;
  program: string;
  pid: number;
  rows: TraceReading[];
}

/** What a change of a key costs: nothing · its workers are replaced one after the other · workers start or stop. */
export type ReloadEffect = 'live' | 'roll' | 'workers';

export interface ReloadKey {
  key: string;
  path: string;
  /** Null: the key is no longer in the file. */
  line: number | null;
  from: string | null;
  to: string | null;
  effect: ReloadEffect;
}

export interface ReloadProgram {
  name: string;
  change: 'added' | 'removed' | 'changed' | 'unchanged';
  workers: { from: number; to: number };
  starts: string[];
  stops: string[];
  rolls: boolean;
  keys: ReloadKey[];
  text: string;
}

export interface ReloadReply {
  ok: boolean;
  dryRun: boolean;
  /** The workers.yaml that the controller reads. */
  file: string;
  /** Null: the file is invalid, and nothing was changed. */
  plan: {
    programs: ReloadProgram[];
    settings: ReloadKey[];
    notApplied: { path: string; line: number | null; text: string }[];
  } | null;
  problems: {
    file: string;
    line: number;
    column: number;
    path: string;
    found: string;
    expected: string;
    suggestion: string | null;
    text: string;
  }[];
}
