/**
 * A shim without processes: it answers spawns and stops after random delays, reports facts in order and loses none while it lives.
 * Its processes crash, exit, pass ceilings and ignore TERM as their program's behaviour says.
 */
import type { FactBody, StopBy } from '../../src/shim/protocol.ts';
import type { StopPlan } from '../../src/shim/spawn-spec.ts';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { Behaviour } from './scenario.ts';

export interface Process {
  id: string;
  worker: string;
  program: string;
  number: number;
  role: 'current' | 'replacement';
  spec: string;
  /** Null while the spawn waits in the queue. */
  pid: number | null;
  spawnedAt: number;
  ready: boolean;
  stop: { by: StopBy; beganAt: number; signalledAt: number; endsAt: number } | null;
}

export interface Surroundings {
  clock: Clock;
  random: Random;
  behaviourOf: (program: string) => Behaviour;
  /** A worker of this program cannot live without a broker that is away. */
  dependsOnDeadBroker: (program: string) => boolean;
  report: (fact: FactBody) => void;
  /** Its processes have a ready check. */
  checksReady: (program: string) => boolean;
  /** A process is over its soft ceiling: samples say so while it lives. */
  soft: (id: string) => void;
}

const HARD_PLAN: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 0,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'TERM',
  stopTimeoutMs: 10_000,
  kill: 'afterTimeout',
};

export class FakeShim {
  readonly pid: number;
  readonly processes = new Map<string, Process>();
  alive = true;
  readonly #world: Surroundings;
  #nextPid: number;
  /** It was told to end; called once nothing is left in it. */
  #empty: (() => void) | null = null;

  constructor(pid: number, world: Surroundings) {
    this.pid = pid;
    this.#nextPid = pid + 1;
    this.#world = world;
  }

  spawn(order: Pick<Process, 'worker' | 'program' | 'number' | 'role' | 'spec'> & { incarnation: string }): void {
    const { incarnation: id, ...rest } = order;
    const { clock, random, behaviourOf } = this.#world;
    if (this.#empty !== null) return;
    const process: Process = { ...rest, id, pid: null, spawnedAt: clock.now, ready: false, stop: null };
    this.processes.set(id, process);
    this.#later(random.between(0, 200), process, () => {
      const cancelled = process.stop !== null && random.chance(0.5);
      if (cancelled || random.chance(behaviourOf(order.program).spawnFails)) {
        this.processes.delete(id);
        if (process.stop?.by !== 'shim')
          this.#world.report({ kind: 'spawnFailed', incarnation: id, field: 'command', text: 'not found' });
        this.#endIfEmpty();
      } else this.#begin(process);
    });
  }

  /** A second stop only shortens. A process that is gone already is nobody's. */
  stop(id: string, plan: StopPlan, by: StopBy = 'controller'): void {
    const process = this.processes.get(id);
    if (process === undefined) return;
    const { clock, random, behaviourOf } = this.#world;
    const signalledAt = clock.now + (plan.quiesce ? random.between(0, plan.drainTimeoutMs) : 0);
    const patience = behaviourOf(process.program).ignoresTerm
      ? plan.stopTimeoutMs
      : random.between(0, plan.stopTimeoutMs);
    const endsAt = plan.kill === 'now' ? clock.now + random.between(0, 5) : signalledAt + patience;
    if (process.stop !== null && process.stop.endsAt <= endsAt) return;
    process.stop = { by: process.stop?.by ?? by, beganAt: process.stop?.beganAt ?? clock.now, signalledAt, endsAt };
    if (process.pid !== null) this.#endWhenStopped(process);
  }

  /** The spawns that wait are forgotten, as a shim may do when a new controller attaches. */
  dropQueue(): void {
    for (const process of this.processes.values()) if (process.pid === null) this.processes.delete(process.id);
    this.#endIfEmpty();
  }

  /** SIGTERM: every process is stopped, no other is started, then it ends. */
  endAll(empty: () => void): void {
    this.#empty = empty;
    for (const id of this.processes.keys()) this.stop(id, HARD_PLAN, 'shim');
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#empty === null || this.processes.size > 0) return;
    // It waits until everything it said was heard.
    this.#world.clock.after(1_000, this.#empty);
  }

  die(): void {
    this.alive = false;
    this.processes.clear();
  }

  end(process: Process, code: number | null): void {
    if (!this.processes.delete(process.id)) return;
    const { stop } = process;
    const report = stop && {
      by: stop.by,
      beganAt: stop.beganAt,
      drainedAt: null,
      unacknowledged: null,
      signal: 'SIGTERM',
      signalledAt: stop.signalledAt,
      signalledWall: 0,
      killedAt: null,
    };
    this.#world.report({
      kind: 'exited',
      incarnation: process.id,
      pid: process.pid ?? 0,
      spawnedAt: process.spawnedAt,
      spawnedWall: 0,
      status: code === null ? { code: null, signal: 'SIGKILL' } : { code, signal: null },
      stop: report,
      lastSample: null,
      gate: null,
      swept: 0,
    });
    this.#endIfEmpty();
  }

  #begin(process: Process): void {
    const { clock, random, behaviourOf, report, soft } = this.#world;
    process.pid = this.#nextPid;
    this.#nextPid += 1;
    process.spawnedAt = clock.now;
    const { id, pid } = process;
    report({ kind: 'spawned', incarnation: id, handle: pid, pid, startTime: clock.now, oomScoreAdj: null });
    if (process.stop !== null) this.#endWhenStopped(process);
    // Soon, late, or never within the time that a replacement is given.
    this.#later(random.between(0, 20_000), process, () => report({ kind: 'consuming', incarnation: id }));
    const fate = behaviourOf(process.program);
    // Soon, or only just too late.
    if (this.#world.checksReady(process.program) && !random.chance(fate.unready))
      this.#later(random.between(0, fate.unready === 0 ? 4_000 : 6_000), process, () => {
        process.ready = true;
        report({ kind: 'ready', incarnation: id });
      });
    const exit = (): void => this.end(process, fate.exitCode);
    this.#later(random.between(0, 3_000), process, () => {
      if (this.#world.dependsOnDeadBroker(process.program)) this.end(process, 1);
    });
    if (random.chance(fate.exitsEarly)) this.#later(random.between(0, 900), process, exit);
    else if (random.chance(fate.exits)) this.#later(random.between(1_000, 60_000), process, exit);
    if (random.chance(fate.hard)) this.#later(random.between(0, 30_000), process, () => this.#overHard(process));
    if (random.chance(fate.soft)) this.#later(random.between(0, 30_000), process, () => soft(id));
  }

  #overHard(process: Process): void {
    const kill = process.stop !== null || this.#world.random.chance(0.2);
    this.#world.report({
      kind: 'ceiling',
      incarnation: process.id,
      ceiling: kill ? 'kill' : 'hard',
      metric: 'rss',
      bytes: 513,
      ceilingBytes: 512,
      rssBytes: 513,
      swapBytes: 0,
      growthBytesPerSecond: 25,
      growingSeconds: 19,
    });
    this.stop(process.id, { ...HARD_PLAN, kill: kill ? 'now' : 'afterTimeout' }, kill ? 'kill' : 'hard');
  }

  #endWhenStopped(process: Process): void {
    const { stop } = process;
    if (stop === null) return;
    this.#later(Math.max(0, stop.endsAt - this.#world.clock.now), process, () => {
      // A later stop may have shortened this one; then that one ends it.
      if (process.stop === stop) this.end(process, this.#world.behaviourOf(process.program).ignoresTerm ? null : 0);
    });
  }

  /** Unless the shim or the process is gone by then. */
  #later(delayMs: number, process: Process, run: () => void): void {
    this.#world.clock.after(delayMs, () => {
      if (this.alive && this.processes.get(process.id) === process) run();
    });
  }
}
