/** What the XML-RPC adapter asks of the controller (controller/supervisor/), in our words; the methods put it into supervisord's. */
import type { WorkerStateName } from '../types.ts';

/** A worker or event listener with what supervisord tells of a process. */
export interface SupervisedProcess {
  /** Our name, unique. */
  worker: string;
  /** supervisord's two: `group:name`, or `name` alone where they are the same. */
  group: string;
  name: string;
  groupPriority: number;
  priority: number;
  state: WorkerStateName;
  pid: number | null;
  /** Milliseconds since the epoch of the last start and the last end; null: not in the journal that is still kept. */
  startedAt: number | null;
  endedAt: number | null;
  /** How it ended last: the exit code, −1 for a signal; null: it has not. */
  exitStatus: number | null;
  /** Why the last start failed; empty where there is nothing to say. */
  spawnError: string;
  /** Empty: it is kept nowhere; so with stderr. */
  stdoutPath: string;
  /** Null: in the file of stdout. */
  stderrPath: string | null;
}

/** `spawnError`: it ended before it counted as running. `ended`: otherwise not running (stopped meanwhile, ended by itself). */
export type StartOutcome =
  { kind: 'running' } | { kind: 'spawnError' } | { kind: 'ended' } | { kind: 'late'; text: string };

export type StopOutcome = { kind: 'stopped' } | { kind: 'late'; text: string };

export interface ProcessLog {
  path: string;
  backups: number;
  maxSizeBytes: number;
}

/** A process as it is configured. */
export interface ProcessConfig {
  group: string;
  name: string;
  groupPriority: number;
  priority: number;
  /** Its group is in force. */
  inUse: boolean;
  autostart: boolean;
  directory: string;
  /** Null: the controller's own. */
  user: string | null;
  command: string;
  exitCodes: number[];
  startRetries: number;
  startSeconds: number;
  stopSignal: number;
  stopSeconds: number;
  stdout: ProcessLog;
  /** Null: in the file of stdout. */
  stderr: ProcessLog | null;
}

/** What is different in a configuration, by names of groups. */
export interface GroupChanges {
  added: string[];
  changed: string[];
  removed: string[];
}

export type Reread = ({ kind: 'read' } & GroupChanges) | { kind: 'invalid'; text: string };

/** Why a command cannot be executed. */
export interface ExecutableProblem {
  kind: 'missing' | 'notExecutable';
  text: string;
}

/** The record of what was done, as lines of supervisord's activity log. Held in memory, bounded. */
export interface ActivityLog {
  text(): string;
  /** New lines as they come; returns the way to stop listening. */
  follow(listener: (lines: string) => void): () => void;
  clear(): void;
}

export interface Supervisor {
  readonly activity: ActivityLog;
  isShuttingDown(): boolean;
  /** In the order of workers.yaml. */
  processes(): SupervisedProcess[];
  executableProblem(worker: string): ExecutableProblem | null;
  /** Ends once it is known how it went; at once with `wait` false. */
  start(worker: string, wait: boolean): Promise<StartOutcome>;
  /** Drains first. */
  stop(worker: string, wait: boolean): Promise<StopOutcome>;
  /** @param signal a name without SIG */
  signal(worker: string, signal: string): void;
  /** An event of anybody's own for the event listeners. */
  tellListeners(type: string, data: string): void;
  /** Empties its log files. Null, or why that could not be done. */
  clearLogs(worker: string): Promise<string | null>;
  shutdown(): void;
  /** Of the configuration that was read last, by `reread` or to begin with. */
  configs(): ProcessConfig[];
  /** Read the configuration again and remember it; nothing is applied. */
  reread(): Reread;
  /** Bring a group of what was read last into force. */
  addGroup(name: string): 'added' | 'alreadyAdded' | 'unknown';
  removeGroup(name: string): 'removed' | 'stillRunning' | 'unknown';
  /** Read the configuration again, apply it, and restart everything. An invalid one changes nothing and restarts nothing. */
  restart(): Reread;
  /** Null: it is on its way; or why it is not (`closed`: there is no input to write to). */
  writeStdin(worker: string, text: string): { why: 'notRunning' | 'closed' | 'tooLong'; text: string } | null;
}
