/**
 * The event listeners of a configuration. They are children of the controller and end with it; the next one starts them anew. What
 * happened in between, nobody tells them.
 */
import type { JournalAction } from '../../api/types.ts';
import type { Config } from '../../config/types.ts';
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

const ACTIONS: Record<string, JournalAction> = {
  'listener.started': 'start',
  'listener.exited': 'exit',
  'listener.stopped': 'stop',
  'listener.left': 'kill',
};

export interface ListenersParts {
  /** Writes a journal entry. */
  say: (action: JournalAction, rule: string, evidence: Evidence) => void;
  /** What we ourselves were started with. */
  inherited: NodeJS.ProcessEnv;
}

export class Listeners {
  readonly #parts: ListenersParts;
  readonly #record: ListenerRecord;
  #config: Config;
  #pools: Pool[] = [];
  #nextSerial = 0;
  #tick: NodeJS.Timeout | null = null;
  #tickedAt = nowSeconds();
  #isClosing = false;

  constructor(config: Config, parts: ListenersParts) {
    this.#config = config;
    this.#parts = parts;
    this.#record = new ListenerRecord(config.stateDir);
  }

  /** What a person should know as long as it lasts, in sentences. */
  get troubles(): string[] {
    const own = this.#record.trouble;
    return [...this.#pools.flatMap((pool) => pool.troubles), ...(own === null ? [] : [own])];
  }

  /** Before the first worker starts: a listener hears of all of them. */
  start(): void {
    const left = this.#record.killLeft();
    if (left.length > 0) this.#say('listener.left', { count: left.length, pids: left.join(', ') });
    this.#open(this.#config);
    for (const group of supervisorGroups(this.#config)) this.#tell(groupEvent(group, 'ADDED'));
    this.#tell(supervisorEvent('RUNNING'));
  }

  /** A step of the core, with what it ordered. */
  onStep(before: CoreState, after: CoreState, effects: readonly Effect[]): void {
    if (this.#pools.length === 0) return;
    if (before.mode === 'running' && after.mode === 'shuttingDown') this.#tell(supervisorEvent('STOPPING'));
    if (before.workers === after.workers) return;
    for (const change of transitions(before.workers, after.workers, effects)) {
      this.#tell(stateEvent(change, supervisorNameOf(this.#config, change.worker, change.program)));
    }
  }

  /** supervisor.sendRemoteCommEvent. */
  remote(type: string, data: string): void {
    this.#tell(remoteEvent(type, data));
  }

  /** Deliver what waits, if that is quick, and end all listeners. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (this.#tick !== null) clearTimeout(this.#tick);
    const until = Date.now() + FAREWELL_MS;
    while (Date.now() < until && this.#pools.some((pool) => !pool.isIdle))
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    await Promise.all(this.#pools.map((pool) => pool.stop()));
  }

  #open({ eventListeners, logDir, socket }: Config): void {
    const { inherited } = this.#parts;
    const surroundings = { inherited, socketPath: socket.path };
    const say = (rule: string, evidence: Evidence): void => this.#say(rule, evidence);
    const sorted = Object.values(eventListeners).toSorted((a, b) => a.priority - b.priority);
    this.#pools = sorted.map((config) => new Pool(config, { logDir, surroundings, record: this.#record, say }));
    for (const pool of this.#pools) pool.start();
    if (this.#pools.some((pool) => pool.wants('TICK_5') || pool.wants('TICK_60') || pool.wants('TICK_3600')))
      this.#waitForTick();
  }

  #waitForTick(): void {
    const ms = Date.now();
    this.#tick = setTimeout(
      () => {
        const now = nowSeconds();
        for (const event of ticksBetween(this.#tickedAt, now)) this.#tell(event);
        this.#tickedAt = now;
        this.#waitForTick();
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

const nowSeconds = (): number => Math.floor(Date.now() / 1000);
