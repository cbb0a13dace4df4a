/**
 * The loop around the core: one mailbox, events in, effects out. Everything that happens arrives here as an event; the core decides;
 * this class writes the journal, saves the checkpoint, and only then orders anything (docs/design.md, section 2).
 */
import { randomInt } from 'node:crypto';
import type { HostStatus } from '../api/types.ts';
import { applicable, changesAnything } from '../config/reload/plan.ts';
import type { ReloadPlan } from '../config/reload/types.ts';
import type { Config } from '../config/types.ts';
import { allGone } from '../core/find.ts';
import { rested } from '../core/rest.ts';
import { initialState, step } from '../core/step.ts';
import type { CoreState, Effect, EventBody } from '../core/types.ts';
import { monotonicMs } from '../linux/clock.ts';
import type { ToShim } from '../shim/protocol.ts';
import type { SpawnSpec } from '../shim/spawn-spec.ts';
import { BUILD } from '../shim/version.ts';
import { Attachment, forwards } from './attachment.ts';
import { Brokers } from './brokers.ts';
import { EarlierEvidence } from './evidence-earlier.ts';
import { EvidenceTaker } from './evidence.ts';
import { traceRows } from './trace.ts';
import { Hearing } from './hearing.ts';
import { HostReader } from './host.ts';
import type { Journal } from './journal.ts';
import { Keeper } from './keeper.ts';
import { renewAtReload } from './limits.ts';
import { LogClearing } from './log-clearing.ts';
import { Orders } from './orders.ts';
import { Outbox } from './outbox.ts';
import { policiesOf } from './policies.ts';
import { SampleStore } from './sample-store.ts';
import { Scribe } from './scribe.ts';
import { Shims } from './shims.ts';
import { planEvidence, rollingKeys } from './reload-evidence.ts';
import { RollWatch } from './roll-watch.ts';
import type { Endpoint } from './spawn-spec.ts';
import { sayWhatStaysStopped } from './stopped-file.ts';
import { Timers } from './timers.ts';
import { Waiters } from './waiters.ts';
import { Watches } from './watches.ts';

const HOST_EVERY_MS = 1_000;
/** An empty shim that was told to leave writes out its logs (a few seconds at most) and ends. */
const LEAVE_DEADLINE_MS = 30_000;

export interface ControllerOptions {
  config: Config;
  /** What this configuration changes for the processes that live; null: none live, or nobody knows. */
  changes: ReloadPlan | null;
  journal: Journal;
  version: string;
  shimScript: string;
  /** Environment that workers inherit. */
  inherited: NodeJS.ProcessEnv;
  /** The embedded broker, where there is one; asked at each spawn because it may have moved. */
  endpoint: () => Endpoint | null;
  /** Told of every step, once what it ordered is carried out. */
  onStep?: (before: CoreState, after: CoreState, effects: readonly Effect[]) => void;
  /** Print what workers with `forward` print; `done` once it is out. */
  print: (bytes: Buffer, done: () => void) => void;
}

export class Controller {
  /** In force; another one after a reload, so never to be kept. */
  #config: Config;
  readonly journal: Journal;
  readonly samples = new SampleStore();
  readonly scribe: Scribe;
  readonly waiters = new Waiters();
  readonly brokers: Brokers;
  readonly evidence: EvidenceTaker;
  readonly #earlierEvidence: EarlierEvidence;
  readonly logClearing = new LogClearing((message) => this.tellShim(message));
  /** Resolves once a shutdown has ended: null if no worker and no shim is left, else a sentence that tells what is. */
  readonly ended: Promise<string | null>;
  readonly #options: ControllerOptions;
  readonly #keeper: Keeper;
  readonly #timers: Timers;
  readonly #host = new HostReader();
  readonly #mailbox: EventBody[] = [];
  readonly #shims: Shims;
  readonly #outbox = new Outbox((message) => this.#shims.send(message));
  readonly #hearing: Hearing;
  readonly #orders: Orders;
  readonly #rolls: RollWatch;
  readonly #watches: Watches;
  readonly #attachment: Attachment;
  #core: CoreState;
  #hostStatus: HostStatus;
  #working = false;
  #tick: NodeJS.Timeout | null = null;
  #leaving: NodeJS.Timeout | null = null;
  #phase: 'running' | 'leaving' | 'over' = 'running';
  #resolveEnded: (left: string | null) => void = () => undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#config = options.config;
    this.journal = options.journal;
    this.#shims = this.#linkToShims();
    // A prefix of its own for each controller: entry ids stay unique although the checkpoint may lag behind the journal.
    const prefix = Date.now().toString(36);
    this.scribe = new Scribe(options.journal, this.config.file, prefix);
    this.evidence = new EvidenceTaker({
      config: () => this.#config,
      core: () => this.#core,
      scribe: this.scribe,
      trace: (incarnation) => traceRows(this.samples.of(incarnation)?.past?.rows() ?? []),
      shimScript: options.shimScript,
    });
    this.#earlierEvidence = new EarlierEvidence({
      entries: options.journal.entries(),
      dataDir: options.config.dataDir,
      conclude: (outcome) => this.scribe.conclude(outcome),
    });
    this.#hearing = new Hearing({
      evidence: this.evidence,
      samples: this.samples,
      scribe: this.scribe,
      core: () => this.#core,
      post: (event) => this.post(event),
      logClearing: this.logClearing,
      tell: (message) => this.tellShim(message),
      tellSlot: (slot, message) => this.#shims.tell(slot, message),
      print: options.print,
    });
    this.#watches = new Watches({
      config: () => this.#config,
      core: () => this.#core,
      samples: this.samples,
      scribe: this.scribe,
      post: (event) => this.post(event),
      evidence: this.evidence,
      olderShims: () => this.#shims.older,
    });
    this.#attachment = new Attachment({
      config: () => this.#config,
      changes: options.changes,
      version: options.version,
      shims: this.#shims,
      hearing: this.#hearing,
      watches: this.#watches,
      logClearing: this.logClearing,
      scribe: this.scribe,
      tell: (message) => this.tellShim(message),
      post: (event) => this.post(event),
      isLeaving: () => this.#phase === 'leaving',
      isShuttingDown: () => this.#core.mode === 'shuttingDown',
      finish: (left) => this.#finish(left),
    });
    this.#keeper = new Keeper(this.config);
    // A shutdown that was under way when the last controller died is over; its successor was started to run.
    this.#core = {
      ...initialState(prefix),
      ...this.#keeper.read(),
      mode: 'running',
      shim: 'lost',
      journal: { prefix, next: 1 },
    };
    this.#timers = new Timers((worker) => this.post({ type: 'timer', worker }));
    this.brokers = new Brokers((answer) => this.post({ type: 'broker', ...answer }));
    this.#hostStatus = this.#host.read();
    this.#orders = new Orders(this.config, {
      core: () => this.#core,
      outbox: this.#outbox,
      scribe: this.scribe,
      timers: this.#timers,
      brokers: this.brokers,
      inherited: options.inherited,
      endpoint: options.endpoint,
    });
    this.#rolls = new RollWatch((outcome) => this.scribe.conclude(outcome));
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  get config(): Config {
    return this.#config;
  }

  get core(): CoreState {
    return this.#core;
  }

  get host(): HostStatus {
    return this.#hostStatus;
  }

  get shimPid(): number | null {
    return this.#shims.pid;
  }

  /** What a person should know as long as it lasts, in sentences. */
  get troubles(): string[] {
    const own = [this.journal.trouble, ...this.#keeper.troubles].filter((text) => text !== null);
    return [...own, ...this.#attachment.troubles];
  }

  /** Apply the configuration, meet the shim (or start one), and go. */
  async start(): Promise<void> {
    // A start over living workers with another workers.yaml is a reload.
    const { changes } = this.#options;
    const isReload = changes !== null && changesAnything(changes);
    const entry = isReload ? this.scribe.say('reload', 'reload', planEvidence(changes)) : null;
    this.#postConfig({});
    sayWhatStaysStopped(this.#core, this.scribe);
    this.#postHost();
    await this.#shims.open();
    if (entry !== null) this.#rolls.begin(entry, this.#core);
    if (this.#phase !== 'over') this.#tick = setInterval(() => this.#everySecond(), HOST_EVERY_MS);
  }

  /**
   * Bring another configuration into force, as far as a running controller can. Processes that it wants different are replaced one after
   * the other, in their own time.
   *
   * @param plan of `after` against the configuration in force (config/reload/plan.ts)
   * @throws with a sentence when it cannot be; nothing is changed then
   */
  reconfigure(after: Config, plan: ReloadPlan, rule: 'reload' | 'bisect.canaries' = 'reload'): void {
    const before = this.#config;
    const next = applicable(before, after);
    this.#orders.configure(next);
    this.#config = next;
    const entry = this.scribe.say('reload', rule, planEvidence(plan));
    this.#postConfig(rollingKeys(plan));
    renewAtReload(before, next, this.#core, (message) => this.tellShim(message));
    const { intervalMs } = next.sampling;
    this.#shims.sampleEvery(intervalMs);
    if (forwards(next) && !forwards(before)) this.tellShim({ type: 'outputTaken', seq: 0 });
    if (intervalMs !== before.sampling.intervalMs) this.tellShim({ type: 'sampling', intervalMs });
    this.#rolls.begin(entry, this.#core);
  }

  /** Hand an event to the core and carry out what it orders. Events posted meanwhile wait their turn. */
  post(event: EventBody): void {
    if (this.#phase === 'over') return;
    this.#mailbox.push(event);
    if (this.#working) return;
    this.#working = true;
    try {
      for (let next = this.#mailbox.shift(); next !== undefined; next = this.#mailbox.shift()) this.#take(next);
    } finally {
      this.#working = false;
    }
  }

  /** A message the core has no part in, such as `reopenLogs`. */
  tellShim(message: ToShim): void {
    this.#outbox.send(message);
  }

  /** What a process of this worker would be made of; null: there is no such worker. */
  pretendSpawn(worker: string): SpawnSpec | null {
    return this.#orders.pretend(worker);
  }

  /** Leave the shim and its workers alone and let go of everything (upgrade). */
  detach(): void {
    if (this.#phase === 'over') return;
    this.#save();
    this.#release();
  }

  #take(event: EventBody): void {
    const before = this.#core;
    const { state, effects } = step(before, { ...event, now: monotonicMs(), random: randomInt(2 ** 32) / 2 ** 32 });
    this.#core = state;
    // The host's figures alone, once a second, are not worth a write.
    if (event.type !== 'host') this.#keeper.note();
    // The journal first, then the checkpoint, then the deed: what is not written down has not happened.
    for (const effect of effects) this.#write(effect);
    const orders = effects.some((effect) => effect.type === 'spawn' || effect.type === 'stop');
    if (orders || event.type === 'command' || event.type === 'config') this.#save();
    for (const effect of effects) this.#orders.carryOut(effect);
    this.evidence.onStep(effects);
    this.#options.onStep?.(before, state, effects);
    this.waiters.check(state);
    this.#rolls.check(state);
    // Without a shim nobody knows what is gone: the next one first ends what the last one left.
    if (state.mode === 'shuttingDown' && state.shim === 'attached' && allGone(state)) this.#leave();
  }

  #postConfig(changes: Record<string, string[]>): void {
    const { host } = this.config;
    this.brokers.configure(this.config, this.#options.endpoint()?.url ?? null);
    this.post({
      type: 'config',
      programs: policiesOf(this.config),
      hostMaxConcurrent: host.maxConcurrent,
      reserveBytes: host.reserveBytes,
      changes,
    });
  }

  #write(effect: Effect): void {
    if (effect.type === 'journal') this.scribe.write(effect.entry);
    else if (effect.type === 'outcome') this.scribe.conclude(effect.outcome);
  }

  #save(): void {
    // Not before: a fact that the journal has and the checkpoint lacks would be forgotten by the next controller.
    if (this.#keeper.save(this.#core, monotonicMs())) this.#shims.acknowledge();
  }

  #everySecond(): void {
    this.#hostStatus = this.#host.read();
    this.#postHost();
    this.#watches.look(monotonicMs(), Date.now(), this.#hostStatus);
    if (this.#keeper.isDue(monotonicMs())) this.#save();
    this.#shims.retire();
  }

  #postHost(): void {
    const programOf = (worker: string): string | null => this.#core.workers[worker]?.program ?? null;
    this.post({
      type: 'host',
      availableBytes: this.#hostStatus.memoryAvailableBytes,
      needs: this.samples.needs(programOf),
    });
  }

  #linkToShims(): Shims {
    const { config, version, shimScript } = this.#options;
    const { stateDir, logDir } = config;
    return new Shims(
      { stateDir, logDir, intervalMs: config.sampling.intervalMs, version, build: BUILD, shimScript },
      {
        attached: (greeting) => this.#attachment.attached(greeting),
        fact: (fact, slot) => {
          this.#hearing.fact(fact, slot);
          // An acknowledgement waits for the next checkpoint, also where the core has no part in the fact.
          this.#keeper.note();
        },
        message: (message, slot) => this.#hearing.message(message, slot),
        lost: (incarnations) => this.#attachment.lost(incarnations),
        left: (pid) => this.#attachment.left(pid),
        trouble: (text) => this.#attachment.failed(text),
        notRenewed: (text) => this.scribe.say('warn', 'shim.notRenewed', { text }),
      },
    );
  }

  /** Everything is gone: the shim may go too. */
  #leave(): void {
    if (this.#phase !== 'running') return;
    this.#phase = 'leaving';
    this.#save();
    this.tellShim({ type: 'leave' });
    const late = `the empty shim (pid ${this.shimPid}) does not end; end it with kill -9 ${this.shimPid}`;
    this.#leaving = setTimeout(() => this.#finish(late), LEAVE_DEADLINE_MS);
  }

  #finish(left: string | null): void {
    if (left === null) this.#core = rested(this.#core);
    this.#save();
    this.#release();
    this.#resolveEnded(left);
  }

  #release(): void {
    this.#phase = 'over';
    if (this.#tick !== null) clearInterval(this.#tick);
    if (this.#leaving !== null) clearTimeout(this.#leaving);
    this.#timers.clear();
    this.brokers.stop();
    this.evidence.close();
    this.#earlierEvidence.close();
    this.waiters.giveUp('the controller ended');
    this.#shims.close();
  }
}
