/** What the core orders, carried out: messages to the shim, timers, questions to brokers. */
import type { Config } from '../config/types.ts';
import type { CoreState, Effect } from '../core/types.ts';
import type { ToShim } from '../shim/protocol.ts';
import type { Brokers } from './brokers.ts';
import { writeIniDirectories } from './php-ini.ts';
import { specOf } from './spawn-spec.ts';
import type { Endpoint } from './spawn-spec.ts';
import type { Timers } from './timers.ts';

export interface OrderParts {
  core: () => CoreState;
  tell: (message: ToShim) => void;
  timers: Timers;
  brokers: Brokers;
  inherited: NodeJS.ProcessEnv;
  endpoint: () => Endpoint | null;
}

export class Orders {
  readonly #parts: OrderParts;
  #config: Config;
  #iniDirectories: Map<string, string>;

  constructor(config: Config, parts: OrderParts) {
    this.#parts = parts;
    this.#config = config;
    this.#iniDirectories = writeIniDirectories(config);
  }

  /** What is spawned from now on is of this configuration. @throws when its php.ini files cannot be written; nothing is changed then */
  configure(config: Config): void {
    this.#iniDirectories = writeIniDirectories(config);
    this.#config = config;
  }

  carryOut(effect: Effect): void {
    const { tell, timers, brokers } = this.#parts;
    switch (effect.type) {
      case 'spawn':
        this.#spawn(effect);
        return;
      case 'stop':
        tell({ type: 'stop', incarnation: effect.incarnation, plan: effect.plan });
        return;
      case 'signal':
        tell({ type: 'signal', incarnation: effect.incarnation, signal: effect.signal });
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

  #spawn(effect: Extract<Effect, { type: 'spawn' }>): void {
    const { core, tell, inherited, endpoint } = this.#parts;
    const program = core().workers[effect.worker]?.program ?? '';
    const spec = specOf(effect, {
      config: this.#config,
      inherited,
      endpoint: endpoint(),
      iniDirectory: this.#iniDirectories.get(program) ?? null,
    });
    if (spec !== null) tell({ type: 'spawn', spec });
  }
}
