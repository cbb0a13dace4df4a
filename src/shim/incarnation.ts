/** One process life: prepared, started, recorded, stopped, swept. */
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../linux/clock.ts';
import { sendSignal, signalProcess } from '../linux/process-identity.ts';
import { Beside } from './beside.ts';
import { Climb } from './climb.ts';
import { execChain, unrecorded } from './exec-chain.ts';
import { sweep } from './group.ts';
import type { Ladder, LadderAction, Moment } from './ladder.ts';
import { killTree } from './last-rung.ts';
import { writeOomScoreAdj } from './oom-score.ts';
import { OwnRecord, RECORD_DEADLINE_MS } from './own-record.ts';
import type { ExitStatus, IncarnationReport, StopBy } from './protocol.ts';
import type { Ceilings, SpawnSpec, StopPlan } from './spawn-spec.ts';
import type { SpawnRecord } from './record.ts';
import { encodePast } from './samples.ts';
import { shimLog } from './shim-log.ts';
import { SpawnProblem, checkSpawn } from './spawn-checks.ts';
import type { SpawnContext } from './spawn-context.ts';
import { spawnChild } from './spawner.ts';
import type { ChildHandle } from './spawner.ts';
import { workerEnvironment } from './worker-environment.ts';
import { WorkerGate } from './worker-gate.ts';
import { WorkerInput } from './worker-input.ts';
import { WorkerOutput, discardOutput, prepareOutput } from './worker-output.ts';
import type { PreparedOutput } from './worker-output.ts';
import type { Account } from '../linux/passwd.ts';

/** How long the exit of a worker waits for the rest of its output. A respawn must begin within 50 ms. */
const OUTPUT_GRACE_MS = 15;

interface Process {
  child: ChildHandle;
  output: WorkerOutput;
  spawnedAt: number;
  spawnedWall: number;
  /** Null until the exec chain recorded itself. */
  record: SpawnRecord | null;
}

type Life = { kind: 'preparing' } | ({ kind: 'alive' } & Process) | { kind: 'over' };

export class Incarnation {
  readonly spec: SpawnSpec;
  readonly handle: number;
  readonly #context: SpawnContext;
  readonly #over: () => void;
  readonly #record: OwnRecord;
  readonly #climb: Climb;
  #ceilings: Ceilings;
  #hardPlan: StopPlan;
  #oomScoreAdj: number;
  #life: Life = { kind: 'preparing' };
  #gate: WorkerGate | null = null;
  #input: WorkerInput | null = null;
  readonly #beside: Beside;

  /** `over` is called once: the incarnation is gone, or was never started, and its fact is out. */
  constructor(spec: SpawnSpec, handle: number, context: SpawnContext, over: () => void) {
    this.spec = spec;
    this.handle = handle;
    this.#context = context;
    this.#over = over;
    this.#ceilings = spec.ceilings;
    this.#hardPlan = spec.hardPlan;
    this.#oomScoreAdj = spec.oomScoreAdj;
    this.#beside = new Beside(spec, context);
    this.#record = new OwnRecord(context.directories.records, spec.incarnation);
    this.#climb = new Climb(
      (ladder) => this.#moment(ladder),
      (action) => this.#act(action),
    );
  }

  /** The ladder of this process where nobody orders another. */
  get hardPlan(): StopPlan {
    return this.#hardPlan;
  }

  get pid(): number | null {
    return this.#life.kind === 'alive' ? this.#life.child.pid : null;
  }

  /** For the attach of a controller; null while there is no recorded process: its `spawned` fact is still to come. */
  report(): IncarnationReport | null {
    const life = this.#life;
    if (life.kind !== 'alive' || life.record === null) return null;
    return {
      note: this.spec.note,
      incarnation: this.spec.incarnation,
      handle: this.handle,
      pid: life.child.pid,
      startTime: life.record.startTime,
      spawnedAt: life.spawnedAt,
      spawnedWall: life.spawnedWall,
      phase: this.#climb.ladder.phase,
      ceilings: this.#ceilings,
      oomScoreAdj: this.#oomScoreAdj,
      ready: this.#beside.isReady,
      past: encodePast(this.#context.sampler.past(this.handle)),
    };
  }

  /** Check, prepare, then start in a turn of its own. */
  async start(): Promise<void> {
    try {
      const account = await checkSpawn(this.spec, this.#context.accounts, this.#context.tools.setpriv);
      await this.#beside.beforeStart(account);
      this.#gate = await this.#openGate(account);
      this.#input = await WorkerInput.open(this.spec, account, this.#context);
      const prepared = await prepareOutput(this.spec, this.#context);
      this.#context.queue.add(() => this.#spawn(account, prepared));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A stop may come before the process is there; it is then carried out as soon as it is. */
  stop(by: StopBy, plan: StopPlan): void {
    // What has a gate drains, also where its program has none any more: the plan is of the configuration, the gate of the process.
    const quiesce = plan.quiesce || (this.spec.hardPlan.quiesce && plan.kill !== 'now');
    const order = (): void => this.#climb.step({ kind: 'stop', by, plan: { ...plan, quiesce } });
    if (this.#life.kind === 'preparing') this.#beside.over();
    const hook = this.pid === null ? null : this.#beside.beforeStop(by, plan, this.pid);
    void (hook === null ? order() : hook.then(order));
  }

  /** Throws a sentence when it cannot be written. */
  writeStdin(text: string): void {
    const input = this.pid === null ? null : this.#input;
    if (input === null) throw new Error(`${this.spec.incarnation} has no stdin: it needs stdin: open, and a process.`);
    input.write(text);
  }

  signal(signal: string): boolean {
    return this.pid !== null && sendSignal(this.pid, signal);
  }

  /** Another configuration holds; the process is the same. */
  setLimits({ ceilings, hardPlan }: { ceilings: Ceilings; hardPlan?: StopPlan }): void {
    this.#ceilings = ceilings;
    this.#context.sampler.setCeilings(this.handle, ceilings);
    if (hardPlan !== undefined) this.#hardPlan = hardPlan;
  }

  /** Throws a sentence when the kernel refuses. */
  setOomScoreAdj(scoreAdj: number): void {
    if (this.pid === null) return;
    writeOomScoreAdj(this.pid, scoreAdj, this.spec.incarnation);
    this.#oomScoreAdj = scoreAdj;
  }

  async #openGate(account: Account | null): Promise<WorkerGate | null> {
    const { gate: spec, incarnation, note } = this.spec;
    if (spec === null) return null;
    return WorkerGate.open({
      spec,
      incarnation,
      program: note.program,
      clamps: this.#context.clamps,
      nodes: this.#context.nodes,
      table: this.#context.poison.of(note.program),
      uid: account?.uid ?? process.geteuid?.() ?? 0,
      pid: () => this.pid,
      drained: () => this.#climb.step({ kind: 'drained' }),
      stuck: (blind) => this.#climb.step({ kind: 'stuck', blind }),
      fact: (fact) => {
        this.#context.facts.add(fact);
        if (fact.kind === 'consuming') this.#beside.consuming();
      },
    });
  }

  #spawn(account: Account | null, prepared: PreparedOutput): void {
    if (this.#climb.ladder.phase !== 'running') {
      discardOutput(prepared, this.#context);
      this.#fail(new SpawnProblem('command', 'It was stopped before it had been started.'));
      return;
    }
    let output: WorkerOutput | null = null;
    try {
      output = new WorkerOutput(prepared, account, this.#context, (bytes) => this.#beside.said(bytes));
      const child = this.#spawnChain(account, output);
      output.spawned(child.pid);
      this.#life = { kind: 'alive', child, output, spawnedAt: monotonicMs(), spawnedWall: Date.now(), record: null };
      child.onExit((status) => void this.#exited(status));
      this.#gate?.workerStarted();
      void this.#awaitRecord();
    } catch (error) {
      if (output === null) discardOutput(prepared, this.#context);
      else output.workerGone();
      this.#fail(error);
    }
  }

  #spawnChain(account: Account | null, output: WorkerOutput): ChildHandle {
    const { boot, tools, directories } = this.#context;
    const user = account === null || account.uid === process.geteuid?.() ? null : account;
    return spawnChild({
      argv: execChain({ spec: this.spec, boot, recordPath: this.#record.path, user, tools }),
      directory: this.spec.directory,
      environment: { ...workerEnvironment(this.spec, directories.life, account), ...this.#gate?.environment },
      stdin: this.#input?.descriptor ?? null,
      ...output.descriptors,
    });
  }

  #fail(error: unknown): void {
    this.#life = { kind: 'over' };
    this.#climb.step({ kind: 'gone' });
    this.#beside.over();
    this.#gate?.close();
    this.#input?.close();
    const text = error instanceof Error ? error.message : String(error);
    const field = error instanceof SpawnProblem ? error.field : 'command';
    // Taken along by the end of this shim: no failed start. Whoever attaches to the next shim finds it missing, and starts it there.
    if (this.#climb.ladder.report?.by !== 'shim')
      this.#context.facts.add({ kind: 'spawnFailed', incarnation: this.spec.incarnation, field, text });
    this.#over();
  }

  async #awaitRecord(): Promise<void> {
    if (await this.#record.comes(() => this.#life.kind !== 'alive' || this.#noteRecord())) return;
    shimLog(`${this.spec.incarnation} did not record itself within ${RECORD_DEADLINE_MS / 1000} s and is killed.`);
    this.#act({ kind: 'killGroup' });
  }

  /** Take note of the record once it is complete; from then on the worker counts as spawned. */
  #noteRecord(): boolean {
    const life = this.#life;
    if (life.kind !== 'alive') return false;
    if (life.record !== null) return true;
    const record = this.#record.read();
    if (record === null) return false;
    life.record = record;
    const { pid } = life.child;
    const { startTime, oomScoreAdj } = record;
    const { incarnation } = this.spec;
    this.#context.facts.add({ kind: 'spawned', incarnation, handle: this.handle, pid, startTime, oomScoreAdj });
    const gate = this.#gate;
    this.#context.sampler.add(
      this.handle,
      { pid, startTime },
      {
        ceilings: this.#ceilings,
        gate: gate === null ? null : () => gate.figures(),
      },
    );
    this.#beside.spawned(life.spawnedWall);
    return true;
  }

  #moment({ phase, plan }: Ladder): Moment {
    const idle = phase !== 'settling' || this.#gate === null || this.#gate.isIdle(plan?.settleMs ?? 0);
    const inFlight = this.#life.kind === 'alive' ? (this.#gate?.inFlight ?? null) : null;
    return { now: monotonicMs(), wall: Date.now(), inFlight, idle };
  }

  #act(action: LadderAction): void {
    const { pid } = this;
    if (pid === null) return;
    try {
      switch (action.kind) {
        case 'quiesce':
          this.#gate?.quiesce();
          return;
        case 'resume':
          this.#gate?.resume();
          return;
        case 'signal':
          // Not reaped yet, so the pid is still its own, even if it is a zombie.
          sendSignal(pid, action.signal);
          return;
        case 'killGroup':
          sendSignal(-pid, 'SIGKILL');
          return;
        case 'killDescendants':
          for (const descendant of this.#context.sampler.descendants(this.handle)) signalProcess(descendant, 'SIGKILL');
          void this.#context.sweeper.killMarked(this.spec.incarnation, pid);
          return;
        case 'killTree':
          killTree(pid);
      }
    } catch (error) {
      shimLog(`${action.kind} of ${this.spec.incarnation} (pid ${pid}) failed: ${String(error)}`);
    }
  }

  async #exited(status: ExitStatus): Promise<void> {
    const life = this.#life;
    if (life.kind !== 'alive') return;
    const recorded = this.#noteRecord();
    const { pid } = life.child;
    const { spawnedAt, spawnedWall } = life;
    // From here on the pid may become a stranger's.
    this.#life = { kind: 'over' };
    this.#climb.step({ kind: 'gone' });
    const swept = sweep(this.spec.incarnation, pid, this.#context.sampler.descendants(this.handle));
    const lastSample = this.#context.sampler.remove(this.handle);
    this.#input?.close();
    this.#beside.over();
    life.output.workerGone();
    this.#record.remove();
    this.#context.sweeper.schedule();
    await this.#gate?.readOut();
    const gate = this.#gate?.figures() ?? null;
    this.#gate?.workerEnded(status, this.#climb.ladder.report);
    this.#gate?.close();
    await Promise.race([life.output.drained, sleep(OUTPUT_GRACE_MS)]);
    if (!recorded) {
      this.#fail(new SpawnProblem('command', unrecorded(status)));
      return;
    }
    const { incarnation } = this.spec;
    const stop = this.#climb.ladder.report;
    const hook = this.#beside.afterStop(status);
    if (hook !== null && !this.#isUrgent()) await hook;
    this.#context.facts.add({
      kind: 'exited',
      incarnation,
      pid,
      spawnedAt,
      spawnedWall,
      status,
      stop,
      lastSample,
      gate,
      swept,
    });
    if (hook !== null) await hook;
    this.#over();
  }

  /** Neither `--now` nor a ceiling waits for a hook. */
  #isUrgent(): boolean {
    const { report, plan } = this.#climb.ladder;
    return report?.by === 'hard' || report?.by === 'kill' || plan?.kill === 'now';
  }
}
