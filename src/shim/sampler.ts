/**
 * Reads every incarnation on time and judges its ceilings. One tick an interval for all; a worker that nears a ceiling is read in
 * between by its own clock (ceilings.ts). At most 1 ms an event-loop turn: the gate shares the loop.
 */
import { monotonicMs } from '../linux/clock.ts';
import type { ProcessIdentity } from '../linux/process-identity.ts';
import { reached } from './ceilings.ts';
import type { Ceiling } from './ceilings.ts';
import { confirmCrossing } from './confirm.ts';
import type { Floor } from './floor-ring.ts';
import type { Growth } from './growth-ring.ts';
import type { GateFigures, Sample } from './protocol.ts';
import type { Ceilings } from './spawn-spec.ts';
import type { SamplesMessage } from './samples-message.ts';
import { readProportional } from './pss.ts';
import { SampleDelta } from './sample-delta.ts';
import { shimLog } from './shim-log.ts';
import { TrackedWorker } from './tracked-worker.ts';
import type { Judged, Reading } from './tracked-worker.ts';

const TURN_MS = 1;
const FULL_EVERY = 4;
const PSS_EVERY_MS = 1000;
/** An urgent reading due this soon is done now. */
const SLACK_MS = 2;

export interface Crossing {
  handle: number;
  ceiling: Ceiling;
  judged: Judged;
  ceilings: Ceilings;
  growth: Growth | null;
}

/** What a worker's gate has counted; null while it has none. */
export type GateReader = () => GateFigures | null;

export interface SamplerListener {
  crossed(crossing: Crossing): void;
  /** One message a tick; only asked for when `wantsSamples`. */
  samples(message: SamplesMessage): void;
  /** Whether a controller is attached and reads what we send. */
  wantsSamples(): boolean;
}

export class Sampler {
  readonly #workers = new Map<number, TrackedWorker>();
  readonly #listener: SamplerListener;
  readonly #gates = new Map<number, GateReader>();
  readonly #delta = new SampleDelta();
  #intervalMs: number;
  #tick = 0;
  #timer: NodeJS.Timeout | null = null;
  #urgentTimer: NodeJS.Timeout | null = null;
  #pssNext = 0;
  #pssReading = false;
  #pssReadAt = 0;

  constructor(intervalMs: number, listener: SamplerListener) {
    this.#intervalMs = intervalMs;
    this.#listener = listener;
  }

  add(handle: number, identity: ProcessIdentity, of: { ceilings: Ceilings; gate: GateReader | null }): void {
    this.#workers.set(handle, new TrackedWorker(handle, identity, of.ceilings));
    if (of.gate !== null) this.#gates.set(handle, of.gate);
    if (this.#timer === null) this.#arm(this.#intervalMs);
  }

  /** Forget a worker that is gone; its last sample, null if it was never read. */
  remove(handle: number): Sample | null {
    const worker = this.#workers.get(handle);
    if (worker === undefined) return null;
    this.#workers.delete(handle);
    this.#delta.forget(handle);
    this.#gates.delete(handle);
    const sample = worker.lastReadAt === null ? null : worker.sample();
    worker.close();
    return sample;
  }

  /** Whether any of these workers talks to its broker through a gate. */
  get hasGates(): boolean {
    return this.#gates.size > 0;
  }

  /** What a worker held so far, for a controller that attaches. */
  past(handle: number): readonly Floor[] {
    return this.#workers.get(handle)?.past.floors ?? [];
  }

  /** Known descendants of a worker, each by pid and start time. */
  descendants(handle: number): ProcessIdentity[] {
    return this.#workers.get(handle)?.identities().slice(1) ?? [];
  }

  setCeilings(handle: number, ceilings: Ceilings): void {
    this.#workers.get(handle)?.setCeilings(ceilings);
  }

  setInterval(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    // What can wait until the next tick depends on when that is.
    for (const worker of this.#workers.values()) worker.lookAnew();
    if (this.#timer !== null) this.#arm(intervalMs);
  }

  /** A controller that attaches knows nothing yet: the next tick tells it everything. */
  tellEverything(): void {
    this.#delta.reset();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#urgentTimer !== null) clearTimeout(this.#urgentTimer);
    for (const handle of this.#workers.keys()) this.remove(handle);
  }

  #arm(waitMs: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#beginTick(), waitMs);
  }

  #beginTick(): void {
    const began = monotonicMs();
    this.#tick += 1;
    const message: SamplesMessage | null = this.#listener.wantsSamples()
      ? {
          type: 'samples',
          at: began,
          wall: Date.now(),
          fast: [],
          slow: [],
          gates: [],
          slowSame: [],
          zendWhy: [],
          unread: [],
        }
      : null;
    this.#readTurn([...this.#workers.values()], 0, message, () => {
      if (message !== null) this.#send(message);
      if (message !== null) this.#rotatePss();
      this.#armUrgent();
      if (this.#workers.size === 0) this.#timer = null;
      else this.#arm(Math.max(1, this.#intervalMs - (monotonicMs() - began)));
    });
  }

  #send(message: SamplesMessage): void {
    for (const [handle, read] of this.#gates) this.#delta.addGate(message, handle, read());
    if (this.#listener.wantsSamples()) this.#listener.samples(message);
    else this.#delta.reset();
  }

  #readTurn(workers: TrackedWorker[], from: number, message: SamplesMessage | null, done: () => void): void {
    const began = monotonicMs();
    for (let index = from; index < workers.length; index += 1) {
      const worker = workers[index];
      if (worker !== undefined && this.#workers.has(worker.handle)) {
        if (!this.#readGuarded(worker, message)) message?.unread?.push(worker.handle);
      }
      // By the clock of the reading: it was asked just now.
      const lastReadAt = worker?.lastReadAt ?? 0;
      if (index + 1 < workers.length && lastReadAt - began > TURN_MS) {
        setImmediate(() => this.#readTurn(workers, index + 1, message, done));
        return;
      }
    }
    done();
  }

  /** False when it could not be read. */
  #readOne(worker: TrackedWorker, message: SamplesMessage | null): boolean {
    // Spread by handle, so that every tick does a quarter of the full readings.
    const full = (this.#tick + worker.handle) % FULL_EVERY === 0 || worker.lastReadAt === null;
    const reading = full ? worker.readAll(message !== null) : worker.glance();
    if (reading === 'gone') return false;
    const now = monotonicMs();
    if (reading === 'unmoved') worker.holdsAt(now);
    else worker.note(now, this.#intervalMs);
    if (full) this.#keepPast(worker, message !== null);
    if (message !== null) this.#tell(message, worker, { full, reading });
    if (reading === 'read') this.#judge(worker);
    return true;
  }

  #tell(message: SamplesMessage, worker: TrackedWorker, { full, reading }: { full: boolean; reading: Reading }): void {
    const { handle, main } = worker;
    if (full && reading === 'unmoved' && this.#delta.addSame(message, handle)) return;
    const all = full ? { sample: worker.sample(), zendWhy: worker.zendWhy } : null;
    this.#delta.add(message, handle, main.rssBytes, all);
  }

  /** The Zend heap is only read for a controller. */
  #keepPast(worker: TrackedWorker, isFresh: boolean): void {
    const own = worker.ownBytes;
    if (own === null) return;
    worker.past.add(worker.lastReadAt ?? 0, own, () => {
      const { at, rssBytes, treeBytes, swapBytes, zendHeapRealBytes } = worker.sample();
      return {
        at: Math.round(at),
        rssBytes: treeBytes ?? rssBytes,
        ownBytes: own,
        swapBytes: swapBytes ?? 0,
        zendBytes: isFresh ? zendHeapRealBytes : null,
        acknowledged: this.#gates.get(worker.handle)?.()?.acknowledged ?? null,
      };
    });
  }

  /** False when it could not be read: what goes wrong with one worker must not end the readings of the others. */
  #readGuarded(worker: TrackedWorker, message: SamplesMessage | null): boolean {
    try {
      return this.#readOne(worker, message);
    } catch (error) {
      sayOnce(worker, error);
      return false;
    }
  }

  #armUrgent(): void {
    let soonest = Infinity;
    for (const worker of this.#workers.values()) soonest = Math.min(soonest, worker.urgentAt ?? Infinity);
    if (this.#urgentTimer !== null) clearTimeout(this.#urgentTimer);
    this.#urgentTimer = null;
    if (soonest === Infinity) return;
    this.#urgentTimer = setTimeout(() => this.#readUrgent(), Math.max(1, soonest - monotonicMs()));
  }

  #readUrgent(): void {
    const due = monotonicMs() + SLACK_MS;
    const workers = [...this.#workers.values()].filter((worker) => worker.urgentAt !== null && worker.urgentAt <= due);
    for (const worker of workers) {
      worker.urgentAt = null;
      try {
        if (!worker.readMemory()) continue;
        worker.note(monotonicMs(), this.#intervalMs);
        this.#judge(worker);
      } catch (error) {
        sayOnce(worker, error);
      }
    }
    this.#armUrgent();
  }

  #judge(worker: TrackedWorker): void {
    const { judged } = worker;
    if (judged === null) return;
    const ceiling = reached(judged.bytes, worker.ceilings);
    if (ceiling === null || worker.acted.has(ceiling) || worker.confirming) return;
    worker.confirming = true;
    confirmCrossing(worker, monotonicMs(), (confirmed) => {
      worker.confirming = false;
      if (confirmed !== null && this.#workers.get(worker.handle) === worker) this.#act(worker, confirmed);
    });
  }

  #act(worker: TrackedWorker, judged: Judged): void {
    const ceiling = reached(judged.bytes, worker.ceilings);
    if (ceiling === null || worker.acted.has(ceiling)) return;
    worker.acted.add(ceiling);
    const { handle, ceilings } = worker;
    this.#listener.crossed({ handle, ceiling, judged, ceilings, growth: worker.ring.growth() });
  }

  #nextForPss(workers: readonly TrackedWorker[], now: number): TrackedWorker | undefined {
    for (let passed = 0; passed < workers.length; passed += 1) {
      const worker = workers[this.#pssNext++ % workers.length];
      if (worker?.isPssDue(now) === true) return worker;
    }
    return undefined;
  }

  /** PSS of one worker a second, in turn, and first of trees that seem to be over their soft ceiling: it costs the kernel a walk over all its pages. */
  #rotatePss(): void {
    const now = monotonicMs();
    if (this.#pssReading || now - this.#pssReadAt < PSS_EVERY_MS || this.#workers.size === 0) return;
    const workers = [...this.#workers.values()];
    const doubtful = workers.find((candidate) => candidate.isDoubtful(now));
    const worker = doubtful ?? this.#nextForPss(workers, now);
    if (worker === undefined) return;
    this.#pssReading = true;
    this.#pssReadAt = now;
    readProportional(doubtful === undefined ? [worker.main.identity] : worker.identities())
      .then((figure) => (doubtful === undefined ? worker.notePss(figure, now) : worker.noteTreePss(figure, now)))
      .catch((error: unknown) =>
        shimLog(`smaps_rollup of pid ${worker.main.identity.pid} could not be read: ${String(error)}`),
      )
      .finally(() => {
        this.#pssReading = false;
      });
  }
}

/** Said once a worker. */
const sayOnce = (worker: TrackedWorker, error: unknown): void => {
  if (!worker.troubled)
    shimLog(`Pid ${worker.main.identity.pid} cannot be sampled, its ceilings may not hold: ${String(error)}`);
  worker.troubled = true;
};
