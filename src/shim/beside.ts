/**
 * What runs beside one process of a worker: its hooks, and the check that says when it is ready. Each hook runs once for a process,
 * whatever becomes of the controller, and never beyond its deadline.
 *
 *     starting ──(recorded)──▶ watching ──(the check)──▶ ready ──▶ over
 */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../linux/passwd.ts';
import { linePattern } from './log-pattern.ts';
import type { LinePattern } from './log-pattern.ts';
import { MARKER_VARIABLE } from './marked-processes.ts';
import type { HookName } from './beside-spec.ts';
import type { ExitStatus, StopBy } from './protocol.ts';
import type { SpawnSpec, StopPlan } from './spawn-spec.ts';
import { shimLog } from './shim-log.ts';
import { runBeside } from './side-command.ts';
import type { SideOutcome } from './side-command.ts';
import { SpawnProblem } from './spawn-checks.ts';
import type { SpawnContext } from './spawn-context.ts';
import { workerEnvironment } from './worker-environment.ts';

/** One try of a command that checks. */
const CHECK_MS = 10_000;
/** The kernel stamps files with a clock that ticks this seldom. */
const FILE_CLOCK_MS = 10;
const EXCERPT = 300;

type Phase = 'starting' | 'seen' | 'watching' | 'ready' | 'over';

export class Beside {
  readonly #spec: SpawnSpec;
  readonly #context: SpawnContext;
  readonly #ended = new AbortController();
  #account: Account | null = null;
  #phase: Phase = 'starting';
  #pattern: LinePattern | null = null;
  #spawnedWall = 0;
  #beforeStop: Promise<void> | null = null;

  constructor(spec: SpawnSpec, context: SpawnContext) {
    this.#spec = spec;
    this.#context = context;
  }

  /** Whether its check has said so, or it has none. */
  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  /** Runs the hook; rejects with SpawnProblem when it fails and is not to be ignored. */
  async beforeStart(account: Account | null): Promise<void> {
    this.#account = account;
    const { hooks } = this.#spec;
    const outcome = hooks == null ? null : await this.#hook('beforeStart');
    if (outcome === null || outcome.ok || hooks?.onFailure === 'ignore') return;
    throw new SpawnProblem('hooks.beforeStart', `hooks.beforeStart ${outcome.how}${excerpt(outcome)}`);
  }

  /** The process is there and recorded: whatever is said of it from here on comes after its `spawned`. */
  spawned(spawnedWall: number): void {
    const seen = this.#phase === 'seen';
    this.#phase = 'watching';
    this.#spawnedWall = spawnedWall;
    if (this.#spec.ready == null || seen) this.#ready();
    else void this.#watch();
  }

  /** Output of the worker. */
  said(bytes: Buffer): void {
    const { ready } = this.#spec;
    if (ready?.check !== 'log' || (this.#phase !== 'starting' && this.#phase !== 'watching')) return;
    try {
      this.#pattern ??= linePattern(ready.text);
      if (bytes.toString('utf8').split('\n').some(this.#pattern)) this.#ready();
    } catch (error) {
      shimLog(`ready.log of ${this.#spec.note.program} is given up for ${this.#spec.incarnation}: ${String(error)}`);
      this.#pattern = () => false;
    }
  }

  consuming(): void {
    if (this.#spec.ready?.check === 'consuming') this.#ready();
  }

  /** What a stop waits for; null: nothing (any more). Neither `--now` nor a ceiling waits. */
  beforeStop(by: StopBy, plan: StopPlan, pid: number | null): Promise<void> | null {
    const isUrgent = plan.kill === 'now' || by === 'hard' || by === 'kill';
    if (this.#spec.hooks?.beforeStop == null || isUrgent || this.#phase === 'over') return null;
    this.#beforeStop ??= this.#hook('beforeStop', { ACKWARDEN_PID: String(pid ?? '') }).then(() => undefined);
    return this.#beforeStop;
  }

  /** The process is gone, or never came: nothing runs beside it any more but what follows its end. */
  over(): void {
    this.#phase = 'over';
    this.#ended.abort();
  }

  /** Null: there is no such hook. Resolves at its deadline at the latest. */
  afterStop({ code, signal }: ExitStatus): Promise<void> | null {
    if (this.#spec.hooks?.afterStop == null) return null;
    const how = { ACKWARDEN_EXIT_CODE: String(code ?? ''), ACKWARDEN_EXIT_SIGNAL: signal ?? '' };
    return this.#hook('afterStop', how, new AbortController().signal).then(() => undefined);
  }

  #ready(): void {
    if (this.#phase === 'starting') this.#phase = 'seen';
    if (this.#phase !== 'watching') return;
    this.#phase = 'ready';
    const { incarnation, ready, hooks } = this.#spec;
    if (ready != null) this.#context.facts.add({ kind: 'ready', incarnation });
    if (hooks?.afterStart != null) void this.#hook('afterStart');
  }

  /** Look until it is ready, or too late: the controller then counts the start as failed. */
  async #watch(): Promise<void> {
    const { ready } = this.#spec;
    if (ready == null || (ready.check !== 'file' && ready.check !== 'command')) return;
    const deadline = Date.now() + ready.timeoutMs;
    while (this.#phase === 'watching' && Date.now() < deadline) {
      const holds =
        ready.check === 'file' ? await this.#isThere(ready.path) : (await this.#run(ready.argv, CHECK_MS)).ok;
      if (holds) this.#ready();
      else await sleep(ready.intervalMs);
    }
  }

  async #isThere(path: string): Promise<boolean> {
    try {
      const { mtimeMs } = await stat(resolve(this.#spec.directory, path));
      return mtimeMs >= this.#spawnedWall - FILE_CLOCK_MS;
    } catch {
      // Not there yet, or not to be seen: not ready.
      return false;
    }
  }

  async #hook(
    hook: HookName,
    more: Record<string, string> = {},
    cancelled: AbortSignal = this.#ended.signal,
  ): Promise<SideOutcome> {
    const { hooks, incarnation } = this.#spec;
    const argv = hooks?.[hook] ?? null;
    if (hooks == null || argv === null) return { ok: true, how: '', output: '', tookMs: 0 };
    const outcome = await this.#run(argv, hooks.timeoutMs, { ...more, ACKWARDEN_HOOK: hook }, cancelled);
    const { ok, how, tookMs } = outcome;
    this.#context.facts.add({ kind: 'hook', incarnation, hook, ok, text: `${how}${excerpt(outcome)}`, tookMs });
    return outcome;
  }

  #run(
    argv: readonly string[],
    timeoutMs: number,
    more: Record<string, string> = {},
    cancelled: AbortSignal = this.#ended.signal,
  ): Promise<SideOutcome> {
    const { tools, directories } = this.#context;
    const account = this.#account;
    // Without the mark: it is not the worker, and may outlive it (the sweeper looks for marks).
    const { [MARKER_VARIABLE]: _mark, ...environment } = workerEnvironment(this.#spec, directories.life, account);
    return runBeside({
      argv,
      environment: { ...environment, ...more },
      directory: this.#spec.directory,
      user: account === null || account.uid === process.geteuid?.() ? null : account,
      setpriv: tools.setpriv,
      timeoutMs,
      cancelled,
    });
  }
}

const excerpt = ({ output }: SideOutcome): string => (output === '' ? '' : `: ${output.slice(-EXCERPT)}`);
