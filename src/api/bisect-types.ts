/** `/api/v1/bisect`: POST begins one, GET reads it (and keeps it going: who asks no more has gone away), POST …/end ends it. */

export interface BisectRequest {
  program: string;
  /** Null: the likeliest of those that are loaded and that code can do without. */
  suspects: string[] | null;
  /** It ends after so many acknowledged messages of all canaries, or so many seconds. */
  messages: number;
  seconds: number;
  /** Suspects that are tried at the same time. */
  atOnce: number;
}

export interface BisectGrowth {
  bytesPerMessage: number;
  /** The ends of the interval of confidence. */
  lowBytesPerMessage: number;
  highBytesPerMessage: number;
}

export interface BisectSuspect {
  extension: string;
  /** Why it is tried; no full stop. */
  why: string;
  /** The program of its canary, which runs without it. */
  canary: string;
  state: 'waiting' | 'running' | 'ended';
  /** `cannotRun`: the worker does not run without it. */
  verdict: 'leaks' | 'innocent' | 'undecided' | 'cannotRun';
  messages: number;
  /** Of the canary without it; null: not known (yet). */
  growth: BisectGrowth | null;
  /** What it takes: the control's growth less that. */
  share: BisectGrowth | null;
}

export interface BisectConclusion {
  /** `noGrowth`: nothing leaks; `none`: none of the suspects does. */
  kind: 'found' | 'none' | 'noGrowth' | 'undecided' | 'cancelled';
  extension: string | null;
  text: string;
}

export interface BisectReport {
  program: string;
  /** `ending`: its canaries are being drained. */
  state: 'running' | 'ending' | 'done';
  elapsedSeconds: number;
  messages: number;
  limitMessages: number;
  limitSeconds: number;
  control: { canary: string; messages: number; growth: BisectGrowth | null };
  suspects: BisectSuspect[];
  /** Known to leak, and not tried because code calls them; no full stop. */
  spared: { extension: string; text: string }[];
  /** Null while it runs. */
  conclusion: BisectConclusion | null;
}
