/** The core driven by hand: one fleet, a clock that a test moves, and what the last event led to in a form that tables can hold. */
import { initialState, step } from '../../../src/core/step.ts';
import { deadlineOf } from '../../../src/core/turn.ts';
import type {
  Attached,
  CoreState,
  Effect,
  EventBody,
  Life,
  Outcome,
  ProgramPolicy,
  WorkerState,
} from '../../../src/core/types.ts';
import type { StopReport } from '../../../src/shim/protocol.ts';
import { deepFreeze } from '../../sim/invariants.ts';
import { makePolicy } from '../../sim/scenario.ts';

export type Given = Partial<Omit<ProgramPolicy, 'workers'>> & {
  workers?: number;
  stopTimeoutMs?: number;
  quiesce?: boolean;
  spec?: string;
};

export const shop = (given: Given = {}): ProgramPolicy => makePolicy('shop', { workers: 1, ...given });

export class Driven {
  state: CoreState = initialState('t');
  now = 100_000;
  random = 0;
  effects: Effect[] = [];
  readonly allEffects: Effect[] = [];
  #pid = 100;

  /** A fleet that is attached; `up` brings all of it to RUNNING. */
  constructor(policies: ProgramPolicy[] = [shop()], hostMaxConcurrent = 10) {
    this.send({ type: 'config', programs: policies, hostMaxConcurrent, reserveBytes: 100 });
    this.attach([]);
  }

  static up(given: Given = {}, hostMaxConcurrent = 10): Driven {
    const driven = new Driven([shop(given)], hostMaxConcurrent);
    for (const name of Object.keys(driven.state.workers)) driven.toRunning(name);
    return driven;
  }

  send(body: EventBody, afterMs = 0): this {
    this.now += afterMs;
    const event = deepFreeze({ ...body, now: this.now, random: this.random });
    const { state, effects } = step(deepFreeze(this.state), event);
    this.state = state;
    this.effects = effects;
    this.allEffects.push(...effects);
    return this;
  }

  attach(incarnations: Attached[], ended: string[] = [], untold: string[] = []): this {
    return this.send({ type: 'attached', shimPid: 1, incarnations, ended, untold });
  }

  command(verb: 'start' | 'stop' | 'restart' | 'recycle' | 'shutdown', kill = false, workers = ['shop:0']): this {
    return this.send({ type: 'command', verb, workers, kill, reason: null });
  }

  spawned(incarnation: string): this {
    this.#pid += 1;
    return this.send({ type: 'spawned', incarnation, pid: this.#pid, at: this.now, wall: 0 });
  }

  spawnFailed(incarnation: string): this {
    return this.send({ type: 'spawnFailed', incarnation, field: 'command', text: 'not found' });
  }

  /** The worker's timer fires at its deadline. */
  timer(worker = 'shop:0'): this {
    const at = deadlineOf(this.worker(worker));
    if (at === null) throw new Error(`${worker} waits for nothing`);
    this.now = Math.max(this.now, at);
    return this.send({ type: 'timer', worker });
  }

  exits(incarnation: string, how: number | string = 1, afterMs = 0, stop: StopReport | null = null): this {
    const status = typeof how === 'number' ? { code: how, signal: null } : { code: null, signal: how };
    this.now += afterMs;
    return this.send({
      type: 'exited',
      fact: {
        kind: 'exited',
        incarnation,
        pid: 101,
        spawnedAt: this.now,
        spawnedWall: 0,
        status,
        stop,
        lastSample: null,
        gate: null,
        swept: 0,
      },
    });
  }

  ready(incarnation: string, afterMs = 0): this {
    return this.send({ type: 'ready', incarnation }, afterMs);
  }

  ceiling(incarnation: string, ceiling: 'hard' | 'kill' = 'hard', afterMs = 60_000): this {
    this.now += afterMs;
    const numbers = { bytes: 513, ceilingBytes: 512, rssBytes: 513, swapBytes: 0 };
    const growth = { growthBytesPerSecond: 25, growingSeconds: 19 };
    return this.send({
      type: 'ceiling',
      fact: { kind: 'ceiling', incarnation, ceiling, metric: 'rss', ...numbers, ...growth },
      bytesPerMessage: null,
    });
  }

  finding(incarnation: string, afterMs = 60_000): this {
    return this.send({ type: 'findings', incarnation, rule: 'memory.soft', evidence: { bytes: 300 } }, afterMs);
  }

  broker(reachable: boolean, broker = 'main'): this {
    return this.send({ type: 'broker', broker, reachable, text: '' });
  }

  memory(availableBytes: number | null, needs: Record<string, number> = {}): this {
    return this.send({ type: 'host', availableBytes, needs });
  }

  toRunning(name = 'shop:0'): this {
    const { life } = this.worker(name);
    if (life.state !== 'STARTING') throw new Error(`${name} is ${life.state}`);
    if (life.incarnation.pid === null) this.spawned(life.incarnation.id);
    return this.worker(name).life.state === 'RUNNING' ? this : this.timer(name);
  }

  /** The replacement of a swap is spawned, runs and takes over; the old one is leaving. */
  toRunningSwap(name = 'shop:0'): this {
    const { life } = this.worker(name);
    if (life.state !== 'RUNNING' || life.swap === null) throw new Error(`${name} is ${this.is(name)}`);
    return this.spawned(life.swap.replacement.id).timer(name);
  }

  worker(name = 'shop:0'): WorkerState {
    const worker = this.state.workers[name];
    if (worker === undefined) throw new Error(`no worker ${name}`);
    return worker;
  }

  life(name = 'shop:0'): Life {
    return this.worker(name).life;
  }

  /** `STARTING #2`, `BACKOFF exit.tooQuick`, `STOPPING #1 then start`, `RUNNING #1 +#2 -#0`. */
  is(name = 'shop:0'): string {
    const { life, leaving } = this.worker(name);
    const words: string[] = [life.state];
    if ('incarnation' in life) words.push(`#${life.incarnation.number}`);
    if (life.state === 'STOPPING') words.push(`then ${life.next}`);
    if ('why' in life && life.state !== 'STOPPING') words.push(life.why);
    if (life.state === 'RUNNING' && life.swap !== null) words.push(`+#${life.swap.replacement.number}`);
    return [...words, ...leaving.map((old) => `-#${old.number}`)].join(' ');
  }

  /** What the last event ordered: `spawn shop:0#1`, `stop shop:0#1`, `probe main`. */
  orders(): string[] {
    return this.effects.flatMap((effect) => {
      if (effect.type === 'spawn' || effect.type === 'stop') return `${effect.type} ${effect.incarnation}`;
      if (effect.type === 'signal') return `${effect.signal} ${effect.incarnation}`;
      return effect.type === 'probeBroker' ? `probe ${effect.broker}` : [];
    });
  }

  /** `action rule` of each journal entry of the last event. */
  said(): string[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'journal' ? `${effect.entry.action} ${effect.entry.rule}` : [],
    );
  }

  outcomes(): Outcome[] {
    return this.effects.flatMap((effect) => (effect.type === 'outcome' ? effect.outcome : []));
  }

  /** `rule ok` or `rule failed` of each outcome of the last event, with the rule of the entry it closes. */
  concluded(): string[] {
    return this.outcomes().map(({ of, ok, rule }) => `${this.ruleOf(of)}: ${rule} ${ok ? 'ok' : 'failed'}`);
  }

  ruleOf(id: string): string {
    for (const effect of this.allEffects)
      if (effect.type === 'journal' && effect.entry.id === id) return effect.entry.rule;
    throw new Error(`no entry ${id}`);
  }
}

/** What a shim says of a process that runs. */
export const living = (incarnation: string, given: Partial<Attached> = {}): Attached => ({
  incarnation,
  worker: incarnation.slice(0, incarnation.lastIndexOf('#')),
  program: 'shop',
  number: Number(incarnation.slice(incarnation.lastIndexOf('#') + 1)),
  role: 'current',
  pid: 900,
  spawnedAt: 1_000,
  spawnedWall: 0,
  ready: true,
  stopping: false,
  spec: '1.a',
  ...given,
});
