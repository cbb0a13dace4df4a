/**
 * What controller and shim say to each other: JSON lines over `<stateDir>/shim.sock` (docs/design.md, section 2).
 *
 * Facts are numbered and kept by the shim until the controller acknowledges them (after the journal append). Samples are one
 * message a tick, latest wins, dropped while the socket is backed up. Unknown fields are ignored; an unknown message type is
 * answered `unsupported`.
 *
 * Times: `at` is CLOCK_MONOTONIC in milliseconds (shared by both processes), `wall` is milliseconds since the epoch.
 */
import type { HookName } from './beside-spec.ts';
import type { LogSharing } from './log-sharing.ts';
import type { SamplesMessage } from './samples-message.ts';
import type { Ceilings, LogLimits, MemoryMetric, Note, SpawnSpec, StopPlan } from './spawn-spec.ts';

export const PROTOCOL = 1;

/** What the gate has counted (gate/reports.ts); `at` values are CLOCK_MONOTONIC milliseconds. */
export interface GateFigures {
  inFlight: number;
  prefetch: number | null;
  delivered: number;
  acknowledged: number;
  rejected: number;
  redelivered: number;
  /** Given back unsettled. */
  returned: number;
  oldestUnacknowledgedAt: number | null;
  connections: number;
  /** 1 while it is quiesced and something is in flight, else 0. */
  draining: number;
}

/** ladder.ts. Without a gate: running → signalled → killed → gone. */
export type StopPhase = 'running' | 'draining' | 'resumed' | 'settling' | 'signalled' | 'killed' | 'gone';

/** Who began a stop: a `stop` effect, the shim at a ceiling, or the shim's own end (SIGTERM). */
export type StopBy = 'controller' | 'hard' | 'kill' | 'shim';

export interface StopReport {
  by: StopBy;
  beganAt: number;
  /** When the gate saw that nothing was in flight any more; null: it did not, or there is no gate. */
  drainedAt: number | null;
  /** Messages held at the signal (or the SIGKILL): they go back to their queues. Null: no gate saw them. */
  unacknowledged: number | null;
  signal: string | null;
  signalledAt: number | null;
  signalledWall: number | null;
  killedAt: number | null;
}

/** How a process ended: exactly one of `code` and `signal` is set; both null when it cannot be known. */
export interface ExitStatus {
  code: number | null;
  /** With SIG, e.g. `SIGKILL`. */
  signal: string | null;
}

/** One reading of a process. Null: not known (yet). */
export interface Sample {
  at: number;
  /** The process alone. */
  rssBytes: number;
  virtualBytes: number | null;
  anonBytes: number | null;
  swapBytes: number | null;
  pssBytes: number | null;
  /** With descendants. */
  treeBytes: number | null;
  /** Cumulative CPU time in clock ticks (USER_HZ). */
  userTicks: number | null;
  systemTicks: number | null;
  voluntarySwitches: number | null;
  involuntarySwitches: number | null;
  threads: number | null;
  oomScore: number | null;
  oomScoreAdj: number | null;
  /** `memory_get_usage()`, and with `true`, as read from outside (linux/zend-heap.ts). */
  zendHeapBytes: number | null;
  zendHeapRealBytes: number | null;
  /** CPU time with descendants, living ones and those that were waited for. */
  treeUserTicks: number | null;
  treeSystemTicks: number | null;
  /** What a ceiling judges (metric plus swap, with descendants); null where there are none, or while PSS has not confirmed a crossing. */
  treeJudgedBytes: number | null;
}

export interface IncarnationReport {
  note: Note;
  incarnation: string;
  /** Short number that names the incarnation in `samples` messages. */
  handle: number;
  pid: number;
  /** Clock ticks since boot, /proc/PID/stat field 22. */
  startTime: number;
  spawnedAt: number;
  spawnedWall: number;
  phase: StopPhase;
  ceilings: Ceilings;
  /** As it was ordered last; absent: a shim that does not say. */
  oomScoreAdj?: number;
  /** Its ready check has said so, or it has none. Absent: a shim that does not know. */
  ready?: boolean;
  /** What it held so far, oldest first, encoded by samples.ts. Absent: a shim that does not keep it. */
  past?: (number | null)[][];
}

interface FactHeader {
  seq: number;
  at: number;
  wall: number;
}

/**
 * `stuckDrain`: no progress, `reason` says why · `resumed`: a drain was given up for now · `deaf`: its consumer or channel is gone ·
 * `starved`: its clamp was too small for its batches and is undone · `poison`: workers died on a message, or it was
 * rejected for that · `notGated`: it does not speak AMQP 0-9-1 · `bypassed`: it has run for a while and never came · `refused`: a stranger
 * came · `unreachable`: no node of its broker let it in.
 */
export type GateTrouble =
  'stuckDrain' | 'resumed' | 'deaf' | 'starved' | 'poison' | 'notGated' | 'bypassed' | 'refused' | 'unreachable';

export type FactBody =
  | { kind: 'spawned'; incarnation: string; handle: number; pid: number; startTime: number; oomScoreAdj: number | null }
  /** `field`: the key of workers.yaml at fault (`command`, `directory`, `user`, `stdout.path`, …); `text`: a sentence. */
  | { kind: 'spawnFailed'; incarnation: string; field: string; text: string }
  | {
      kind: 'ceiling';
      incarnation: string;
      ceiling: 'hard' | 'kill';
      metric: MemoryMetric;
      /** Judged bytes (metric plus swap). */
      bytes: number;
      ceilingBytes: number;
      rssBytes: number;
      swapBytes: number | null;
      /** Mean growth since `growingSince`; null with too few samples. */
      growthBytesPerSecond: number | null;
      growingSeconds: number | null;
    }
  | {
      kind: 'exited';
      incarnation: string;
      pid: number;
      /** For a controller that never heard of the spawn, or has forgotten it. */
      spawnedAt: number;
      spawnedWall: number;
      status: ExitStatus;
      stop: StopReport | null;
      lastSample: Sample | null;
      /** The gate's counters at the end; null without a gate. */
      gate: GateFigures | null;
      /** Processes of the group or descendants that had to be killed after the worker itself was gone. */
      swept: number;
    }
  /** The gate saw a consumer start (or the first basic.get): messages can reach this incarnation. */
  | { kind: 'consuming'; incarnation: string }
  /** Its ready check has said so. */
  | { kind: 'ready'; incarnation: string }
  /** A hook has ended; `text`: how, and the end of what it said. */
  | { kind: 'hook'; incarnation: string; hook: HookName; ok: boolean; text: string; tookMs: number }
  /** Something about the gate that a person may have to know; `text` is a sentence or the broker's own words. */
  | {
      kind: 'gate';
      incarnation: string;
      what: GateTrouble;
      reason: string | null;
      text: string;
      inFlight: number | null;
      /** What else belongs into the sentence. */
      figures?: Record<string, number | string | null>;
    }
  /** It stays deaf: it knows that its consumer or channel is gone, holds nothing, and has consumed nothing since, for so long. */
  | { kind: 'stayedDeaf'; incarnation: string; reason: string; text: string; forMs: number }
  /** A log cannot be written; `droppedLines` since the last such fact. */
  | { kind: 'logTrouble'; path: string; text: string; droppedLines: number }
  /** At the start of a shim: workers of a dead shim that were found by their identity and stopped. */
  | { kind: 'orphansStopped'; incarnations: { incarnation: string; pid: number }[]; tookMs: number };

export type Fact = FactHeader & FactBody;

export type ToShim =
  | { type: 'hello'; protocol: number; version: string; pid: number }
  | { type: 'spawn'; spec: SpawnSpec }
  | { type: 'stop'; incarnation: string; plan: StopPlan }
  /** What holds for a living process from now on. */
  | { type: 'setLimits'; incarnation: string; ceilings: Ceilings; hardPlan?: StopPlan }
  | { type: 'setOom'; incarnation: string; scoreAdj: number }
  /** Deliver a signal to the worker's own pid (the `signal` command); no ladder. */
  | { type: 'signal'; incarnation: string; signal: string }
  /** Refused where there is no process, its stdin is closed or full, or the text is longer than 4096 bytes. */
  | { type: 'writeStdin'; incarnation: string; text: string }
  | { type: 'sampling'; intervalMs: number }
  /** Everything up to and including `seq` is in the journal. */
  | { type: 'ack'; seq: number }
  | { type: 'reopenLogs' }
  /** The `output` up to and including `seq` is printed; 0 right after the attach: from now on it is wanted. */
  | { type: 'outputTaken'; seq: number }
  /** Empty these logs, as far as they are open here, and leave their backups alone; answered by `logsCleared`. */
  | { type: 'clearLogs'; paths: string[] }
  /** For a log that is open; one that is not gets its limits from its next user. */
  | { type: 'setLogLimits'; path: string; limits: LogLimits }
  /** Whether another shim writes the same log files, and which of the two rotates them (log-sharing.ts). */
  | { type: 'shareLogs'; sharing: LogSharing }
  /** Exit as soon as no incarnation is left. */
  | { type: 'leave' };

export interface LogCleared {
  path: string;
  /** `closed`: it is not open here, and was not touched. `failed`: `text` is a sentence. */
  result: 'cleared' | 'closed' | 'failed';
  text: string;
}

export type FromShim =
  | {
      type: 'hello';
      protocol: number;
      version: string;
      /** Which program it is, of those with one version; absent: a shim that does not say, and that is older. */
      build?: string;
      pid: number;
      bootId: string;
      pidNamespace: string;
      startedWall: number;
      incarnations: IncarnationReport[];
      /** Incarnations between two states (queued, starting, just ended): a fact about each follows. Absent: a shim that does not say. */
      untold?: string[];
      /** Facts that no controller acknowledged yet, oldest first. */
      facts: Fact[];
    }
  | { type: 'fact'; fact: Fact }
  | SamplesMessage
  /**
   * Lines of programs with `forward`, to be printed; `bytes` one a character (latin1), for they need not be UTF-8. A few at a time, until
   * `outputTaken`; what a controller did not confirm is told again to the next.
   */
  | { type: 'output'; seq: number; bytes: string }
  /** Answer to `clearLogs`, in the order of the asking: what became of each path. */
  | { type: 'logsCleared'; results: LogCleared[] }
  /** Answer to a message that could not be carried out; `incarnation` where it named one. */
  | { type: 'refused'; what: string; incarnation: string | null; text: string };
