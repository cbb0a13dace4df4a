/**
 * A run: the core, a controller that carries its effects out badly (timers late, twice or never; restarts; effects lost with it), a
 * shim, a broker and a person. Everything follows from the scenario and its seed.
 */
import { deepStrictEqual } from 'node:assert';
import { initialState, step } from '../../src/core/step.ts';
import { deadlineOf } from '../../src/core/turn.ts';
import type { CoreState, Effect, EventBody, ProgramPolicy } from '../../src/core/types.ts';
import type { FactBody } from '../../src/shim/protocol.ts';
import { Clock } from './clock.ts';
import { FakeShim } from './fake-shim.ts';
import { Invariants, deepFreeze } from './invariants.ts';
import { Ledger } from './ledger.ts';
import { seeded } from './random.ts';
import type { Random } from './random.ts';
import type { Behaviour, Disturbance, Scenario } from './scenario.ts';

export const HEALTHY: Behaviour = {
  spawnFails: 0,
  exitsEarly: 0,
  exits: 0,
  exitCode: 0,
  hard: 0,
  soft: 0,
  ignoresTerm: false,
  unready: 0,
};

/** How long an order is on its way: long enough that a controller can die before it arrives. */
const ORDER_MS = 30;

export class World {
  readonly clock = new Clock();
  readonly ledger = new Ledger();
  readonly invariants = new Invariants();
  readonly random: Random;
  state: CoreState = initialState('sim');
  shim: FakeShim;
  steps = 0;
  /** Who else looks at every step. */
  onStep: ((before: CoreState, after: CoreState, effects: readonly Effect[]) => void) | null = null;
  readonly #scenario: Scenario;
  #calm = false;
  #brokerUp = true;
  /** Counts the lives of the controller: what an earlier one had under way is void. */
  #life = 0;
  #listening = false;
  #waitsForShim = false;
  #unheard: FactBody[] = [];
  #heard: FactBody[] = [];
  #linkFreeAt = 0;
  #timers = new Map<string, number>();
  #underWay: { arrived: boolean }[] = [];

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.random = seeded(scenario.seed);
    this.shim = this.#newShim(1_000);
    this.#listening = true;
    this.#configure({ keep: -1, specs: [], maxConcurrent: 1, auto: true });
    this.#attach();
  }

  disturb(what: Disturbance): void {
    switch (what.kind) {
      case 'command':
        this.command(what.verb, this.#pick(what.pick, what.all), what.kill);
        return;
      case 'broker':
        this.#setBroker(what.up);
        return;
      case 'controllerRestart':
        this.#restartController(what.gapMs, what.losesLastEffects);
        return;
      case 'shimDeath':
        this.#loseShim(what.gapMs);
        return;
      case 'shimEnd':
        this.#endShim(what.gapMs);
        return;
      case 'memory':
        this.send({ type: 'host', availableBytes: what.scarce ? 10 : 1_000, needs: {} });
        return;
      case 'lifetime':
        this.#endLifetimes();
        return;
      case 'trend':
      case 'oomRefused':
        this.#ofCurrent(what.pick, (incarnation) =>
          what.kind === 'trend'
            ? { type: 'trend', incarnation, leaking: what.leaking }
            : { type: 'oomRefused', incarnation },
        );
        return;
      case 'config':
        this.#configure(what);
    }
  }

  command(verb: 'start' | 'stop' | 'restart' | 'recycle' | 'shutdown', workers: string[], kill: boolean): void {
    this.send({ type: 'command', verb, workers, kill, reason: null });
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    this.#calm = true;
    this.#setBroker(true);
    this.send({ type: 'host', availableBytes: 1_000, needs: {} });
    // Timers that were lost are armed anew at the next attach.
    this.#restartController(10, false);
  }

  /** One step of the core, checked; nothing is heard while no controller lives. */
  send(body: EventBody): void {
    if (!this.#listening) return;
    const event = deepFreeze({ ...body, now: this.clock.now, random: this.random.next() });
    const before = deepFreeze(this.state);
    const { state, effects } = step(before, event);
    if (this.random.chance(0.1)) deepStrictEqual(step(before, event), { state, effects });
    this.steps += 1;
    this.state = deepFreeze(state);
    this.onStep?.(before, state, effects);
    this.invariants.now = this.clock.now;
    this.ledger.record(effects);
    this.invariants.check({ before, event, state, effects });
    for (const effect of effects) this.#carryOut(effect);
    this.#checkTimers();
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'spawn': {
        const program = this.state.workers[effect.worker]?.program ?? '';
        this.#order((shim) => shim.spawn({ ...effect, program }));
        return;
      }
      case 'stop':
        this.#order((shim) => shim.stop(effect.incarnation, effect.plan));
        return;
      case 'timer':
        this.#arm(effect.worker, effect.at);
        return;
      case 'probeBroker':
        this.#whileThisLife(this.random.between(10, 500), () => this.#tellBroker(effect.broker));
        return;
      case 'setOom':
      case 'signal':
      case 'journal':
      case 'outcome':
    }
  }

  #order(run: (shim: FakeShim) => void): void {
    const { shim } = this;
    if (this.state.shim !== 'attached') return;
    const order = { arrived: false };
    this.#underWay = [...this.#underWay.filter((other) => !other.arrived), order];
    this.clock.after(ORDER_MS, () => {
      if (!shim.alive || order.arrived) return;
      order.arrived = true;
      run(shim);
    });
  }

  #arm(worker: string, at: number): void {
    this.#timers.set(worker, at);
    const { lateChance, lostChance, twiceChance } = this.#scenario.timers;
    const awry = (chance: number): boolean => !this.#calm && this.random.chance(chance);
    if (awry(lostChance)) return;
    const fire = (): void => {
      if (this.#timers.get(worker) === at) this.#timers.delete(worker);
      this.send({ type: 'timer', worker });
    };
    const lateMs = awry(lateChance) ? this.random.between(0, 10_000) : 0;
    this.#whileThisLife(at - this.clock.now + lateMs, () => {
      if (this.#timers.get(worker) === at) fire();
    });
    if (awry(twiceChance)) this.#whileThisLife(at - this.clock.now + this.random.between(0, 100), fire);
  }

  /** Every deadline of the state has a timer that is not later. */
  #checkTimers(): void {
    for (const worker of Object.values(this.state.workers)) {
      const deadline = deadlineOf(worker);
      if (deadline === null) continue;
      const armed = this.#timers.get(worker.name);
      if (armed === undefined || armed > deadline)
        throw new Error(`${worker.name} waits until ${deadline} and its timer is armed for ${armed}`);
    }
  }

  #tellBroker(broker: string): void {
    this.send({ type: 'broker', broker, reachable: this.#brokerUp, text: '' });
  }

  #setBroker(up: boolean): void {
    this.#brokerUp = up;
    // The controller asks by itself every now and then.
    this.#whileThisLife(this.random.between(0, 5_000), () => this.#tellBroker('main'));
    if (up) return;
    for (const process of this.shim.processes.values()) {
      if (!this.#needsBroker(process.program)) continue;
      const { shim } = this;
      this.clock.after(this.random.between(0, 3_000), () => {
        if (!this.#brokerUp && shim.processes.get(process.id) === process && process.pid !== null) shim.end(process, 1);
      });
    }
  }

  /** It is the time of everybody's schedule. */
  #endLifetimes(): void {
    for (const { life } of Object.values(this.state.workers)) {
      if (life.state !== 'RUNNING') continue;
      const { id } = life.incarnation;
      this.send({ type: 'findings', incarnation: id, rule: 'lifetime.schedule', evidence: { schedule: '0 4 * * *' } });
    }
  }

  #ofCurrent(pick: number, event: (incarnation: string) => EventBody): void {
    const life = this.state.workers[this.#pick(pick, false)[0] ?? '']?.life;
    if (life !== undefined && 'incarnation' in life) this.send(event(life.incarnation.id));
  }

  #needsBroker(program: string): boolean {
    return this.#scenario.programs.some(({ policy }) => policy.name === program && policy.broker !== null);
  }

  /** The first configuration has everything as the scenario says; later ones are reloads. */
  #configure(how: Omit<Extract<Disturbance, { kind: 'config' }>, 'kind'>): void {
    let index = 0;
    const programs = this.#scenario.programs
      .map(({ policy }, at) =>
        reloaded(policy, how, { spec: how.specs[at], keeps: () => ((how.keep >> index++) & 1) === 1 }),
      )
      .filter((policy) => policy.workers.length > 0);
    this.send({ type: 'config', programs, hostMaxConcurrent: this.#scenario.hostMaxConcurrent, reserveBytes: 100 });
  }

  #pick(pick: number, all: boolean): string[] {
    const names = Object.keys(this.state.workers);
    const name = names[pick % Math.max(1, names.length)];
    return all || name === undefined ? names : [name];
  }

  #restartController(gapMs: number, losesLastEffects: boolean): void {
    this.#stopListening();
    // It died after its checkpoint and before its orders went out.
    if (losesLastEffects) for (const order of this.#underWay) order.arrived = true;
    this.state = JSON.parse(JSON.stringify(this.state)) as CoreState;
    const life = this.#life;
    this.clock.after(gapMs, () => {
      if (life === this.#life) this.#attach();
    });
  }

  #loseShim(gapMs: number): void {
    this.shim.die();
    this.send({ type: 'shimLost' });
    this.#unheard = [];
    this.#heard = [];
    const { shim } = this;
    this.clock.after(gapMs, () => {
      if (shim !== this.shim) return;
      this.shim = this.#newShim(shim.pid + 10_000);
      if (this.#listening || this.#waitsForShim) this.#attach();
    });
  }

  #endShim(gapMs: number): void {
    const { shim } = this;
    if (!shim.alive) return;
    shim.endAll(() => {
      if (shim.alive) this.#loseShim(gapMs);
    });
  }

  #stopListening(): void {
    this.#listening = false;
    this.#life += 1;
    this.#timers.clear();
  }

  #attach(): void {
    this.#stopListening();
    this.#waitsForShim = !this.shim.alive;
    if (this.#waitsForShim) return;
    this.#listening = true;
    if (this.#scenario.queuedSpawns === 'dropped') this.shim.dropQueue();
    // What was told and perhaps not acknowledged is told again.
    const again = this.random.chance(0.3) ? this.#heard.slice(-this.random.between(0, 3)) : [];
    const facts = [...again.filter((fact) => this.#heard.includes(fact)), ...this.#unheard];
    this.#unheard = [];
    this.send(this.#hello(facts));
    for (const fact of facts) this.#tell(fact);
  }

  #hello(facts: FactBody[]): EventBody {
    const incarnations = [...this.shim.processes.values()].flatMap(({ id, pid, stop, ready, ...rest }) =>
      pid === null ? [] : [{ ...rest, incarnation: id, pid, spawnedWall: 0, stopping: stop !== null, ready }],
    );
    const ended = facts.flatMap((fact) =>
      fact.kind === 'exited' || fact.kind === 'spawnFailed' ? [fact.incarnation] : [],
    );
    const queued = [...this.shim.processes.values()].filter(({ pid }) => pid === null).map(({ id }) => id);
    const untold = this.#scenario.queuedSpawns === 'told' ? queued : [];
    return { type: 'attached', shimPid: this.shim.pid, incarnations, ended, untold };
  }

  /** Facts reach the controller in their order, each a little later; what no controller heard waits for the next. */
  #tell(fact: FactBody): void {
    this.#unheard.push(fact);
    if (!this.#listening) return;
    this.#linkFreeAt = Math.max(this.#linkFreeAt, this.clock.now + this.random.between(0, 50));
    this.#whileThisLife(this.#linkFreeAt - this.clock.now, () => {
      if (this.#unheard[0] !== fact) return;
      this.#unheard.shift();
      this.#heard = [...this.#heard, fact].slice(-5);
      this.#hear(fact);
    });
  }

  #hear(fact: FactBody): void {
    if (fact.kind === 'spawned') {
      const { incarnation, pid } = fact;
      this.send({ type: 'spawned', incarnation, pid, at: fact.startTime, wall: 0 });
    } else if (fact.kind === 'spawnFailed') {
      this.send({ type: 'spawnFailed', incarnation: fact.incarnation, field: fact.field, text: fact.text });
    } else if (fact.kind === 'exited') this.send({ type: 'exited', fact });
    else if (fact.kind === 'ceiling') this.send({ type: 'ceiling', fact, bytesPerMessage: null });
    else if (fact.kind === 'ready') this.send({ type: 'ready', incarnation: fact.incarnation });
    else if (fact.kind === 'consuming') this.send({ type: 'consuming', incarnation: fact.incarnation });
  }

  #whileThisLife(delayMs: number, run: () => void): void {
    const life = this.#life;
    this.clock.after(Math.max(0, delayMs), () => {
      if (life === this.#life) run();
    });
  }

  #newShim(pid: number): FakeShim {
    return new FakeShim(pid, {
      clock: this.clock,
      random: this.random,
      behaviourOf: (program) =>
        this.#calm
          ? HEALTHY
          : (this.#scenario.programs.find(({ policy }) => policy.name === program)?.behaviour ?? HEALTHY),
      dependsOnDeadBroker: (program) => !this.#brokerUp && this.#needsBroker(program),
      report: (fact) => this.#tell(fact),
      soft: (id) => this.#soft(this.shim, id),
      checksReady: (program) =>
        this.#scenario.programs.some(({ policy }) => policy.name === program && policy.ready !== null),
    });
  }

  #soft(shim: FakeShim, id: string): void {
    if (this.#calm || !shim.processes.has(id)) return;
    this.send({ type: 'findings', incarnation: id, rule: 'memory.soft', evidence: { bytes: 300 } });
    this.clock.after(2_000, () => this.#soft(shim, id));
  }
}

const reloaded = (
  policy: ProgramPolicy,
  how: { maxConcurrent: number; auto: boolean },
  { spec, keeps }: { spec: string | undefined; keeps: () => boolean },
): ProgramPolicy => {
  if (spec === undefined) return policy;
  const workers = policy.workers.filter(keeps);
  const { maxConcurrent, auto } = how;
  return {
    ...policy,
    maxConcurrent,
    auto,
    workers,
    specs: Object.fromEntries(workers.map((worker) => [worker, spec])),
  };
};
