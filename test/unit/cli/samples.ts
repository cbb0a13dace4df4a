/** Statuses, entries and a context for the tests of the command line. */
import type { JournalEntry, Status, WorkerStatus } from '../../../src/api/types.ts';
import type { Context, Output } from '../../../src/cli/context.ts';
import type { Terminal } from '../../../src/cli/terminal.ts';

export const MiB = 1024 * 1024;
export const NOW = Date.parse('2026-11-22T21:10:00Z');

export function makeWorker(over: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    name: 'shop:0',
    program: 'shop',
    state: 'RUNNING',
    pid: 4711,
    incarnation: 1,
    startedAt: '2026-11-22T21:00:00Z',
    command: 'php artisan task:event',
    rssBytes: 100 * MiB,
    swapBytes: 0,
    pssBytes: null,
    cpuPercent: 12.4,
    userPercent: null,
    systemPercent: null,
    voluntarySwitchesPerSecond: null,
    involuntarySwitchesPerSecond: null,
    threads: 1,
    anonBytes: null,
    virtualBytes: null,
    treeBytes: null,
    zendHeapBytes: null,
    zendHeapRealBytes: null,
    nativeBytes: null,
    trend: 'flat',
    growthBytesPerMinute: 0,
    growthBytesPerMessage: null,
    oomScore: null,
    oomScoreAdj: null,
    softBytes: 256 * MiB,
    hardBytes: 512 * MiB,
    killBytes: 640 * MiB,
    inFlight: null,
    oldestUnacknowledgedSeconds: null,
    prefetch: null,
    delivered: null,
    acknowledged: null,
    redelivered: null,
    restarts: 0,
    recycles: 3,
    sampledAt: null,
    replacement: null,
    leaving: [],
    lastAction: null,
    note: null,
    ...over,
  };
}

export function makeStatus(workers: WorkerStatus[] = [makeWorker()], over: Partial<Status> = {}): Status {
  return {
    controller: { pid: 1, version: '0.1.0', uptimeSeconds: 3725, shimPid: 2 },
    host: {
      memoryTotalBytes: 8192 * MiB,
      memoryAvailableBytes: 3072 * MiB,
      swapTotalBytes: 0,
      swapFreeBytes: 0,
      swapInBytesPerSecond: null,
      swapOutBytesPerSecond: null,
      load1: 0.42,
      cpuPercent: null,
      softirqPercent: null,
      stallPercent: null,
    },
    workers,
    warnings: [],
    ...over,
  };
}

export function makeEntry(over: Partial<JournalEntry> = {}): JournalEntry {
  return {
    id: 'e1',
    time: '2026-11-22T21:03:11Z',
    action: 'recycle',
    worker: 'shop:0',
    program: 'shop',
    pid: 4711,
    incarnation: 1,
    cause: null,
    reason: {
      rule: 'memory.hard',
      text: 'Recycled shop:0 (pid 4711): 517 MiB passed 512 MiB.',
      evidence: {},
      policy: null,
    },
    outcome: null,
    ...over,
  };
}

export function makeOutcome(text: string, ok = true): NonNullable<JournalEntry['outcome']> {
  return { ok, text, time: '2026-11-22T21:03:12Z', tookMs: 310, evidence: {} };
}

export const PLAIN: Terminal = { tty: false, columns: 80, rows: 24, colour: false, unicode: true };

export interface RecordedContext extends Context {
  out(): string;
  err(): string;
  interrupt(): void;
  /** Resolves when something was written to stdout for which `done` holds; also if it holds already. */
  outUntil(done: (text: string) => boolean): Promise<void>;
}

export function recordContext(
  over: { stdout?: Partial<Terminal>; stderr?: Partial<Terminal>; cwd?: string } = {},
): RecordedContext {
  const texts = { out: '', err: '' };
  const waiting = new Set<() => void>();
  const controller = new AbortController();
  const output = (key: 'out' | 'err', terminal: Terminal): Output => {
    const write = (text: string): void => {
      texts[key] += text;
      for (const look of waiting) look();
    };
    return { write, writeBytes: (bytes) => write(Buffer.from(bytes).toString('latin1')), terminal };
  };
  return {
    stdout: output('out', { ...PLAIN, ...over.stdout }),
    stderr: output('err', { ...PLAIN, ...over.stderr }),
    env: {},
    cwd: over.cwd ?? '/',
    uid: 1000,
    now: () => NOW,
    interrupted: () => controller.signal,
    out: () => texts.out,
    err: () => texts.err,
    interrupt: () => controller.abort(),
    outUntil: (done) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!done(texts.out)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
