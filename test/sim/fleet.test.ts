/**
 * Ten thousand workers for seven minutes: crashes, leaks over both ceilings, a person's `recycle all`, then a shutdown. Events that are
 * due within one tick go to the core together, as the controller's mailbox hands them over.
 */
import { expect, test } from 'vitest';
import { allGone } from '../../src/core/find.ts';
import { initialState, stepAll } from '../../src/core/step.ts';
import type { CoreState, Effect, EntryDraft, EventBody } from '../../src/core/types.ts';
import type { FactBody } from '../../src/shim/protocol.ts';
import { Clock } from './clock.ts';
import { FakeShim } from './fake-shim.ts';
import { Ledger } from './ledger.ts';
import { seeded } from './random.ts';
import { makePolicy } from './scenario.ts';

const PROGRAMS = 20;
const WORKERS_EACH = 500;
const HOST_RECYCLES = 50;
const TICK_MS = 1_000;
const MINUTE = 60_000;
const TROUBLED = {
  spawnFails: 0.01,
  exitsEarly: 0.01,
  exits: 0.1,
  exitCode: 1,
  hard: 0.05,
  soft: 0.02,
  ignoresTerm: false,
  unready: 0,
};
const HEALTHY = { ...TROUBLED, spawnFails: 0, exitsEarly: 0, exits: 0, hard: 0, soft: 0 };

class Fleet {
  readonly clock = new Clock();
  readonly ledger = new Ledger();
  readonly counts = { events: 0, spawns: 0, stops: 0, recycles: 0, atCeilings: 0 };
  readonly policies = Array.from({ length: PROGRAMS }, (_, index) =>
    makePolicy(`p${index}`, {
      workers: WORKERS_EACH,
      overlap: index % 2 === 0,
      maxConcurrent: 5,
      budget: { count: 20, windowMs: 10 * MINUTE },
      stopTimeoutMs: 2_000,
    }),
  );
  readonly shim: FakeShim;
  state: CoreState = initialState('fleet');
  troubled = true;
  readonly #random = seeded(20_261_122);
  readonly #timers = new Map<string, number>();
  readonly #numbers = new Map<string, number>();
  #mailbox: EventBody[] = [];

  constructor() {
    const { clock } = this;
    this.shim = new FakeShim(1, {
      clock,
      random: this.#random,
      behaviourOf: () => (this.troubled ? TROUBLED : HEALTHY),
      dependsOnDeadBroker: () => false,
      report: (fact) => this.#report(fact),
      checksReady: () => false,
      soft: (incarnation) => this.post({ type: 'findings', incarnation, rule: 'memory.soft', evidence: {} }),
    });
    this.post({ type: 'config', programs: this.policies, hostMaxConcurrent: HOST_RECYCLES, reserveBytes: 0 });
    this.post({ type: 'attached', shimPid: 1, incarnations: [], ended: [], untold: [] });
  }

  post(body: EventBody): void {
    this.#mailbox.push(body);
  }

  run(durationMs: number): void {
    for (const end = this.clock.now + durationMs; this.clock.now < end;) {
      this.clock.runUntil(this.clock.now + TICK_MS);
      const events = this.#mailbox.map((body) => ({ ...body, now: this.clock.now, random: this.#random.next() }));
      this.#mailbox = [];
      const { state, effects } = stepAll(this.state, events);
      this.state = state;
      this.counts.events += events.length;
      this.#carryOut(effects);
      this.#checkConcurrency();
    }
  }

  states(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { life } of Object.values(this.state.workers)) found[life.state] = (found[life.state] ?? 0) + 1;
    return found;
  }

  #carryOut(effects: Effect[]): void {
    this.ledger.record(effects);
    const said = new Set(effects.flatMap((effect) => (effect.type === 'journal' ? nameOf(effect.entry) : [])));
    for (const effect of effects) {
      if (effect.type === 'timer') this.#arm(effect.worker, effect.at);
      else if (effect.type === 'spawn') this.#spawn(effect, said);
      else if (effect.type === 'stop') {
        this.counts.stops += 1;
        expectEntry(said, effect.incarnation);
        this.shim.stop(effect.incarnation, effect.plan);
      } else if (effect.type === 'journal' && effect.entry.action === 'recycle') {
        if (effect.entry.rule.startsWith('memory.hard') || effect.entry.rule === 'memory.kill')
          this.counts.atCeilings += 1;
        else this.counts.recycles += 1;
      }
    }
  }

  #spawn(effect: Extract<Effect, { type: 'spawn' }>, said: Set<string>): void {
    this.counts.spawns += 1;
    expectEntry(said, effect.incarnation);
    if (effect.number <= (this.#numbers.get(effect.worker) ?? 0))
      throw new Error(`${effect.incarnation} was spawned before`);
    this.#numbers.set(effect.worker, effect.number);
    this.shim.spawn({ ...effect, program: effect.worker.slice(0, effect.worker.indexOf(':')) });
  }

  #arm(worker: string, at: number): void {
    this.#timers.set(worker, at);
    this.clock.at(at, () => {
      if (this.#timers.get(worker) === at) this.post({ type: 'timer', worker });
    });
  }

  #report(fact: FactBody): void {
    if (fact.kind === 'exited') this.post({ type: 'exited', fact });
    else if (fact.kind === 'ceiling') this.post({ type: 'ceiling', fact, bytesPerMessage: null });
    else if (fact.kind === 'spawnFailed')
      this.post({ type: 'spawnFailed', incarnation: fact.incarnation, field: '', text: '' });
    else if (fact.kind === 'spawned')
      this.post({ type: 'spawned', incarnation: fact.incarnation, pid: fact.pid, at: fact.startTime, wall: 0 });
  }

  #checkConcurrency(): void {
    const byProgram = new Map<string, number>();
    for (const { program, recycle } of Object.values(this.state.workers)) {
      if (recycle === null || recycle.rule === 'memory.hard' || recycle.rule === 'memory.kill') continue;
      byProgram.set(program, (byProgram.get(program) ?? 0) + 1);
    }
    const most = Math.max(0, ...byProgram.values());
    const all = [...byProgram.values()].reduce((sum, count) => sum + count, 0);
    if (most > 5 || all > HOST_RECYCLES) throw new Error(`${most} recycles in one program, ${all} on the host`);
  }
}

const nameOf = (entry: EntryDraft): string => `${entry.worker}#${entry.incarnation}`;

const expectEntry = (said: Set<string>, incarnation: string): void => {
  if (!said.has(incarnation)) throw new Error(`an order for ${incarnation} has no journal entry in its step`);
};

test('ten thousand workers: trouble, recovery, recycle all, shutdown', { timeout: 300_000 }, () => {
  const fleet = new Fleet();
  fleet.run(2 * MINUTE);
  fleet.troubled = false;
  fleet.run(3 * MINUTE);
  // Two of a program's workers may be FATAL after so many failed starts; all others must be back.
  const { RUNNING = 0, FATAL = 0, ...others } = fleet.states();
  expect(others).toEqual({});
  expect(RUNNING + FATAL).toBe(PROGRAMS * WORKERS_EACH);
  expect(FATAL).toBeLessThan(10);
  expect(fleet.counts.atCeilings).toBeGreaterThan(100);
  expect(fleet.counts.recycles).toBeGreaterThan(10);

  const before = fleet.counts.recycles;
  fleet.post({
    type: 'command',
    verb: 'recycle',
    workers: Object.keys(fleet.state.workers),
    kill: false,
    reason: null,
  });
  fleet.run(MINUTE);
  expect(fleet.counts.recycles).toBeGreaterThan(before + HOST_RECYCLES);

  fleet.post({ type: 'command', verb: 'shutdown', workers: [], kill: false, reason: null });
  fleet.run(MINUTE);
  expect(allGone(fleet.state)).toBe(true);
  expect(fleet.shim.processes.size).toBe(0);
  expect(fleet.ledger.openIntents()).toEqual([]);
});
