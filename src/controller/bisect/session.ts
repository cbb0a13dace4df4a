/** One bisect: its canaries, what they told, and when it is over. It is looked at four times a second; all times are CLOCK_MONOTONIC, in milliseconds. */
import type { BisectConclusion, BisectRequest } from '../../api/bisect-types.ts';
import type { Config, ProgramConfig } from '../../config/types.ts';
import type { CoreState } from '../../core/types.ts';
import { workerNameOf } from '../../core/find.ts';
import { isClear, judge } from '../../policy/bisect/judge.ts';
import type { Judgement } from '../../policy/bisect/judge.ts';
import { withReading } from '../../policy/bisect/slope.ts';
import type { Reading } from '../../policy/bisect/slope.ts';
import { canaryName, canaryOf, withPrograms, workerOf } from './canaries.ts';
import { concluded } from './conclusion.ts';
import type { Suspects } from './suspects.ts';

/** Whoever asked is gone when nobody has asked for the report for so long. */
const LEASE_MS = 20_000;
/** Looks in a row that have to say the same. */
const CONFIRMATIONS = 8;

export interface SessionParts {
  config: () => Config;
  core: () => CoreState;
  /** Of the incarnation; null: not known. */
  readingOf: (incarnation: string) => Reading | null;
  /** @throws with a sentence when it cannot be brought into force */
  apply: (config: Config) => void;
}

export interface Canary {
  /** Null: the control. */
  extension: string | null;
  /** Why it is tried; empty for the control. */
  why: string;
  name: string;
  state: 'waiting' | 'running' | 'ended';
  /** Without its extension the worker does not run. */
  cannotRun: boolean;
  /** By incarnation. */
  lives: Map<string, Reading[]>;
}

export type Phase =
  | { state: 'running'; agreed: { what: string; looks: number }; asked: number }
  | { state: 'ending' | 'done'; conclusion: BisectConclusion };

export class BisectSession {
  readonly request: BisectRequest;
  readonly control: Canary;
  readonly suspects: Canary[];
  readonly spared: Suspects['spared'];
  readonly #parts: SessionParts;
  readonly #program: ProgramConfig;
  readonly #began: number;
  #phase: Phase;
  #judgement: Judgement;
  #elapsedMs = 0;

  constructor(parts: SessionParts, request: BisectRequest, from: Suspects & { program: ProgramConfig; now: number }) {
    this.#parts = parts;
    this.request = request;
    this.#program = from.program;
    this.#began = from.now;
    this.control = newCanary(from.program, { extension: null, why: '' });
    this.suspects = from.suspects.map((suspect) => newCanary(from.program, suspect));
    this.spared = from.spared;
    this.#judgement = this.#judge();
    this.#phase = { state: 'running', agreed: { what: '', looks: 0 }, asked: from.now };
    this.#start([this.control, ...this.suspects.slice(0, request.atOnce)], []);
  }

  get phase(): Phase {
    return this.#phase;
  }

  get judgement(): Judgement {
    return this.#judgement;
  }

  get elapsedMs(): number {
    return this.#elapsedMs;
  }

  get messages(): number {
    return this.#canaries.reduce((sum, canary) => sum + messagesOf(canary), 0);
  }

  /** Somebody still wants to know. */
  keep(now: number): void {
    if (this.#phase.state === 'running') this.#phase.asked = now;
  }

  look(now: number): void {
    if (this.#phase.state === 'done') return;
    if (this.#phase.state === 'ending') {
      if (this.#areGone()) this.#phase = { ...this.#phase, state: 'done' };
      return;
    }
    this.#elapsedMs = now - this.#began;
    const broken = this.#interruption(now);
    if (broken !== null) {
      this.end(broken);
      return;
    }
    for (const canary of this.#running) this.#read(canary);
    this.#judgement = this.#judge();
    if (this.#isAgreed() || this.messages >= this.request.messages || this.#elapsedMs >= this.request.seconds * 1000)
      this.#finish(this.#conclusion());
    else this.#rotate();
  }

  /** @param why for a person */
  end(why: string): void {
    if (this.#phase.state === 'running') this.#finish({ kind: 'cancelled', extension: null, text: why });
  }

  get #canaries(): Canary[] {
    return [this.control, ...this.suspects];
  }

  get #running(): Canary[] {
    return this.#canaries.filter(({ state }) => state === 'running');
  }

  #interruption(now: number): string | null {
    const { config, core } = this.#parts;
    if (core().mode !== 'running') return 'ackwarden shuts down';
    if (this.#running.some(({ name }) => config().programs[name] === undefined))
      return 'workers.yaml was reloaded meanwhile';
    const { asked } = this.#phase.state === 'running' ? this.#phase : { asked: now };
    return now - asked > LEASE_MS ? 'whoever began it has gone away' : null;
  }

  #read(canary: Canary): void {
    const life = this.#parts.core().workers[workerOf(canary.name)]?.life;
    if (life?.state === 'FATAL') canary.cannotRun = true;
    if (life === undefined || !('incarnation' in life)) return;
    const { id } = life.incarnation;
    const reading = this.#parts.readingOf(id);
    if (reading !== null) canary.lives.set(id, withReading(canary.lives.get(id) ?? [], reading));
  }

  #judge(): Judgement {
    const tried = this.suspects.filter(({ cannotRun }) => !cannotRun);
    return judge(
      livesOf(this.control),
      Object.fromEntries(tried.map((canary) => [canary.extension ?? '', livesOf(canary)])),
    );
  }

  /** One look may be wrong where many in a row are not. */
  #isAgreed(): boolean {
    if (this.#phase.state !== 'running') return false;
    const { culprit, suspects } = this.#judgement;
    const verdicts = Object.entries(suspects).map(([name, { verdict }]) => `${name} ${verdict}`);
    const what = isClear(this.#judgement) ? (culprit ?? `judged ${verdicts.join()}`) : '';
    const { agreed } = this.#phase;
    this.#phase.agreed = { what, looks: what === agreed.what ? agreed.looks + 1 : 1 };
    const isLast = culprit !== null || this.suspects.every(({ state }) => state !== 'waiting');
    return what !== '' && isLast && this.#phase.agreed.looks >= CONFIRMATIONS;
  }

  /** A suspect that is judged makes room for the next. */
  #rotate(): void {
    const over = this.suspects.filter((canary) => canary.state === 'running' && this.#isOver(canary));
    const waiting = this.suspects.filter(({ state }) => state === 'waiting');
    const next = waiting.slice(0, over.length);
    if (next.length > 0) this.#start(next, over.slice(0, next.length));
  }

  #isOver({ extension, cannotRun }: Canary): boolean {
    return cannotRun || this.#judgement.suspects[extension ?? '']?.verdict !== 'undecided';
  }

  #start(canaries: readonly Canary[], over: readonly Canary[]): void {
    const programs = canaries.map(({ extension }) => canaryOf(this.#program, extension));
    const gone = over.map(({ name }) => name);
    this.#parts.apply(withPrograms(this.#parts.config(), gone, programs));
    for (const canary of over) canary.state = 'ended';
    for (const canary of canaries) canary.state = 'running';
  }

  #conclusion(): BisectConclusion {
    const cannotRun = this.suspects.flatMap(({ cannotRun: broken, extension }) => (broken ? [extension ?? ''] : []));
    const { messages } = this;
    const judgement = this.#judgement;
    return concluded({ program: this.#program.name, judgement, messages, elapsedMs: this.#elapsedMs, cannotRun });
  }

  #finish(conclusion: BisectConclusion): void {
    const { config, core, apply } = this.#parts;
    const names = this.#canaries.map(({ name }) => name);
    for (const canary of this.#running) canary.state = 'ended';
    this.#phase = { state: 'ending', conclusion };
    // A shutdown stops them with all others; a reload has removed them.
    if (core().mode === 'running' && names.some((name) => config().programs[name] !== undefined))
      apply(this.without(config()));
  }

  /** A configuration less the canaries that are in it. */
  without(config: Config): Config {
    return withPrograms(
      config,
      this.#canaries.map(({ name }) => name),
      [],
    );
  }

  /** Removed from the configuration they are strays, until they are drained and gone. */
  #areGone(): boolean {
    const { workers, strays } = this.#parts.core();
    const names = new Set(this.#canaries.map(({ name }) => workerOf(name)));
    return [...Object.keys(workers), ...Object.keys(strays).map(workerNameOf)].every((name) => !names.has(name));
  }
}

const newCanary = (program: ProgramConfig, { extension, why }: Pick<Canary, 'extension' | 'why'>): Canary => ({
  extension,
  why,
  name: canaryName(program.name, extension),
  state: 'waiting',
  cannotRun: false,
  lives: new Map(),
});

const livesOf = ({ lives }: Canary): Reading[][] => [...lives.values()];

export const messagesOf = (canary: Canary): number =>
  livesOf(canary).reduce((sum, readings) => sum + (readings.at(-1)?.messages ?? 0), 0);
