/** One process of a listener: started, spoken to, watched, and started anew whenever it ends. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { ListenerConfig } from '../../config/types.ts';
import { monotonicMs } from '../../linux/clock.ts';
import { sendSignal } from '../../linux/process-identity.ts';
import { errorCode } from '../../linux/proc-file.ts';
import type { Evidence } from '../../core/types.ts';
import type { ErrorLog } from './error-log.ts';
import { written } from './queue.ts';
import type { Letter } from './queue.ts';
import type { ListenerRecord } from './record.ts';
import { ListenerProblem, prepareListener } from './spawn.ts';
import type { Surroundings } from './spawn.ts';
import { BEGIN, listener } from './talk.ts';
import type { Talk, TalkInput, TalkOutput } from './talk.ts';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** One that lived so long did not fail to start. */
const PROVEN_MS = 60_000;
/** As supervisord's stopwaitsecs. */
const STOP_MS = 10_000;
/** Its output may still be on its way when its exit is known. */
const LAST_WORDS_MS = 1_000;
/** What supervisord calls itself where nothing else is configured. */
const IDENTIFIER = 'supervisor';

/** What all processes of a pool work with. */
export interface Crew {
  surroundings: Surroundings;
  log: ErrorLog;
  record: ListenerRecord;
  say: (rule: string, evidence: Evidence) => void;
  /** It can take an event now. */
  ready: () => void;
  /** An event came back: refused, or its process ended over it. */
  returned: (letter: Letter, how: 'refused' | 'died') => void;
  answered: () => void;
}

interface Running {
  state: 'running' | 'stopping';
  child: ChildProcessWithoutNullStreams;
  pid: number;
  since: number;
  talk: Talk;
  /** What it works on. */
  letter: Letter | null;
  /** Ends the wait for its word, or for its end. */
  deadline: NodeJS.Timeout | null;
  /** When it has ended: start it anew, or leave it. */
  next: 'start' | 'rest';
}

type Life =
  | { state: 'stopped' }
  | { state: 'starting' }
  | { state: 'waiting'; why: string; until: number; timer: NodeJS.Timeout }
  | Running;

/** Times of the wall clock (milliseconds), for those who ask what was; null: never. */
export interface Past {
  startedAt: number | null;
  endedAt: number | null;
  /** −1: a signal. */
  exitStatus: number | null;
}

export class ListenerProcess {
  readonly name: string;
  readonly #config: ListenerConfig;
  readonly #crew: Crew;
  #life: Life = { state: 'stopped' };
  #failures = 0;
  #past: Past = { startedAt: null, endedAt: null, exitStatus: null };
  /** Those who wait for its end. */
  #ended: (() => void)[] = [];

  constructor(name: string, config: ListenerConfig, crew: Crew) {
    this.name = name;
    this.#config = config;
    this.#crew = crew;
  }

  get life(): Readonly<Life> {
    return this.#life;
  }

  get past(): Readonly<Past> {
    return this.#past;
  }

  get pid(): number | null {
    return 'pid' in this.#life ? this.#life.pid : null;
  }

  get isFree(): boolean {
    return this.#life.state === 'running' && this.#life.talk.state === 'ready';
  }

  /** Resolves once it is known whether there is a process; it is tried again by itself if not. */
  async start(): Promise<void> {
    if (this.#life.state === 'waiting') clearTimeout(this.#life.timer);
    else if (this.#life.state === 'stopping') this.#life.next = 'start';
    if (this.#life.state !== 'waiting' && this.#life.state !== 'stopped') return;
    const starting: Life = { state: 'starting' };
    this.#life = starting;
    await this.#start(() => this.#life === starting);
  }

  /** @param name without SIG */
  signal(name: string): void {
    if (this.pid !== null) sendSignal(this.pid, `SIG${name}`);
  }

  /** Resolves once it is gone. It is not started again. */
  stop(): Promise<void> {
    const life = this.#life;
    if (life.state === 'waiting') clearTimeout(life.timer);
    if (life.state === 'waiting' || life.state === 'stopped' || life.state === 'starting') {
      this.#life = { state: 'stopped' };
      return Promise.resolve();
    }
    const ended = new Promise<void>((resolve) => this.#ended.push(resolve));
    this.#end(life, 'rest');
    return ended;
  }

  /** Only to one that is free. */
  send(letter: Letter): void {
    const life = this.#life;
    if (life.state !== 'running') throw new Error(`${this.name} does not run`);
    life.letter = letter;
    life.child.stdin.write(written(letter, { identifier: IDENTIFIER, name: this.#config.name }));
    this.#hear(life, { type: 'sent' });
  }

  /** @param isWanted whether nobody stopped it meanwhile */
  async #start(isWanted: () => boolean): Promise<void> {
    try {
      const spawn = await prepareListener(this.#config, this.name, this.#crew.surroundings);
      if (!isWanted()) return;
      const child = spawn();
      // Of one that has a pid, its exit tells.
      child.once('error', (error) => {
        if (isWanted()) this.#wait('listener.unstartable', { text: error.message });
      });
      if (child.pid !== undefined) this.#adopt(child, child.pid);
    } catch (error) {
      if (!(error instanceof ListenerProblem)) throw error;
      if (isWanted()) this.#wait('listener.unstartable', { text: error.message });
    }
  }

  #adopt(child: ChildProcessWithoutNullStreams, pid: number): void {
    this.#crew.record.add(pid);
    const life: Running = {
      state: 'running',
      child,
      pid,
      since: monotonicMs(),
      talk: BEGIN,
      letter: null,
      deadline: null,
      next: 'start',
    };
    this.#life = life;
    this.#past = { ...this.#past, startedAt: Date.now() };
    // A process that ended does not read: its exit says the rest.
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => this.#crew.log.write(chunk));
    child.stdout.on('data', (chunk: Buffer) => this.#hear(life, { type: 'bytes', bytes: chunk.toString('latin1') }));
    child.once('exit', (code, signal) => this.#onExit(life, { code, signal }));
    this.#crew.say('listener.started', { listener: this.name, pid });
    this.#expectWord(life);
  }

  #hear(life: Running, input: TalkInput): void {
    const { talk, outputs } = listener(life.talk, input);
    const changed = talk.state !== life.talk.state || outputs.length > 0;
    life.talk = talk;
    for (const output of outputs) this.#heard(life, output);
    if (changed && life.state === 'running') this.#expectWord(life);
    if (outputs.includes('ready') && this.isFree) this.#crew.ready();
  }

  #heard(life: Running, output: TalkOutput): void {
    const { letter } = life;
    switch (output) {
      case 'ready':
        return;
      case 'ok':
        life.letter = null;
        this.#crew.answered();
        return;
      case 'fail':
        life.letter = null;
        if (letter !== null) this.#crew.returned(letter, 'refused');
        return;
      case 'garbage':
        this.#onGarbage(life);
    }
  }

  /** Nobody knows any more what its next word answers (supervisord never speaks to it again): a fresh one does better. */
  #onGarbage(life: Running): void {
    const garbage = life.talk.state === 'unknown' ? life.talk.garbage : '';
    const evidence = {
      listener: this.name,
      pid: life.pid,
      garbage: JSON.stringify(garbage),
      busy: life.letter !== null,
    };
    this.#crew.say('listener.garbage', evidence);
    this.#end(life, 'start');
  }

  /** A deadline for READY and for an answer; none for a listener that waits for events. */
  #expectWord(life: Running): void {
    if (life.deadline !== null) clearTimeout(life.deadline);
    life.deadline = null;
    if (life.talk.state !== 'acknowledged' && life.talk.state !== 'busy') return;
    const { timeoutMs, onTimeout } = this.#config;
    life.deadline = setTimeout(() => {
      const evidence = { listener: this.name, pid: life.pid, afterMs: timeoutMs, busy: life.letter !== null };
      this.#crew.say('listener.late', {
        ...evidence,
        eventName: life.letter?.eventName ?? null,
        ended: onTimeout === 'restart',
      });
      if (onTimeout === 'restart') this.#end(life, 'start');
    }, timeoutMs);
  }

  /** SIGTERM, and SIGKILL for one that stays. */
  #end(life: Running, next: 'start' | 'rest'): void {
    life.next = next;
    if (life.state === 'stopping') return;
    life.state = 'stopping';
    if (life.deadline !== null) clearTimeout(life.deadline);
    signalGroup(life.pid, 'SIGTERM');
    life.deadline = setTimeout(() => signalGroup(life.pid, 'SIGKILL'), STOP_MS);
  }

  #onExit(life: Running, status: { code: number | null; signal: string | null }): void {
    // What it started must not outlive it: in the turn in which it was reaped, its number is nobody else's yet.
    signalGroup(life.pid, 'SIGKILL');
    if (life.deadline !== null) clearTimeout(life.deadline);
    life.state = 'stopping';
    this.#crew.record.remove(life.pid);
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(patience);
      this.#onGone(life, status);
    };
    const patience = setTimeout(over, LAST_WORDS_MS);
    life.child.once('close', over);
  }

  #onGone(life: Running, status: { code: number | null; signal: string | null }): void {
    if (life.letter !== null) this.#crew.returned(life.letter, 'died');
    this.#past = { ...this.#past, endedAt: Date.now(), exitStatus: status.code ?? -1 };
    const ranMs = Math.round(monotonicMs() - life.since);
    if (ranMs >= PROVEN_MS) this.#failures = 0;
    const evidence = { listener: this.name, pid: life.pid, ...status, ranMs };
    if (life.next === 'rest') {
      this.#life = { state: 'stopped' };
      this.#crew.say('listener.stopped', evidence);
    } else this.#wait('listener.exited', evidence);
    for (const resolve of this.#ended.splice(0)) resolve();
  }

  /** It is started anew later and later, and never given up. */
  #wait(rule: string, evidence: Evidence): void {
    const delayMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 10);
    this.#crew.say(rule, { listener: this.name, ...evidence, delayMs });
    const why = rule === 'listener.unstartable' ? String(evidence['text']) : 'it ended';
    const timer = setTimeout(() => void this.start(), delayMs);
    this.#life = { state: 'waiting', why, until: monotonicMs() + delayMs, timer };
  }
}

/** What runs with another user's rights (sudo) is not ours to signal, and no reason for us to end. */
const signalGroup = (pid: number, signal: string): void => {
  try {
    sendSignal(-pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'EPERM') throw error;
  }
};
