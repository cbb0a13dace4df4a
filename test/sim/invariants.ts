/**
 * The properties of docs/design.md, section 5, checked on every step of a run. Each throws a sentence.
 *
 * Patience ("no stop signal to a gated incarnation with messages in flight before its drain deadline") is not here: the core orders
 * a ladder and never sees messages; the gate decides when a worker is drained. It is to be checked where the gate lives.
 */
import { deadlineOf } from '../../src/core/turn.ts';
import { crashLimit } from '../../src/core/backoff.ts';
import { findIncarnation, incarnationsOf, numberOf, workerNameOf } from '../../src/core/find.ts';
import { isWished } from '../../src/core/request.ts';
import type { CoreEvent, CoreState, Effect, EntryDraft, WorkerState } from '../../src/core/types.ts';

export interface Step {
  before: CoreState;
  event: CoreEvent;
  state: CoreState;
  effects: Effect[];
}

type Spawn = Extract<Effect, { type: 'spawn' }>;
type Stop = Extract<Effect, { type: 'stop' }>;
type SetOom = Extract<Effect, { type: 'setOom' }>;

const must = (holds: boolean, sentence: string): void => {
  if (!holds) throw new Error(sentence);
};

const isAtCeiling = (rule: string): boolean => rule === 'memory.hard' || rule === 'memory.kill';

/** What a run has seen so far, as far as the properties need it. */
export class Invariants {
  /** Highest number ever spawned, by worker name; survives configurations. */
  readonly #numbers = new Map<string, number>();
  /** Ordered and not yet known to be gone: is it meant to live? */
  readonly #ordered = new Map<string, 'running' | 'stopping'>();
  /** Their ready checks have said so. */
  readonly #ready = new Set<string>();
  readonly #granted = new Map<string, number[]>();

  check(step: Step): void {
    const entries = step.effects.flatMap((effect) => (effect.type === 'journal' ? [effect.entry] : []));
    this.#noteEnds(step.event);
    for (const effect of step.effects) {
      if (effect.type === 'spawn') this.#checkSpawn(step, effect, entries);
      if (effect.type === 'stop') this.#checkStop(step, effect, entries);
      if (effect.type === 'setOom') this.#checkOom(step, effect, entries);
    }
    this.#checkGrants(step, entries);
    this.#checkCeiling(step);
    this.#checkFatal(step, entries);
    this.#checkWorkers(step);
  }

  #noteEnds(event: CoreEvent): void {
    if (event.type === 'exited' || event.type === 'ceiling') {
      if (event.type === 'exited') this.#ordered.delete(event.fact.incarnation);
      else if (this.#ordered.has(event.fact.incarnation)) this.#ordered.set(event.fact.incarnation, 'stopping');
    }
    if (event.type === 'ready') this.#ready.add(event.incarnation);
    if (event.type === 'spawnFailed') this.#ordered.delete(event.incarnation);
    if (event.type !== 'attached') return;
    for (const { incarnation, ready } of event.incarnations) if (ready) this.#ready.add(incarnation);
    const known = new Set([...event.incarnations.map((living) => living.incarnation), ...event.ended, ...event.untold]);
    for (const id of this.#ordered.keys()) if (!known.has(id)) this.#ordered.delete(id);
  }

  #checkSpawn({ before, state, event }: Step, spawn: Spawn, entries: EntryDraft[]): void {
    const { incarnation: id, worker, number } = spawn;
    must(id === `${worker}#${number}`, `${id} is not named after ${worker} and ${number}`);
    must(number > (this.#numbers.get(worker) ?? 0), `${id}: the number was given before`);
    this.#numbers.set(worker, number);
    const said = entries.some(
      (entry) =>
        entry.id === spawn.cause && entry.action === 'start' && entry.worker === worker && entry.incarnation === number,
    );
    must(said, `${id} was spawned without a journal entry in the same step`);
    must(state.mode === 'running', `${id} was spawned during the shutdown`);
    must(
      state.workers[worker]?.wanted === 'up',
      `${id} was spawned although the worker is wanted down (${event.type})`,
    );
    const isSuccessor = before.workers[worker]?.recycle !== null || state.workers[worker]?.recycle !== null;
    if (!isSuccessor)
      must(
        [before, state].some((known) =>
          isUp(known, state.programs[state.workers[worker]?.program ?? '']?.after ?? [], this.now),
        ),
        `${id} was spawned before what it comes after was up`,
      );
    this.#ordered.set(id, 'running');
  }

  #checkStop({ before, state }: Step, stop: Stop, entries: EntryDraft[]): void {
    const id = stop.incarnation;
    const said = entries.some(
      (entry) =>
        (entry.action === 'stop' || entry.action === 'recycle') &&
        entry.incarnation === numberOf(id) &&
        (entry.worker ?? entry.evidence['name']) === workerNameOf(id),
    );
    must(said, `${id} was stopped without a journal entry in the same step`);
    if (this.#ordered.has(id)) this.#ordered.set(id, 'stopping');
    const place = findIncarnation(state, id);
    const isLeft =
      place?.role === 'leaving' || place?.worker.life.state === 'STOPPING' || state.strays[id] !== undefined;
    must(isLeft, `${id} was told to stop, but the state does not have it as stopping`);
    this.#checkSwap(before, state, id);
    const inOrder = entries.some((entry) => entry.rule === 'command.shutdown' && entry.incarnation === numberOf(id));
    if (inOrder && stop.plan.kill !== 'now' && place !== null) this.#checkShutdown(state, place.worker.program);
  }

  #checkOom({ state }: Step, { incarnation: id, scoreAdj }: SetOom, entries: EntryDraft[]): void {
    const said = entries.some(
      (entry) => entry.action === 'setOom' && entry.incarnation === numberOf(id) && entry.worker === workerNameOf(id),
    );
    must(said, `oom_score_adj of ${id} was set without a journal entry in the same step`);
    const base = state.programs[state.workers[workerNameOf(id)]?.program ?? '']?.oom.scoreAdj ?? 0;
    must(scoreAdj >= base && scoreAdj <= 1000, `oom_score_adj of ${id} is ${scoreAdj}, its base ${base}`);
    must(findIncarnation(state, id)?.incarnation.scoreAdj === scoreAdj, `${id} was set to ${scoreAdj}, and forgotten`);
  }

  /** Whoever stands on a program ends before it. */
  #checkShutdown(state: CoreState, program: string): void {
    const late = Object.values(state.workers).find(
      (worker) => state.programs[worker.program]?.after.includes(program) === true && incarnationsOf(worker).length > 0,
    );
    must(late === undefined, `${program} was shut down before ${late?.name}, which comes after it, was gone`);
  }

  /** A current incarnation that leaves for its replacement: that one must have been up for start.seconds. */
  #checkSwap(before: CoreState, state: CoreState, id: string): void {
    const was = findIncarnation(before, id);
    const is = findIncarnation(state, id);
    if (was?.role !== 'current' || is?.role !== 'leaving') return;
    const { life } = is.worker;
    const policy = state.programs[is.worker.program];
    must(life.state === 'RUNNING' && life.incarnation.pid !== null, `${id} left before its replacement ran`);
    if (life.state === 'RUNNING' && policy !== undefined)
      must(this.now >= life.incarnation.spawnedAt + policy.secondsMs, `${id} left before its replacement was up`);
  }

  now = 0;

  #checkGrants({ before, state, event }: Step, entries: EntryDraft[]): void {
    for (const entry of entries) {
      if (entry.action !== 'recycle' || isAtCeiling(entry.rule) || entry.program === null) continue;
      const policy = state.programs[entry.program];
      if (policy === undefined) throw new Error(`a recycle of the unknown program ${entry.program}`);
      const workers = Object.values(state.workers);
      const disrupted = workers.filter(
        (worker) => worker.program === entry.program && isDisrupted(worker, policy.overlap),
      ).length;
      must(
        disrupted <= policy.maxConcurrent,
        `${entry.program}: ${disrupted} workers disrupted when a recycle was granted`,
      );
      const recycles = workers.filter((worker) => worker.recycle !== null).length;
      must(recycles <= state.hostMaxConcurrent, `${recycles} recycles at once on the host`);
      const old = before.workers[entry.worker ?? '']?.life;
      must(
        old?.state === 'RUNNING' || event.type !== 'findings',
        'a worker that was not RUNNING was recycled by a rule',
      );
      if (entry.evidence['overlap'] === true)
        must(
          state.workers[entry.worker ?? '']?.life.state === 'RUNNING',
          `${entry.worker}: overlap lowered the capacity`,
        );
      if (!isWished(entry.rule)) this.#checkBudget(entry.program, policy.budget);
    }
  }

  #checkBudget(program: string, budget: { count: number; windowMs: number }): void {
    const recent = (this.#granted.get(program) ?? []).filter((at) => this.now - at < budget.windowMs);
    recent.push(this.now);
    this.#granted.set(program, recent);
    must(recent.length <= budget.count, `${program}: ${recent.length} recycles within its budget's window`);
  }

  /** A hard ceiling waits for nobody: the successor is ordered in the same step, or delayed by its own backoff. */
  #checkCeiling({ before, state, event }: Step): void {
    if (event.type !== 'ceiling') return;
    const place = findIncarnation(before, event.fact.incarnation);
    if (place?.role !== 'current' || (place.worker.life.state !== 'RUNNING' && place.worker.life.state !== 'STARTING'))
      return;
    const life = state.workers[place.worker.name]?.life;
    const delayed = life?.state === 'BACKOFF' && (life.why === 'memory.hard.again' || life.why === 'host.reserve');
    must(life?.state === 'STARTING' || delayed, `${event.fact.incarnation} passed its ceiling and nothing follows`);
  }

  #checkFatal({ state }: Step, entries: EntryDraft[]): void {
    for (const entry of entries) {
      if (entry.action !== 'fatal') continue;
      must(entry.rule === 'fatal.retries' || entry.rule === 'fatal.crashLoop', `FATAL because of ${entry.rule}`);
      const broker = state.programs[entry.program ?? '']?.broker ?? null;
      if (broker !== null)
        must(state.brokers[broker]?.state === 'up', `${entry.worker} is FATAL while its broker does not answer`);
    }
  }

  #checkWorkers({ state, event }: Step): void {
    const kept = new Set<string>();
    for (const worker of Object.values(state.workers)) {
      const { life } = worker;
      const roles = incarnationsOf(worker).map((incarnation) => incarnation.id);
      must(new Set(roles).size === roles.length, `${worker.name} has an incarnation in two roles`);
      if (life.state === 'RUNNING' && state.programs[worker.program]?.ready != null)
        must(this.#ready.has(life.incarnation.id), `${life.incarnation.id} is RUNNING and nobody saw it ready`);
      if (life.state === 'RUNNING' || life.state === 'STARTING') kept.add(life.incarnation.id);
      if (life.state === 'RUNNING' && life.swap !== null) {
        kept.add(life.swap.replacement.id);
        must(worker.recycle !== null, `${worker.name} has a replacement without a recycle`);
      }
      const limit = crashLimit(state.programs[worker.program] ?? { retries: 3, backoffMinMs: 0, backoffMaxMs: 0 }) + 1;
      must(worker.crashes.length <= Math.max(limit, 16), `${worker.name} remembers ${worker.crashes.length} crashes`);
      if (event.type === 'timer' && event.worker === worker.name)
        must((deadlineOf(worker) ?? Infinity) > event.now, `${worker.name}: its timer would fire again at once`);
    }
    if (state.shim !== 'attached') return;
    for (const [id, wish] of this.#ordered)
      must(wish === 'stopping' || kept.has(id), `${id} lives, and is neither current nor replacement nor told to stop`);
  }
}

/** Whether every wanted worker of the programs runs, or ended; a program that is not configured is not waited for. */
const isUp = (state: CoreState, programs: readonly string[], now: number): boolean =>
  programs.every((program) => {
    const wanted = Object.values(state.workers).filter(
      (worker) => worker.program === program && worker.wanted === 'up',
    );
    // One whose recycle was granted in this very step ran in it.
    const runs = ({ life, recycle }: WorkerState): boolean =>
      life.state === 'RUNNING' || life.state === 'EXITED' || recycle?.beganAt === now;
    return state.programs[program] === undefined || (wanted.length > 0 && wanted.every(runs));
  });

/** Below full strength for now; one that ended as it was meant to is not, nor one that was given up where overlap takes nothing away. */
const isDisrupted = ({ recycle, wanted, life }: WorkerState, overlap: boolean): boolean =>
  recycle !== null ||
  (wanted === 'up' &&
    life.state !== 'RUNNING' &&
    life.state !== 'EXITED' &&
    !(overlap && (life.state === 'FATAL' || (life.state === 'STOPPED' && life.hold !== undefined))));

/** Freeze what is not frozen yet, so that a step which changes its input throws. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
};
