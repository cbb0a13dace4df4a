/** What runs beside a worker, as the protocol has it (protocol.ts). */

/** When a process counts as ready; absent in a spec: at once (`start.seconds` is the controller's to judge). */
export type ReadySpec = { timeoutMs: number; intervalMs: number } & (
  | { check: 'consuming' }
  /** Part of a line of its output, or a regular expression between slashes. */
  | { check: 'log'; text: string }
  /** Relative to the directory of the worker; newer than the process. */
  | { check: 'file'; path: string }
  /** Exit status 0. */
  | { check: 'command'; argv: string[] }
);

export type HookName = 'beforeStart' | 'afterStart' | 'beforeStop' | 'afterStop';

/** Commands run beside a worker, as its user, in its directory and environment. */
export type HooksSpec = Record<HookName, string[] | null> & {
  timeoutMs: number;
  /** What a beforeStart that fails leads to: a failed start, or only a journal entry. */
  onFailure: 'fail' | 'ignore';
};
