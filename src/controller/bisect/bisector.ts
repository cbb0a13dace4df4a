/** `ackwarden bisect` in the controller: at most one at a time, begun, looked at, told of, and ended. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BisectReport, BisectRequest, BisectGrowth } from '../../api/bisect-types.ts';
import { OperationError } from '../../api/operations.ts';
import { isGated } from '../../config/gated.ts';
import { planReload } from '../../config/reload/plan.ts';
import type { Config, ProgramConfig } from '../../config/types.ts';
import { monotonicMs } from '../../linux/clock.ts';
import type { Reading } from '../../policy/bisect/slope.ts';
import type { Controller } from '../controller.ts';
import { fleetOf } from '../fleet.ts';
import type { SampleStore } from '../sample-store.ts';
import { BisectSession, messagesOf } from './session.ts';
import type { Canary } from './session.ts';
import { suspectsFor } from './suspects.ts';
import type { Suspects } from './suspects.ts';

const LOOK_EVERY_MS = 250;

type Stage =
  | { state: 'idle' }
  /** PHP is being asked. */
  | { state: 'preparing' }
  | { state: 'begun'; session: BisectSession; timer: NodeJS.Timeout; entry: string };

export class Bisector {
  readonly #controller: Controller;
  readonly #advisories: string;
  #stage: Stage = { state: 'idle' };

  /** @param advisories file of the known leaks that come with us */
  constructor(controller: Controller, advisories: string) {
    this.#controller = controller;
    this.#advisories = advisories;
  }

  /** @throws OperationError where it makes no sense */
  async begin(request: BisectRequest): Promise<BisectReport> {
    if (this.#isBusy) throw new OperationError('badRequest', 'a bisect is under way; it has to end first');
    const program = this.#programOf(request.program);
    const before = this.#stage;
    this.#stage = { state: 'preparing' };
    try {
      const found = await this.#suspects(request, program);
      const now = monotonicMs();
      const session = new BisectSession(this.#parts, request, {
        ...found,
        program: this.#programOf(program.name),
        now,
      });
      const evidence = { program: program.name, suspects: found.suspects.map(({ extension }) => extension).join(', ') };
      const entry = this.#controller.scribe.say('diagnose', 'bisect.begun', evidence);
      const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#stage = { state: 'begun', session, timer, entry };
      return reportOf(session);
    } catch (error) {
      this.#stage = before;
      throw error;
    }
  }

  /** Of the running one, or the last. @throws OperationError where there was none */
  report(): BisectReport {
    const { session } = this.#begun();
    session.keep(monotonicMs());
    return reportOf(session);
  }

  end(): BisectReport {
    const { session } = this.#begun();
    session.end('it was interrupted');
    return reportOf(session);
  }

  /** What of this configuration a later controller may go on with: canaries last no longer than whoever looks after them. */
  lasting(config: Config): Config {
    return this.#stage.state === 'begun' ? this.#stage.session.without(config) : config;
  }

  /** The controller ends: what is left of it is for the next one, whose configuration knows no canaries. */
  close(): void {
    if (this.#stage.state === 'begun') clearInterval(this.#stage.timer);
  }

  get #isBusy(): boolean {
    const stage = this.#stage;
    return stage.state === 'preparing' || (stage.state === 'begun' && stage.session.phase.state !== 'done');
  }

  #begun(): Extract<Stage, { state: 'begun' }> {
    if (this.#stage.state === 'begun') return this.#stage;
    throw new OperationError('notFound', 'no bisect has been begun since this controller was started');
  }

  #programOf(name: string): ProgramConfig {
    const { config, core } = this.#controller;
    const program = config.programs[name];
    if (core.mode !== 'running') throw new OperationError('badRequest', 'ackwarden is shutting down');
    if (program === undefined) throw new OperationError('notFound', `there is no program named "${name}"`);
    if (!isGated(config, program))
      throw new OperationError(
        'badRequest',
        `nobody counts the messages of ${name}, because its workers have no gate; write amqp: {} in workers.yaml`,
      );
    return program;
  }

  async #suspects(request: BisectRequest, program: ProgramConfig): Promise<Suspects> {
    const { config } = this.#controller;
    const worker = [...fleetOf(config).values()].find((member) => member.program.name === program.name)?.worker;
    const spec = worker === undefined ? null : this.#controller.pretendSpawn(worker.name);
    if (spec === null) throw new OperationError('badRequest', `${program.name} has no workers (workers: 0)`);
    const { argv: command, environment, directory, user } = spec;
    const place = { command, environment, directory, user };
    return suspectsFor({
      asked: request.suspects,
      program: program.name,
      place,
      dataDir: config.dataDir,
      advisories: [this.#advisories, ...config.advisories],
      atOnce: request.atOnce,
    });
  }

  get #parts(): ConstructorParameters<typeof BisectSession>[0] {
    const controller = this.#controller;
    return {
      config: () => controller.config,
      core: () => controller.core,
      readingOf: (incarnation) => readingOf(controller.samples, incarnation),
      apply: (config) => controller.reconfigure(config, planReload(controller.config, config), 'bisect.canaries'),
    };
  }

  #look(): void {
    if (this.#stage.state !== 'begun') return;
    const { session, timer, entry } = this.#stage;
    session.look(monotonicMs());
    const { phase } = session;
    if (phase.state !== 'done') return;
    clearInterval(timer);
    const { dataDir } = this.#controller.config;
    for (const { name } of [session.control, ...session.suspects])
      rmSync(join(dataDir, 'php', name), { recursive: true, force: true });
    const { kind, text } = phase.conclusion;
    this.#controller.scribe.conclude({ of: entry, ok: kind !== 'cancelled', rule: 'bisect', evidence: { kind, text } });
  }
}

const readingOf = (samples: SampleStore, incarnation: string): Reading | null => {
  const tracked = samples.of(incarnation);
  const { sample = null, gate = null } = tracked ?? {};
  if (sample?.anonBytes == null || gate === null) return null;
  return { messages: gate.acknowledged, bytes: sample.anonBytes + (sample.swapBytes ?? 0) };
};

interface Interval {
  bytesPerMessage: number;
  low: number;
  high: number;
}

const growthOf = (found: Interval | null | undefined): BisectGrowth | null =>
  found == null
    ? null
    : {
        bytesPerMessage: Math.round(found.bytesPerMessage),
        lowBytesPerMessage: Math.round(found.low),
        highBytesPerMessage: Math.round(found.high),
      };

const reportOf = (session: BisectSession): BisectReport => {
  const { request, control, suspects, spared, phase, judgement } = session;
  const suspectOf = (canary: Canary): BisectReport['suspects'][number] => {
    const extension = canary.extension ?? '';
    const found = judgement.suspects[extension];
    return {
      extension,
      why: canary.why,
      canary: canary.name,
      state: canary.state,
      verdict: canary.cannotRun ? 'cannotRun' : (found?.verdict ?? 'undecided'),
      messages: messagesOf(canary),
      growth: growthOf(found?.without),
      share: growthOf(found?.share),
    };
  };
  return {
    program: request.program,
    state: phase.state,
    elapsedSeconds: Math.round(session.elapsedMs / 1000),
    messages: session.messages,
    limitMessages: request.messages,
    limitSeconds: request.seconds,
    control: { canary: control.name, messages: messagesOf(control), growth: growthOf(judgement.control) },
    suspects: suspects.map((canary) => suspectOf(canary)),
    spared,
    conclusion: phase.state === 'running' ? null : phase.conclusion,
  };
};
