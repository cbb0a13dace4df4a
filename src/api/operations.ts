/** What the server can be asked to do. The controller implements it (controller/operations.ts); HTTP is one adapter over it. */
import type { BisectReport, BisectRequest } from './bisect-types.ts';
import type {
  Command,
  CommandReply,
  Explanation,
  JournalEntry,
  LogFiles,
  ReloadReply,
  Status,
  WorkerTrace,
} from './types.ts';

/** A request that cannot be served; the text is for the person who asked. */
export class OperationError extends Error {
  readonly code: 'badRequest' | 'notFound';

  constructor(code: 'badRequest' | 'notFound', text: string) {
    super(text);
    this.code = code;
  }
}

export interface JournalFilter {
  /** Entries at or after this time (milliseconds since the epoch); null: all that are kept. */
  since: number | null;
  name: string | null;
  /** The newest so many. */
  limit: number;
}

/** All but `command` and `beginBisect` answer from memory. They throw OperationError for names that do not exist. */
export interface Operations {
  status(names: readonly string[]): Status;
  journal(filter: JournalFilter): JournalEntry[];
  /** Null: everything that is not as it should be. */
  explain(of: string | null): Explanation;
  logs(name: string): LogFiles;
  trace(name: string): WorkerTrace;
  command(command: Command): Promise<CommandReply>;
  /** Read workers.yaml again and bring it into force; `dryRun`: only say what that would do. */
  reload(options: { dryRun: boolean }): ReloadReply;
  /** Begin to look for the extension that leaks. */
  beginBisect(request: BisectRequest): Promise<BisectReport>;
  /** Of the one that runs, or of the last; one that nobody asks about ends. */
  bisect(): BisectReport;
  endBisect(): BisectReport;
  /** New entries, and entries whose outcome became known; returns the way to stop listening. */
  onJournal(listener: (entry: JournalEntry) => void): () => void;
}
