/** The shim itself: carries out what the controller orders, and says what happened. */
import type { Command, Hello } from './controller-link.ts';
import type { Facts } from './facts.ts';
import { Incarnation } from './incarnation.ts';
import { PROTOCOL } from './protocol.ts';
import type { Crossing } from './sampler.ts';
import type { SpawnContext } from './spawn-context.ts';
import type { FromShim } from './protocol.ts';
import type { SpawnSpec, StopPlan } from './spawn-spec.ts';
import { BUILD, VERSION } from './version.ts';

const KILL_NOW: StopPlan = {
  quiesce: false,
  drainTimeoutMs: 0,
  drainAttempts: 1,
  onStuckDrain: 'wait',
  settleMs: 0,
  stopSignal: 'KILL',
  stopTimeoutMs: 0,
  kill: 'now',
};

/** `leaving`: ends by itself when the last incarnation is gone. `ending`: told to end, everything is being stopped. */
type Mode = 'serving' | 'leaving' | 'ending';

export class Shim {
  readonly #context: SpawnContext;
  readonly #facts: Facts;
  readonly #startedWall = Date.now();
  readonly #incarnations = new Map<string, Incarnation>();
  #empty: () => void = () => undefined;
  #handles = new Map<number, Incarnation>();
  #nextHandle = 1;
  #mode: Mode = 'serving';

  constructor(context: SpawnContext) {
    this.#context = context;
    this.#facts = context.facts;
  }

  /** Call `listener` when the shim is to end and no incarnation is left. */
  onEmpty(listener: () => void): void {
    this.#empty = listener;
  }

  isLiving(incarnation: string): boolean {
    return this.#incarnations.has(incarnation);
  }

  hello(): Hello {
    this.#context.sampler.tellEverything();
    const all = [...this.#incarnations.values()];
    return {
      type: 'hello',
      protocol: PROTOCOL,
      version: VERSION,
      build: BUILD,
      pid: process.pid,
      ...this.#context.boot,
      startedWall: this.#startedWall,
      incarnations: all.map((one) => one.report()).filter((report) => report !== null),
      untold: all.filter((one) => one.report() === null).map((one) => one.spec.incarnation),
      facts: [...this.#facts.kept],
    };
  }

  /** Throws a sentence when it cannot be carried out. `answer` may be called later. */
  command(command: Command, answer: (message: FromShim) => void): void {
    switch (command.type) {
      case 'spawn':
        return this.#spawn(command.spec);
      case 'stop':
        return this.#find(command.incarnation).stop('controller', command.plan);
      case 'setLimits':
        return this.#find(command.incarnation).setLimits(command);
      case 'setOom':
        return this.#find(command.incarnation).setOomScoreAdj(command.scoreAdj);
      case 'signal':
        return this.#signal(command.incarnation, command.signal);
      case 'writeStdin':
        return this.#find(command.incarnation).writeStdin(command.text);
      case 'sampling':
        return this.#context.sampler.setInterval(command.intervalMs);
      case 'ack':
        return this.#facts.acknowledge(command.seq);
      case 'outputTaken':
        return this.#context.forwarder.taken(command.seq);
      case 'clearLogs':
        void this.#context.logs.clear(command.paths).then((results) => answer({ type: 'logsCleared', results }));
        return;
      case 'shareLogs':
        return this.#context.logs.share(command.sharing);
      case 'reopenLogs':
        return this.#context.logs.reopen();
      case 'setLogLimits':
        return this.#context.logs.setLimits(command.path, command.limits);
      case 'leave':
        return this.#leave();
    }
  }

  /** Stop every incarnation by its own plan, then end. */
  end(): void {
    this.#mode = 'ending';
    for (const incarnation of this.#incarnations.values()) incarnation.stop('shim', incarnation.hardPlan);
    this.#endIfEmpty();
  }

  /** A ceiling was passed: act first, then say so. */
  crossed(crossing: Crossing): void {
    const incarnation = this.#handles.get(crossing.handle);
    if (incarnation === undefined) return;
    const { ceiling, judged, ceilings, growth } = crossing;
    incarnation.stop(ceiling, ceiling === 'kill' ? KILL_NOW : incarnation.hardPlan);
    this.#facts.add({
      kind: 'ceiling',
      incarnation: incarnation.spec.incarnation,
      ceiling,
      metric: ceilings.metric,
      bytes: judged.bytes,
      ceilingBytes: (ceiling === 'kill' ? ceilings.killBytes : ceilings.hardBytes) ?? judged.bytes,
      rssBytes: judged.rssBytes,
      swapBytes: judged.swapBytes,
      growthBytesPerSecond: growth?.bytesPerSecond ?? null,
      growingSeconds: growth?.seconds ?? null,
    });
  }

  #spawn(spec: SpawnSpec): void {
    // Not refused: that would count as a failed start. Whoever attaches to the next shim finds it missing, and starts it there.
    if (this.#mode !== 'serving') return;
    if (this.#incarnations.has(spec.incarnation)) throw new Error(`${spec.incarnation} is already there.`);
    const handle = this.#nextHandle;
    this.#nextHandle += 1;
    const incarnation = new Incarnation(spec, handle, this.#context, () => {
      this.#incarnations.delete(spec.incarnation);
      this.#handles.delete(handle);
      this.#endIfEmpty();
    });
    this.#incarnations.set(spec.incarnation, incarnation);
    this.#handles.set(handle, incarnation);
    void incarnation.start();
  }

  #signal(id: string, name: string): void {
    const signal = `SIG${name}`;
    if (!this.#find(id).signal(signal)) throw new Error(`${id} has no process to send ${signal} to.`);
  }

  #find(id: string): Incarnation {
    const incarnation = this.#incarnations.get(id);
    if (incarnation === undefined)
      throw new Error(`${id} is not there: it is gone, or was never started by this shim.`);
    return incarnation;
  }

  #leave(): void {
    if (this.#mode === 'serving') this.#mode = 'leaving';
    this.#endIfEmpty();
  }

  #endIfEmpty(): void {
    if (this.#mode !== 'serving' && this.#incarnations.size === 0) this.#empty();
  }
}
