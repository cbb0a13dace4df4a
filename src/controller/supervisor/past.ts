/** What supervisord's clients ask of the past of a worker, read from the journal: so it survives the controller. */
import type { JournalEntry } from '../../api/types.ts';

export interface Past {
  /** Milliseconds since the epoch; null: not in the journal that is still kept. */
  startedAt: number | null;
  endedAt: number | null;
  /** −1: by a signal. Null: it has not ended since it started. */
  exitStatus: number | null;
  spawnError: string;
}

const NOTHING: Past = { startedAt: null, endedAt: null, exitStatus: null, spawnError: '' };

/** supervisord's own words, for scripts that look for them. */
const TOO_QUICK = 'Exited too quickly (process log may have details)';

const ERRORS: Record<string, string> = {
  'exit.tooQuick': TOO_QUICK,
  'fatal.retries': TOO_QUICK,
  'exit.crashed': 'Keeps exiting after it was running (process log may have details)',
  'fatal.crashLoop': 'Keeps exiting after it was running (process log may have details)',
  'host.reserve': 'The host has too little free memory (host.reserve)',
  'broker.down': 'The broker does not answer',
  'memory.hard.again': 'A fresh process passes memory.hard at once',
};

export class Pasts {
  readonly #pasts = new Map<string, Past>();

  of(worker: string): Past {
    return this.#pasts.get(worker) ?? NOTHING;
  }

  /** Told of each entry when it is written, and again when its outcome is known. */
  learn(entry: JournalEntry): void {
    if (entry.worker === null) return;
    const change = changeBy(entry);
    if (change !== null) this.#pasts.set(entry.worker, { ...this.of(entry.worker), ...change });
  }
}

const changeBy = ({ action, outcome, reason, time }: JournalEntry): Partial<Past> | null => {
  const at = Date.parse(outcome?.time ?? time);
  if (action === 'start') return outcome === null ? { startedAt: at, exitStatus: null, spawnError: '' } : null;
  if (action === 'exit') return { endedAt: at, ...exitOf(reason) };
  if (action === 'backoff' || action === 'fatal' || action === 'hold') return { spawnError: errorOf(reason) };
  if (!ENDINGS.has(action) || typeof outcome?.evidence['pid'] !== 'number') return null;
  return { endedAt: at, exitStatus: statusOf(outcome.evidence) };
};

const ENDINGS: ReadonlySet<JournalEntry['action']> = new Set(['stop', 'recycle', 'kill']);

const statusOf = ({ code }: JournalEntry['reason']['evidence']): number => (typeof code === 'number' ? code : -1);

const exitOf = ({ evidence, rule }: JournalEntry['reason']): Partial<Past> => {
  const exitStatus = statusOf(evidence);
  if (rule === 'exit.tooQuick') return { exitStatus: null, spawnError: TOO_QUICK };
  return { exitStatus, spawnError: rule === 'exit.unexpected' ? `Bad exit code ${exitStatus}` : '' };
};

/** What kept a process from being spawned at all has its own sentence. */
const errorOf = ({ rule, evidence }: JournalEntry['reason']): string => {
  const { field, text } = evidence;
  return typeof field === 'string' && typeof text === 'string' ? text : (ERRORS[rule] ?? '');
};
