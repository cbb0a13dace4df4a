/**
 * A whole installation in a temporary directory: workers.yaml, the real `ackwarden run` from dist/, its journal and its socket.
 * Everything it started is ended by `dispose`, by pid.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../../src/api/client.ts';
import type { Client } from '../../../src/api/client.ts';
import type { JournalEntry, Status, WorkerStatus } from '../../../src/api/types.ts';
import { endAllOf } from './left-behind.ts';

export { isAlive, signalQuietly } from './processes.ts';

export const MAIN = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
/** Far beyond what anything here takes: only a failure waits for it, on a machine of whatever load. */
const DEADLINE_MS = 90_000;

export interface Run {
  process: ChildProcess;
  pid: number;
  /** stdout and stderr so far. */
  output: () => string;
  /** It has ended, and all that it printed has been read. */
  exited: Promise<number | null>;
}

export class Site {
  readonly root: string;
  readonly client: Client;
  /** The executable that is installed; an upgrade puts another one there. */
  main = MAIN;
  readonly #runs: Run[] = [];

  /** @param programs the `programs:` of workers.yaml; `extra`: further top-level keys */
  constructor(programs: Record<string, unknown>, extra: Record<string, unknown> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'ackwarden e2e '));
    this.configure(programs, extra);
    this.client = createClient({ socketPath: join(this.root, 'state', 'control.sock'), configuration: null });
  }

  get file(): string {
    return join(this.root, 'workers.yaml');
  }

  path(...parts: string[]): string {
    return join(this.root, ...parts);
  }

  /** JSON is YAML. */
  configure(programs: Record<string, unknown>, extra: Record<string, unknown> = {}): void {
    const document = {
      version: 1,
      stateDir: 'state',
      dataDir: 'data',
      logDir: 'log',
      host: { reserve: 0 },
      ...extra,
      programs,
    };
    writeFileSync(this.file, JSON.stringify(document, null, 2));
  }

  /** Write the file as it is to be, for what JSON cannot say. */
  rewrite(text: string): void {
    writeFileSync(this.file, text);
  }

  /** Start `ackwarden run`; resolves once the controller answers, or has ended. */
  async run(environment: Record<string, string> = {}): Promise<Run> {
    const child = spawn(process.execPath, [this.main, 'run', '-c', this.file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...environment },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    const run: Run = { process: child, pid: child.pid ?? 0, output: () => said, exited };
    this.#runs.push(run);
    const answers = this.until(
      async () => (await this.client.status([])).controller.pid === run.pid,
      'the controller answers',
    );
    await Promise.race([answers, exited]);
    return run;
  }

  /** Run a command of the CLI to its end. */
  async cli(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [this.main, ...args, '-c', this.file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  }

  async worker(name: string): Promise<WorkerStatus> {
    const found = (await this.client.status([name])).workers[0];
    if (found === undefined) throw new Error(`no worker ${name}`);
    return found;
  }

  /** Wait for a state of affairs; where the journal tells of it, prefer untilEntry. */
  async until(holds: () => Promise<boolean> | boolean, what: string, deadlineMs = DEADLINE_MS): Promise<void> {
    const deadline = Date.now() + deadlineMs;
    let last: unknown = null;
    while (Date.now() < deadline) {
      try {
        if (await holds()) return;
      } catch (error) {
        last = error;
      }
      await pause(20);
    }
    throw new Error(
      `waited ${deadlineMs} ms in vain until ${what}${last instanceof Error ? ` (${last.message})` : ''}`,
    );
  }

  untilStatus(holds: (status: Status) => boolean, what: string): Promise<void> {
    return this.until(async () => {
      const status = await this.client.status([]);
      if (holds(status)) return true;
      throw new Error(
        status.workers.map(({ name, state, note }) => `${name} ${state} ${note ?? ''}`.trim()).join(', '),
      );
    }, what);
  }

  /** All of these run, or everybody does. */
  async untilRunning(...names: string[]): Promise<void> {
    await this.untilStatus(
      ({ workers }) => {
        const asked = workers.filter(({ name }) => names.length === 0 || names.includes(name));
        return asked.length >= names.length && asked.every(({ state }) => state === 'RUNNING');
      },
      `${names.join(', ') || 'all'} run`,
    );
  }

  /** What a process prints comes through a pipe, and so later than its answers and its deeds. */
  async untilPrinted({ output }: Run, text: string): Promise<void> {
    await this.until(() => output().includes(text), `it prints ${text}`);
  }

  async untilEntry(matches: (entry: JournalEntry) => boolean, what: string): Promise<JournalEntry> {
    let found: JournalEntry | undefined;
    await this.until(async () => {
      found = (await this.client.journal({})).find(matches);
      return found !== undefined;
    }, what);
    if (found === undefined) throw new Error(what);
    return found;
  }

  log(name: string): string {
    try {
      return readFileSync(this.path('log', name), 'utf8');
    } catch {
      return '';
    }
  }

  /** Shut everything down and remove the directory; whatever does not go is killed by pid. */
  async dispose(): Promise<void> {
    for (const run of this.#runs) {
      if (run.process.exitCode !== null || run.process.signalCode !== null) continue;
      run.process.kill('SIGTERM');
      // A test that failed may have left it stopped, or unread.
      run.process.kill('SIGCONT');
      for (const stream of [run.process.stdout, run.process.stderr]) stream?.resume();
      const killer = setTimeout(() => run.process.kill('SIGKILL'), 30_000);
      await run.exited;
      clearTimeout(killer);
    }
    await endAllOf(this.root);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
