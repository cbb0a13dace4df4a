/** What the shim says: samples are kept, facts become events of the core, and what the core has no part in goes to the journal. */
import { findIncarnation } from '../core/find.ts';
import { ZEND_REFUSED } from '../linux/zend-reader.ts';
import type { CoreState, EventBody } from '../core/types.ts';
import type { Fact, FromShim, IncarnationReport, ToShim } from '../shim/protocol.ts';
import { decodePast } from '../shim/samples.ts';
import type { SamplesMessage } from '../shim/samples-message.ts';
import type { EvidenceTaker } from './evidence.ts';
import type { LogClearing } from './log-clearing.ts';
import type { SampleStore, Tracked } from './sample-store.ts';
import type { Scribe } from './scribe.ts';
import type { Told } from './shim-client.ts';
import { GrowthWatch } from './growth-watch.ts';
import type { Greeting } from './shims.ts';
import { NearWatch } from './near-watch.ts';
import { SettleWatch } from './settle-watch.ts';
import { SoftWatch } from './soft-watch.ts';

interface HearingParts {
  samples: SampleStore;
  scribe: Scribe;
  evidence: EvidenceTaker;
  core: () => CoreState;
  post: (event: EventBody) => void;
  logClearing: LogClearing;
  tell: (message: ToShim) => void;
  /** To the shim of a slot: its numbers are its own. */
  tellSlot: (slot: number, message: ToShim) => void;
  /** Print what workers print; `done` once it is out. */
  print: (bytes: Buffer, done: () => void) => void;
}

export class Hearing {
  readonly #parts: HearingParts;
  readonly #softWatch = new SoftWatch();
  readonly #growthWatch = new GrowthWatch();
  /** Said once: it concerns the host, not a worker. */
  #saidZendRefused = false;
  readonly #settleWatch = new SettleWatch();
  readonly #nearWatch = new NearWatch();

  constructor(parts: HearingParts) {
    this.#parts = parts;
  }

  /** Shims answered: what lives in them, and what they still have to tell. Their facts follow. */
  greet({ answers, shimPid, elsewhere }: Greeting): void {
    const { samples, post } = this.#parts;
    for (const { slot, hello } of answers) {
      for (const incarnation of samples.clear(slot)) this.#forgetWatched(incarnation);
      for (const living of hello.incarnations) {
        samples.track(living.handle, living.incarnation, slot);
        this.#recall(living);
      }
    }
    const incarnations = answers.flatMap(({ hello }) => hello.incarnations);
    const facts = answers.flatMap(({ hello }) => hello.facts);
    post({
      type: 'attached',
      shimPid,
      incarnations: incarnations.map(
        ({ note, incarnation, pid: livingPid, spawnedAt, spawnedWall, phase, ready, oomScoreAdj }) => ({
          incarnation,
          worker: note.worker,
          program: note.program,
          number: note.number,
          role: note.role,
          pid: livingPid,
          spawnedAt,
          spawnedWall,
          stopping: phase !== 'running',
          spec: note.specHash,
          ready: ready ?? false,
          ...(oomScoreAdj === undefined ? {} : { scoreAdj: oomScoreAdj }),
        }),
      ),
      ended: facts.flatMap((fact) => (fact.kind === 'exited' || fact.kind === 'spawnFailed' ? [fact.incarnation] : [])),
      untold: answers.flatMap(({ hello }) => hello.untold ?? []),
      elsewhere,
    });
  }

  #recall({ incarnation, past, note, spawnedWall }: IncarnationReport): void {
    if (past === undefined) return;
    const said = (rule: string): boolean => this.#parts.scribe.hasSaid(rule, note.worker, spawnedWall);
    const recalled = { rows: decodePast(past), said };
    this.#growthWatch.recall(incarnation, recalled);
    this.#nearWatch.recall(incarnation, recalled);
  }

  fact(fact: Fact, slot: number): void {
    const { samples, scribe, core, post } = this.#parts;
    switch (fact.kind) {
      case 'spawned':
        samples.track(fact.handle, fact.incarnation, slot);
        post({
          type: 'spawned',
          incarnation: fact.incarnation,
          pid: fact.pid,
          at: fact.at,
          wall: fact.wall,
        });
        break;
      case 'spawnFailed':
        post({ type: 'spawnFailed', incarnation: fact.incarnation, field: fact.field, text: fact.text });
        break;
      case 'exited':
        samples.forget(fact.incarnation);
        this.#forgetWatched(fact.incarnation);
        post({ type: 'exited', fact });
        break;
      case 'ceiling':
        post({ type: 'ceiling', fact, bytesPerMessage: samples.bytesPerMessage(fact.incarnation) });
        break;
      case 'consuming':
        post({ type: 'consuming', incarnation: fact.incarnation });
        break;
      case 'ready':
        post({ type: 'ready', incarnation: fact.incarnation });
        break;
      case 'hook':
        scribe.sayOfHook(fact, core());
        break;
      case 'stayedDeaf': {
        const { incarnation, reason, text, forMs } = fact;
        post({ type: 'findings', incarnation, rule: 'deaf', evidence: { reason, text, forMs } });
        break;
      }
      case 'gate':
        scribe.sayOfGate(fact, core());
        break;
      case 'logTrouble':
        scribe.say('warn', 'logTrouble', {
          path: fact.path,
          text: fact.text,
          droppedLines: fact.droppedLines,
        });
        break;
      case 'orphansStopped':
        scribe.say('stop', 'orphansStopped', {
          count: fact.incarnations.length,
          tookMs: fact.tookMs,
          names: fact.incarnations.map((orphan) => `${orphan.incarnation} (pid ${orphan.pid})`).join(', '),
        });
        break;
    }
  }

  message(message: Exclude<Told, { type: 'fact' }>, slot: number): void {
    if (message.type === 'samples') this.#onSamples(message, slot);
    else if (message.type === 'logsCleared') this.#parts.logClearing.answered(message.results);
    else if (message.type === 'output') this.#onOutput(message, slot);
    else this.#onRefused(message);
  }

  #forgetWatched(incarnation: string): void {
    this.#softWatch.forget(incarnation);
    this.#growthWatch.forget(incarnation);
    this.#settleWatch.forget(incarnation);
    this.#nearWatch.forget(incarnation);
  }

  /** A refused spawn is a failed start: nobody else will ever tell of it. An order that met an exit half-way needs no words. */
  #onRefused({ what, incarnation, text }: Extract<FromShim, { type: 'refused' }>): void {
    const { scribe, core, post, logClearing } = this.#parts;
    if (what === 'clearLogs') {
      // Whoever asked is told.
      logClearing.failed(text);
      return;
    }
    const place = incarnation === null ? null : findIncarnation(core(), incarnation);
    if (incarnation !== null && place === null) return;
    if (what === 'setOom' && incarnation !== null) {
      scribe.sayOfIncarnation(incarnation, core(), {
        action: 'warn',
        rule: 'oom.refused',
        cause: null,
        evidence: { text },
      });
      post({ type: 'oomRefused', incarnation });
      return;
    }
    scribe.say('warn', 'refused', { what, text, incarnation }, place?.worker ?? null);
    if (what === 'spawn' && incarnation !== null) post({ type: 'spawnFailed', incarnation, field: 'command', text });
  }

  #onOutput({ seq, bytes }: Extract<FromShim, { type: 'output' }>, slot: number): void {
    const { print, tellSlot } = this.#parts;
    print(Buffer.from(bytes, 'latin1'), () => tellSlot(slot, { type: 'outputTaken', seq }));
  }

  #onSamples(message: SamplesMessage, slot: number): void {
    const { samples, scribe, core, post, evidence } = this.#parts;
    for (const tracked of samples.update(message, slot)) {
      const settled = this.#settleWatch.judge(core(), tracked, message.at);
      if (settled !== null) post(settled);
      const soft = this.#softWatch.judge(core(), tracked, message.at);
      if (this.#nearWatch.judge(core(), tracked, message.at))
        evidence.take(tracked.incarnation, { rule: 'memory.near', cause: null });
      if (soft !== null) post(soft);
      const { warning, finding } = this.#growthWatch.judge(core(), tracked, message.at);
      if (warning !== null) {
        const cause = scribe.say('warn', warning.rule, warning.evidence, core().workers[tracked.worker] ?? null);
        if (warning.rule === 'growth.leaking') evidence.take(tracked.incarnation, { rule: warning.rule, cause });
      }
      if (finding !== null) post(finding);
      this.#tellTrend(tracked);
      this.#tellRefusal(tracked);
    }
  }

  /** Not at the first reading: a process that is just being started may refuse for a moment. */
  #tellRefusal({ worker, zendWhy, past }: Tracked): void {
    if (this.#saidZendRefused || zendWhy !== ZEND_REFUSED || (past?.length ?? 0) < 2) return;
    this.#saidZendRefused = true;
    this.#parts.scribe.say('warn', 'zend.refused', {}, this.#parts.core().workers[worker] ?? null);
  }

  /** The core asks for it only where oom_score_adj follows from it, or whether a recycle for memory has helped. */
  #tellTrend({ incarnation, worker, trend }: Tracked): void {
    const { core, post } = this.#parts;
    const { program = '', bornOf = null } = core().workers[worker] ?? {};
    if (core().programs[program]?.oom.policy !== 'byState' && bornOf?.startsWith('memory.') !== true) return;
    const leaking = trend === 'leaking';
    const place = findIncarnation(core(), incarnation);
    if (place !== null && (place.incarnation.suspect ?? false) !== leaking)
      post({ type: 'trend', incarnation, leaking });
  }
}
