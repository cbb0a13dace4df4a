/**
 * The event listeners of a configuration. They are children of the controller and end with it; the next one starts them anew. What
 * happened in between, nobody tells them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { JournalAction } from '../../api/types.ts';
import type { Config, ListenerConfig } from '../../config/types.ts';
import type { CoreState, Effect, Evidence } from '../../core/types.ts';
import { supervisorGroups, supervisorNameOf } from '../supervisor-names.ts';
import { groupEvent, remoteEvent, stateEvent, supervisorEvent, ticksBetween } from './payloads.ts';
import type { ListenerEvent } from './payloads.ts';
import { Pool } from './pool.ts';
import { ListenerRecord } from './record.ts';
import { transitions } from './transitions.ts';

/** How long the last events may take to be delivered when the controller ends. */
const FAREWELL_MS = 3_000;
const LOOK_MS = 20;
/** SIGTERM, and SIGKILL after ten seconds. */
const GONE_MS = 12_000;

const ACTIONS: Record<string, JournalAction> = {
  'listener.started': 'start',
  'listener.exited': 'exit',
  'listener.stopped': 'stop',
  'listener.left': 'kill',
};

export interface ListenersParts {
  /** In force at this moment. */
  config: () => Config;
  /** Writes a journal entry. */
  say: (action: JournalAction, rule: string, evidence: Evidence) => void;
  /** What we ourselves were started with. */
  inherited: NodeJS.ProcessEnv;
}

export class Listeners {
  readonly #parts: ListenersParts;
  readonly #record: ListenerRecord;
  /** What the pools were made of. */
  #config: Config;
  #pools: Pool[] = [];
  /** Those that a reload took away, until they are gone. */
  readonly #leaving = new Set<Promise<void>>();
  #nextSerial = 0;
  #tick: NodeJS.Timeout | null = null;
  #tickedAt = nowSeconds();
  #closed: Promise<void> | null = null;

  constructor(parts: ListenersParts) {
    this.#config = parts.config();
    this.#parts = parts;
    this.#record = new ListenerRecord(this.#config.stateDir);
  }

  /** What a person should know as long as it lasts, in sentences. */
  get troubles(): string[] {
    const own = this.#record.trouble;
    return [...this.#pools.flatMap((pool) => pool.troubles), ...(own === null ? [] : [own])];
  }

  get pools(): readonly Pool[] {
    return this.#pools;
  }

  /** Before the first worker starts: a listener hears of all of them. */
  start(): void {
    const left = this.#record.killLeft();
    if (left.length > 0) this.#say('listener.left', { count: left.length, pids: left.join(', ') });
    this.#pools = byPriority(this.#config).map((config) => this.#newPool(config));
    for (const pool of this.#pools) pool.start();
    for (const group of supervisorGroups(this.#config)) this.#tell(groupEvent(group, 'ADDED'));
    this.#tell(supervisorEvent('RUNNING'));
    this.#keepTime();
  }

  /** A step of the core, with what it ordered. */
  onStep(before: CoreState, after: CoreState, effects: readonly Effect[]): void {
    const [old, config] = [this.#config, this.#parts.config()];
    if (config !== old) this.#configure(config);
    if (this.#pools.length === 0) return;
    if (before.mode === 'running' && after.mode === 'shuttingDown') this.#tell(supervisorEvent('STOPPING'));
    for (const { worker, program, ...change } of transitions(before.workers, after.workers, effects)) {
      const known = after.workers[worker] === undefined ? old : config;
      this.#tell(stateEvent({ worker, program, ...change }, supervisorNameOf(known, program, worker)));
    }
    if (config !== old)
      for (const group of without(supervisorGroups(old), supervisorGroups(config)))
        this.#tell(groupEvent(group, 'REMOVED'));
  }

  /** supervisor.sendRemoteCommEvent. */
  remote(type: string, data: string): void {
    this.#tell(remoteEvent(type, data));
  }

  /** Deliver what waits, if that is quick, and end all listeners. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#tick !== null) clearTimeout(this.#tick);
    const until = Date.now() + FAREWELL_MS;
    while (Date.now() < until && this.#pools.some((pool) => !pool.isIdle)) await pause(LOOK_MS);
    // One that not even SIGKILL ends (it hangs in the kernel, or became another user's) must not keep us.
    await Promise.race([
      Promise.all([...this.#pools.map((pool) => pool.stop()), ...this.#leaving]),
      pause(GONE_MS, undefined, { ref: false }),
    ]);
  }

  /** After a reload: listeners that are as they were are left alone, with what waits for them. */
  #configure(config: Config): void {
    const old = this.#config;
    this.#config = config;
    const before = new Map(this.#pools.map((pool) => [pool.config.name, pool]));
    this.#pools = byPriority(config).map((listener) => {
      const was = before.get(listener.name);
      before.delete(listener.name);
      return was !== undefined && isDeepStrictEqual(was.config, listener) ? was : this.#begin(listener, was);
    });
    for (const pool of before.values()) void this.#end(pool);
    this.#keepTime();
    for (const group of without(supervisorGroups(config), supervisorGroups(old)))
      this.#tell(groupEvent(group, 'ADDED'));
  }

  /** It starts once its predecessor is gone: two would share a name and a log. Events wait for it meanwhile. */
  #begin(listener: ListenerConfig, predecessor: Pool | undefined): Pool {
    const pool = this.#newPool(listener);
    if (predecessor === undefined) pool.start();
    else
      void this.#end(predecessor).then(() => {
        if (this.#closed === null && this.#pools.includes(pool)) pool.start();
      });
    return pool;
  }

  #end(pool: Pool): Promise<void> {
    const ended = pool.stop().finally(() => this.#leaving.delete(ended));
    this.#leaving.add(ended);
    return ended;
  }

  #newPool(listener: ListenerConfig): Pool {
    const { logDir, socket } = this.#config;
    return new Pool(listener, {
      logDir,
      surroundings: { inherited: this.#parts.inherited, socketPath: socket.path },
      record: this.#record,
      say: (rule, evidence) => this.#say(rule, evidence),
    });
  }

  /** Ticks, as long as there is anybody to tell. */
  #keepTime(): void {
    if (this.#tick !== null || this.#pools.length === 0) return;
    this.#tickedAt = nowSeconds();
    this.#waitForTick();
  }

  #waitForTick(): void {
    const ms = Date.now();
    this.#tick = setTimeout(
      () => {
        this.#tick = null;
        const now = nowSeconds();
        for (const event of ticksBetween(this.#tickedAt, now)) this.#tell(event);
        this.#tickedAt = now;
        if (this.#pools.length > 0) this.#waitForTick();
      },
      // The next full five seconds, and a little more: a timer may fire early.
      5_000 - (ms % 5_000) + 5,
    );
  }

  #tell(event: ListenerEvent): void {
    const pools = this.#pools.filter((pool) => pool.wants(event.eventName));
    if (pools.length === 0) return;
    const serial = this.#nextSerial;
    this.#nextSerial += 1;
    for (const pool of pools) pool.send(event, serial);
  }

  #say(rule: string, evidence: Evidence): void {
    this.#parts.say(ACTIONS[rule] ?? 'warn', rule, evidence);
  }
}

const byPriority = ({ eventListeners }: Config): ListenerConfig[] =>
  Object.values(eventListeners).toSorted((a, b) => a.priority - b.priority);

const without = (all: readonly string[], taken: readonly string[]): string[] =>
  all.filter((name) => !taken.includes(name));

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
