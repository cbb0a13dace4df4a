/** What the core orders, carried out: messages to the shim, timers, questions to brokers. */
import type { Config } from '../config/types.ts';
import type { CoreState, Effect } from '../core/types.ts';
import { findIncarnation } from '../core/find.ts';
import type { SpawnSpec } from '../shim/spawn-spec.ts';
import type { Brokers } from './brokers.ts';
import type { Outbox } from './outbox.ts';
import { PhpExtensions } from './php-extensions.ts';
import { writeIniDirectories } from './php-ini.ts';
import type { Scribe } from './scribe.ts';
import { specOf } from './spawn-spec.ts';
import type { Endpoint } from './spawn-spec.ts';
import type { Timers } from './timers.ts';

export interface OrderParts {
  core: () => CoreState;
  outbox: Outbox;
  scribe: Scribe;
  timers: Timers;
  brokers: Brokers;
  inherited: NodeJS.ProcessEnv;
  endpoint: () => Endpoint | null;
}

export class Orders {
  readonly #parts: OrderParts;
  readonly #extensions: PhpExtensions;
  #config: Config;
  #iniDirectories: Map<string, string>;

  constructor(config: Config, parts: OrderParts) {
    this.#parts = parts;
    this.#config = config;
    this.#extensions = new PhpExtensions(config.dataDir, (...said) => void parts.scribe.say('warn', ...said));
    this.#iniDirectories = writeIniDirectories(config);
  }

  /** What is spawned from now on is of this configuration. @throws when its php.ini files cannot be written; nothing is changed then */
  configure(config: Config): void {
    this.#iniDirectories = writeIniDirectories(config);
    this.#config = config;
  }

  carryOut(effect: Effect): void {
    const { outbox, timers, brokers } = this.#parts;
    switch (effect.type) {
      case 'spawn':
        this.#spawn(effect);
        return;
      case 'stop':
        outbox.send({ type: 'stop', incarnation: effect.incarnation, plan: effect.plan });
        return;
      case 'signal':
        outbox.send({ type: 'signal', incarnation: effect.incarnation, signal: effect.signal });
        return;
      case 'setOom':
        outbox.send({ type: 'setOom', incarnation: effect.incarnation, scoreAdj: effect.scoreAdj });
        return;
      case 'timer':
        timers.arm(effect.worker, effect.at);
        return;
      case 'probeBroker':
        brokers.probe(effect.broker);
        return;
      case 'journal':
      case 'outcome':
        return;
    }
  }

  /** What a process of this worker would be made of, were it spawned now. */
  pretend(worker: string): SpawnSpec | null {
    return this.#specOf({ type: 'spawn', worker, incarnation: '', number: 0, role: 'current', spec: '', cause: '' });
  }

  #specOf(effect: Extract<Effect, { type: 'spawn' }>): SpawnSpec | null {
    const { core, inherited, endpoint } = this.#parts;
    const iniDirectory = this.#iniDirectories.get(core().workers[effect.worker]?.program ?? '') ?? null;
    return specOf(effect, { config: this.#config, inherited, endpoint: endpoint(), iniDirectory });
  }

  #spawn(effect: Extract<Effect, { type: 'spawn' }>): void {
    const { core, outbox } = this.#parts;
    const spec = this.#specOf(effect);
    const program = this.#config.programs[spec?.note.program ?? ''];
    if (spec === null || program === undefined) return;
    const prepared = this.#extensions.prepare(spec, program);
    if (!(prepared instanceof Promise)) outbox.send({ type: 'spawn', spec: prepared });
    else void outbox.spawnLater(spec.incarnation, prepared, () => findIncarnation(core(), spec.incarnation) !== null);
  }
}
