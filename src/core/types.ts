/**
 * The vocabulary of the core: what is (CoreState), what it is told (CoreEvent), what it orders (Effect).
 *
 * A worker is one slot of a program. Its `life` is a tagged union, and the incarnation lives inside the states that have one:
 *
 *                         start                    up for start.seconds, and ready
 *     STOPPED, EXITED, ────────▶ STARTING ─────────────────────────────▶ RUNNING ──┐ swap: a replacement
 *     FATAL            ◀─┐         │ ▲  exit                  exit         │       │ starts beside it
 *        ▲               │         ▼ │ delay over                          │◀──────┘
 *        │ gone          │      BACKOFF ◀──────────────────────────────────┤
 *        │               └──── retries used up (FATAL)                     │ stop, restart, recycle
 *     STOPPING ◀───────────────────────────────────────────────────────────┘
 *
 * A worker that waits for other programs (`after`) is STOPPED with a `hold`: nothing of it runs, and what it waits for is journaled and
 * shown. An incarnation that is on its way out while its successor already lives is in `leaving`. What is wanted (`wanted`) is kept apart
 * from what is. Every waiting state carries `until`, the deadline that ends the wait (CLOCK_MONOTONIC milliseconds).
 * Everything here is plain JSON: it is the checkpoint (docs/design.md, section 2).
 */
import type { ExitStatus, FactBody } from '../shim/protocol.ts';
import type { Ceilings, StopPlan } from '../shim/spawn-spec.ts';
import type { CpuConfig, LifetimeConfig, Origin, ProgramConfig, StuckConfig } from '../config/types.ts';

/** What the core needs to know of a program; the controller derives it from the configuration. */
export interface ProgramPolicy {
  name: string;
  /** Worker names in index order. */
  workers: string[];
  /** By worker, what its processes are to be made of; one that was made of something else is replaced (roll.ts). */
  specs: Record<string, string>;
  auto: boolean;
  secondsMs: number;
  retries: number;
  backoffMinMs: number;
  backoffMaxMs: number;
  restart: 'always' | 'unexpected' | 'never';
  exitCodes: number[];
  /** Programs that must be up before these workers start. */
  after: string[];
  cpu: CpuConfig | null;
  lifetime: LifetimeConfig | null;
  stuck: StuckConfig | null;
  /** `shown`: the check in words. Null: up for `start.seconds` is enough. */
  ready: { timeoutMs: number; shown: string } | null;
  /** How long a hook may take before the process is there; 0: there is none. */
  beforeStartMs: number;
  /** Key of the broker whose outage excuses exits; null: none does. */
  broker: string | null;
  overlap: boolean;
  maxConcurrent: number;
  budget: { count: number; windowMs: number };
  plan: StopPlan;
  ceilings: Ceilings;
  oom: ProgramConfig['oom'];
  /** Null: growth is shown and leads to nothing. */
  growth: GrowthPolicy | null;
  origins: Record<string, Origin>;
}

export interface GrowthPolicy {
  /** How far back growth is judged. */
  windowMs: number;
  /** Act when the ceiling is nearer than this. */
  horizonMs: number;
  action: 'recycle' | 'warn';
}

/** What a program still waits for. `starting`: it is on its way, or tries again; `waiting`: it waits itself; the others need a person. */
export interface Unmet {
  program: string;
  reason: 'starting' | 'waiting' | 'stopped' | 'fatal' | 'exited';
}

export interface Incarnation {
  /** `<worker>#<number>`. */
  id: string;
  number: number;
  /** Null until the shim answered. */
  pid: number | null;
  /** When the spawn was ordered, then when it happened. */
  spawnedAt: number;
  spawnedWall: number;
  /** Journal entry of its start. */
  entry: string;
  /** What it is made of; absent: nobody knows (spawned by an earlier version). */
  spec?: string;
  /** When its ready check said so; absent: not yet, or it has none. */
  readyAt?: number;
  /** Memory at which it settled while it was fresh (policy/settle.ts); absent: it has not yet. */
  settledBytes?: number;
  /** oom_score_adj as it was ordered last; absent: nobody knows. */
  scoreAdj?: number;
  /** It leaks; told where somebody asks for it (oom.ts, futile.ts). */
  suspect?: boolean;
}

/** An old incarnation that is being stopped by the shim while its worker already goes on. */
export interface Leaving extends Incarnation {
  /** The entry that sent it away; concluded once it is gone. */
  why: string;
  until: number;
}

/** A replacement beside the current incarnation (make before break). */
export interface Swap {
  replacement: Incarnation;
  /** When it takes over: up for `start.seconds`, and behind a gate as soon as it consumes (gate.ts). */
  until: number;
}

export type Life =
  /** `hold`: it is wanted and waits for a program named in `after` (after.ts); absent: it rests. */
  | { state: 'STOPPED'; hold?: Unmet & { entry: string } }
  | { state: 'STARTING'; incarnation: Incarnation; until: number }
  | { state: 'RUNNING'; incarnation: Incarnation; swap: Swap | null }
  /** `next: 'failed'`: it was not ready in time; once it is gone its start has failed. */
  | { state: 'STOPPING'; incarnation: Incarnation; next: 'start' | 'rest' | 'failed'; why: string; until: number }
  /** `verdict: 'afterProbe'`: the retries are used up, but only the broker's answer decides between FATAL and waiting for it. */
  | { state: 'BACKOFF'; attempt: number; why: string; verdict: 'start' | 'afterProbe'; until: number }
  | { state: 'EXITED'; status: ExitStatus }
  | { state: 'FATAL'; why: string };

/** A recycle that a rule or a person asked for and that waits for its turn (budget, stagger). */
export interface PendingRecycle {
  rule: string;
  reasonText: string | null;
  evidence: Evidence;
  /** A person asked not to drain (`--now`). */
  kill: boolean;
  since: number;
  /** Journal entry of the `hold`, once said. */
  hold: string | null;
  /** It does not begin before this time; absent: as soon as its turn comes. */
  notBefore?: number;
  /** Journal entry that led to it, where it is not the start of its incarnation. */
  cause?: string;
  /** The key of workers.yaml that it follows from, where that is not the rule's own. */
  policyKey?: string;
}

/** A recycle under way: open until the old incarnation is gone and the new one runs (or its start is delayed or given up). */
export interface OpenRecycle {
  entry: string;
  rule: string;
  from: string;
  beganAt: number;
  /** How the old incarnation ended, once it has. */
  gone: Evidence | null;
}

export interface WorkerState {
  name: string;
  program: string;
  wanted: 'up' | 'down';
  life: Life;
  leaving: Leaving[];
  pending: PendingRecycle | null;
  recycle: OpenRecycle | null;
  nextNumber: number;
  /** Consecutive starts that failed before RUNNING. */
  attempts: number;
  /** Times of exits that nobody ordered after RUNNING, newest last, bounded. */
  crashes: number[];
  /** Consecutive incarnations that passed `hard` soon after their start. */
  quickHards: number;
  /** Rule of the recycle that led to the current incarnation; null for any other start. */
  bornOf: string | null;
  /** Replacements in a row that did not come up although only they have the current configuration; absent: 0. */
  failedRolls?: number;
  /** The kernel refused to change its oom_score_adj; absent: it did not. */
  oomRefused?: boolean;
  restarts: number;
  recycles: number;
}

export interface BrokerState {
  state: 'up' | 'down';
  /** When it was found to have changed; null: it is as it was at the first answer. */
  since: number | null;
}

/** A person's `stop`, which outlives the process that carried it out. */
export interface Stopped {
  /** Account name; null: the client did not say. */
  who: string | null;
  /** Milliseconds since the epoch. */
  wall: number;
}

export interface CoreState {
  version: 1;
  mode: 'running' | 'shuttingDown';
  programs: Record<string, ProgramPolicy>;
  workers: Record<string, WorkerState>;
  shim: 'lost' | 'attached';
  /** By the key that programs name; absent: nobody asked yet. */
  brokers: Record<string, BrokerState>;
  /** Times of recycles granted for anything but a hard ceiling, by program. */
  granted: Record<string, number[]>;
  /** By program, when it was said last that its budget is used up; absent: never. */
  storms?: Record<string, number>;
  /** By program, the rules for which a recycle does not help: none is begun for them until the configuration changes (futile.ts). */
  futile: Record<string, string[]>;
  /** Incarnations being stopped that belong to no worker (any more): the journal entry of their stop, and how they are stopped. */
  strays: Record<string, { entry: string; plan: StopPlan }>;
  /** Configured workers that a person stopped and nobody has started since. Their `wanted` is `down`. */
  stopped: Record<string, Stopped>;
  /** Next incarnation number of workers that are no longer configured: they may come back, numbers never do. */
  retiredNumbers: Record<string, number>;
  hostMaxConcurrent: number;
  reserveBytes: number;
  /** MemAvailable at the last reading, less what was started since. */
  availableBytes: number | null;
  /** What a fresh process of a program takes for itself, as seen so far. */
  needs: Record<string, number>;
  journal: { prefix: string; next: number };
}

export type Evidence = Record<string, number | string | boolean | null>;

/** A journal entry before it is put into words (controller/sentences.ts). */
export interface EntryDraft {
  id: string;
  action:
    | 'start'
    | 'exit'
    | 'backoff'
    | 'fatal'
    | 'recycle'
    | 'stop'
    | 'kill'
    | 'hold'
    | 'broker'
    | 'shimLost'
    | 'warn'
    | 'attach'
    | 'adopt'
    | 'setOom'
    | 'command';
  worker: string | null;
  program: string | null;
  pid: number | null;
  incarnation: number | null;
  cause: string | null;
  rule: string;
  evidence: Evidence;
  /** A person's own words, in place of the catalogue's sentence. */
  text: string | null;
  policy: Origin | null;
}

export interface Outcome {
  of: string;
  ok: boolean;
  rule: string;
  evidence: Evidence;
}

type CeilingFact = Extract<FactBody, { kind: 'ceiling' }>;
type ExitedFact = Extract<FactBody, { kind: 'exited' }> & { at?: number };

/** What the shim says of a living incarnation at attach, as far as the core cares. */
export interface Attached {
  incarnation: string;
  worker: string;
  program: string;
  number: number;
  role: 'current' | 'replacement';
  pid: number;
  spawnedAt: number;
  spawnedWall: number;
  stopping: boolean;
  spec: string;
  /** Its ready check has said so. */
  ready: boolean;
  /** As ordered last; absent: a shim that does not say. */
  scoreAdj?: number;
}

export type EventBody =
  /** `changes`: by program, the keys that its processes have to be replaced for, as far as somebody knows. */
  | {
      type: 'config';
      programs: ProgramPolicy[];
      hostMaxConcurrent: number;
      reserveBytes: number;
      changes?: Record<string, string[]>;
    }
  /**
   * Facts about these follow as events. `ended`: their exit or failed spawn is known to the shim. `untold`: they wait to be spawned, or
   * are just about to be gone. `elsewhere`: they are in other shims, of which nothing new is known; absent: there are none.
   */
  | {
      type: 'attached';
      shimPid: number;
      incarnations: Attached[];
      ended: string[];
      untold: string[];
      elsewhere?: string[];
    }
  /** `incarnations`: how many were in it; absent: all that there are. */
  | { type: 'shimLost'; incarnations?: number }
  | { type: 'spawned'; incarnation: string; pid: number; at: number; wall: number }
  | { type: 'spawnFailed'; incarnation: string; field: string; text: string }
  | { type: 'exited'; fact: ExitedFact }
  /** `bytesPerMessage`: what its memory grew by for each message that it acknowledged; null where nobody counts them. */
  | { type: 'ceiling'; fact: CeilingFact; bytesPerMessage: number | null }
  /** `cause`: a journal entry that led to it; absent: the start of the incarnation. */
  | { type: 'findings'; incarnation: string; rule: string; evidence: Evidence; cause?: string }
  /** A fresh process has settled at so much memory. */
  | { type: 'settled'; incarnation: string; bytes: number }
  /** Its growth is a leak, or is none any more. */
  | { type: 'trend'; incarnation: string; leaking: boolean }
  /** The kernel does not let the shim change its oom_score_adj. */
  | { type: 'oomRefused'; incarnation: string }
  | { type: 'timer'; worker: string }
  | { type: 'broker'; broker: string; reachable: boolean; text: string }
  /** Its ready check has said so. */
  | { type: 'ready'; incarnation: string }
  /** The gate saw its consumer start. */
  | { type: 'consuming'; incarnation: string }
  | { type: 'host'; availableBytes: number | null; needs: Record<string, number> }
  /** `kill`: do not drain, SIGKILL at once (`--now`). */
  | {
      type: 'command';
      verb: 'start' | 'stop' | 'restart' | 'recycle' | 'shutdown';
      workers: string[];
      kill: boolean;
      reason: string | null;
      /** Whose command it is; absent: nobody's, a shutdown by signal. */
      by?: Stopped;
    }
  | { type: 'signal'; worker: string; signal: string };

/** Every event carries the time and one random number in [0, 1): the core has neither. */
export type CoreEvent = EventBody & { now: number; random: number };

export type Effect =
  | {
      type: 'spawn';
      worker: string;
      incarnation: string;
      number: number;
      role: 'current' | 'replacement';
      spec: string;
      cause: string;
    }
  | { type: 'stop'; incarnation: string; plan: StopPlan }
  | { type: 'signal'; incarnation: string; signal: string }
  | { type: 'setOom'; incarnation: string; scoreAdj: number }
  /** Arm the worker's one timer; replaces an earlier one. */
  | { type: 'timer'; worker: string; at: number }
  | { type: 'probeBroker'; broker: string }
  | { type: 'journal'; entry: EntryDraft }
  | { type: 'outcome'; outcome: Outcome };
