/** workers.yaml is read again, and what is different in it comes into force. */
import { homedir } from 'node:os';
import { OperationError } from '../api/operations.ts';
import type { ReloadReply } from '../api/types.ts';
import { loadConfig } from '../config/load.ts';
import { planReload } from '../config/reload/plan.ts';
import type { LineOf } from '../config/reload/plan.ts';
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Config, LoadResult } from '../config/types.ts';
import type { Controller } from './controller.ts';

export interface ReloadOptions {
  /** For `${VAR}` in the file: the environment of this controller. */
  env: NodeJS.ProcessEnv;
  /** What the configuration that is now in force warns of: keys that do nothing, and keys that keep their values. */
  applied: (warnings: string[]) => void;
}

export class Reloader {
  readonly #controller: Controller;
  readonly #options: ReloadOptions;

  constructor(controller: Controller, options: ReloadOptions) {
    this.#controller = controller;
    this.#options = options;
  }

  /** The file of the configuration in force, read again; changes nothing. */
  reread(): LoadResult {
    const { env } = this.#options;
    return loadConfig(this.#controller.config.file, env, {
      uid: process.getuid?.() ?? 0,
      home: env['HOME'] ?? homedir(),
    });
  }

  /** Bring the file into force; an invalid one changes nothing. */
  reload(dryRun: boolean): ReloadReply {
    const { core, config } = this.#controller;
    const { file } = config;
    if (core.mode !== 'running')
      throw new OperationError('badRequest', 'ackwarden is shutting down; nothing was changed');
    const loaded = this.reread();
    if (!loaded.ok) {
      if (!dryRun) this.#sayInvalid(loaded.problems);
      return { ok: false, dryRun, file, plan: null, problems: loaded.problems };
    }
    const lineOf: LineOf = (path) => loaded.lineOf(path);
    const plan = dryRun
      ? planReload(config, loaded.config, lineOf)
      : this.apply(loaded.config, { lineOf, warnings: loaded.notYetActive.map(({ text }) => text) });
    return { ok: true, dryRun, file, plan, problems: [] };
  }

  /**
   * Bring a configuration into force and write so: of this file, or one that was put together from it and what was in force.
   *
   * @throws with a sentence when it cannot be; nothing is changed then
   */
  apply(config: Config, { lineOf, warnings = [] }: { lineOf?: LineOf; warnings?: string[] } = {}): ReloadPlan {
    const plan = planReload(this.#controller.config, config, lineOf);
    this.#controller.reconfigure(config, plan);
    this.#options.applied([...warnings, ...plan.notApplied.map(({ text }) => text)]);
    return plan;
  }

  #sayInvalid(problems: readonly { text: string }[]): void {
    const [first] = problems;
    this.#controller.scribe.say('reload', 'reload.invalid', { problems: problems.length, text: first?.text ?? '' });
  }
}
