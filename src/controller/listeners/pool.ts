/** One event listener: its processes, and the events that wait for a free one. */
import { join } from 'node:path';
import { eventsNamed } from '../../config/event-names.ts';
import type { ListenerEventName } from '../../config/event-names.ts';
import type { ListenerConfig } from '../../config/types.ts';
import type { Evidence } from '../../core/types.ts';
import { ErrorLog } from './error-log.ts';
import type { ListenerEvent } from './payloads.ts';
import { ListenerProcess } from './process.ts';
import { EMPTY, put, putBack, take } from './queue.ts';
import type { Letter, Put } from './queue.ts';
import type { ListenerRecord } from './record.ts';
import type { Surroundings } from './spawn.ts';

/** A refused event is sent again after a while, each time a longer one. */
const FIRST_REST_MS = 100;
const LONGEST_REST_MS = 30_000;
/** A flood of events is said once in a while, with its number. */
const OVERFLOW_EVERY_MS = 60_000;

export interface PoolParts {
  logDir: string;
  surroundings: Surroundings;
  record: ListenerRecord;
  say: (rule: string, evidence: Evidence) => void;
}

export class Pool {
  readonly config: ListenerConfig;
  readonly processes: readonly ListenerProcess[];
  readonly #say: PoolParts['say'];
  readonly #wanted: ReadonlySet<ListenerEventName>;
  readonly #log: ErrorLog;
  #queue = EMPTY;
  #refusals = 0;
  /** After a refusal nothing is sent until this fires. */
  #rest: NodeJS.Timeout | null = null;
  #dropped = 0;
  #overflow: NodeJS.Timeout | null = null;

  constructor(config: ListenerConfig, parts: PoolParts) {
    this.config = config;
    this.#say = parts.say;
    this.#wanted = eventsNamed(config.events);
    this.#log = new ErrorLog(join(parts.logDir, `${config.name}.log`));
    const crew = {
      ...parts,
      log: this.#log,
      ready: () => this.#dispatch(),
      returned: (letter: Letter, how: 'refused' | 'died') => this.#takeBack(letter, how),
      answered: () => (this.#refusals = 0),
    };
    this.processes = Array.from({ length: config.workers }, (_, index) => {
      const name = config.workers === 1 ? config.name : `${config.name}:${index}`;
      return new ListenerProcess(name, config, crew);
    });
  }

  /** What a person should know as long as it lasts. */
  get troubles(): string[] {
    const waiting = this.processes.flatMap(({ name, life }) =>
      life.state === 'waiting'
        ? [`the event listener ${name} is down: ${life.why.replace(/[.\s]+$/, '')}; it is tried again`]
        : [],
    );
    return this.#log.trouble === null ? waiting : [...waiting, this.#log.trouble];
  }

  get isIdle(): boolean {
    return (
      this.#queue.waiting.length === 0 &&
      this.processes.every(({ life }) => life.state !== 'running' || life.letter === null)
    );
  }

  get errorLog(): string {
    return this.#log.path;
  }

  wants(eventName: ListenerEventName): boolean {
    return this.#wanted.has(eventName);
  }

  start(): void {
    for (const process of this.processes) void process.start();
  }

  send(event: ListenerEvent, serial: number): void {
    this.#keep(put(this.#queue, { ...event, serial }, this.config.bufferSize));
    this.#dispatch();
  }

  async stop(): Promise<void> {
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
    await Promise.all(this.processes.map((process) => process.stop()));
    this.#tellDropped();
    this.#log.close();
  }

  #dispatch(): void {
    if (this.#rest !== null) return;
    for (const process of this.processes) {
      if (!process.isFree) continue;
      const { queue, letter } = take(this.#queue);
      if (letter === null) return;
      this.#queue = queue;
      process.send(letter);
    }
  }

  #takeBack(letter: Letter, how: 'refused' | 'died'): void {
    this.#keep(putBack(this.#queue, letter, this.config.bufferSize));
    if (how === 'died') {
      this.#dispatch();
      return;
    }
    const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** this.#refusals);
    this.#refusals = Math.min(this.#refusals + 1, 20);
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#rest = null;
      this.#dispatch();
    }, restMs);
  }

  #keep({ queue, dropped }: Put): void {
    this.#queue = queue;
    if (dropped === null) return;
    this.#dropped += 1;
    if (this.#overflow !== null) return;
    this.#tellDropped();
    this.#overflow = setTimeout(() => {
      this.#overflow = null;
      this.#tellDropped();
    }, OVERFLOW_EVERY_MS).unref();
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#say('listener.overflow', {
      listener: this.config.name,
      dropped: this.#dropped,
      bufferSize: this.config.bufferSize,
    });
    this.#dropped = 0;
  }
}
