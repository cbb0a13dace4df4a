/**
 * The gate of one incarnation: all its connections, what is in flight on them, and the way from quiesce to drained.
 *
 *   open → quiescing → drained
 *    ↑________|___________|      resume: resuming → open, once every consumer runs again
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from './channel.ts';
import type { Connection } from './connection.ts';
import { noTotals } from './delivery-ledger.ts';
import { BY_WEIGHT } from './drain.ts';
import type { PoisonWatch } from './poison-watch.ts';
import type { Full } from './starvation.ts';
import type { MessageIdentity } from './trace.ts';
import type { GateCounters, GateReport, Loss, Obstacle, ObstacleReason, Peer } from './reports.ts';

export type GateState = 'open' | 'quiescing' | 'drained' | 'resuming';

const QUIETING_TICK_MS = 5;
const WATCH_TICK_MS = 100;

export interface FleetOptions {
  now: () => number;
  stuckMs: number;
  /** Most messages that a consumer may have; null: what the worker asks for. */
  clamp: number | null;
  /** Null: messages that kill are not looked for. */
  poison: PoisonWatch | null;
  onReport: (report: GateReport) => void;
}

/** The connections of a gate as one thing that is quiesced, drained and resumed. */
export class GatedConnections {
  readonly totals = noTotals();
  #connections = new Set<Connection>();
  #options: FleetOptions;
  #state: GateState = 'open';
  #hasConsumed = false;
  #since = 0;
  #saidStuck = new Set<ObstacleReason>();
  #progress = { mark: '', at: 0 };
  #lastClientFrameAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #clamp: number | null;
  #loss: Loss | null = null;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#clamp = options.clamp;
  }

  get all(): Iterable<Connection> {
    return this.#connections;
  }

  /** What new connections are clamped to; null: to nothing (any more). */
  get clamp(): number | null {
    return this.#clamp;
  }

  get poison(): PoisonWatch | null {
    return this.#options.poison;
  }

  /** What the worker is at, or was until it left just now. */
  suspects(): MessageIdentity[] {
    const channels = [...this.#connections].flatMap(({ session }) => [...session.state.channels.values()]);
    return this.poison?.suspects(channels, this.#options.now()) ?? [];
  }

  /** The clamp starves the worker: it gets what it asks for, from now on. */
  liftClamp({ limit, asked, inFlight, since }: Full): void {
    this.#clamp = null;
    for (const connection of this.#connections) connection.change((session, now) => session.undoClamp(now));
    this.report({ kind: 'starved', limit, asked, inFlight, waitedMs: this.#options.now() - since });
  }

  get state(): GateState {
    return this.#state;
  }

  /** New connections begin without a consumer of their own. */
  get isQuiesced(): boolean {
    return this.#state === 'quiescing' || this.#state === 'drained';
  }

  get size(): number {
    return this.#connections.size;
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  /** It has ended, and this is how. */
  remove(connection: Connection, end: { peer: Peer; unacknowledged: number; text: string }): void {
    this.#rememberClientFrame(connection);
    this.#connections.delete(connection);
    const { hasConsumed, endedBy } = connection.session.state;
    if (hasConsumed && endedBy !== 'client') this.#lose({ reason: 'connectionLost', ...end });
    this.changed();
    this.report({ kind: 'connectionClosed', ...end });
  }

  /** What the broker took from the worker, which has consumed nothing since; null: nothing, or it came back. */
  get loss(): Loss | null {
    return this.#loss;
  }

  report(report: GateReport): void {
    if (report.kind === 'deaf') this.#lose({ ...report, peer: null });
    if (report.kind === 'consuming') {
      this.#loss = null;
      if (this.#hasConsumed) return;
      this.#hasConsumed = true;
    }
    this.#options.onReport(report);
  }

  /** In a drain a worker that loses its queue is not deaf: it is about to end, or consumes anew when it is resumed. */
  #lose({ reason, text, peer }: Omit<Loss, 'at'>): void {
    if (!this.isQuiesced) this.#loss = { reason, text, at: this.#options.now(), peer };
  }

  quiesce(): void {
    if (this.isQuiesced) return;
    this.#state = 'quiescing';
    this.#since = this.#options.now();
    this.#progress = { mark: '', at: this.#since };
    this.#saidStuck.clear();
    for (const connection of this.#connections) connection.change((session, now) => session.quiesce(now));
    this.changed();
    this.#armTimer();
  }

  resume(): void {
    if (!this.isQuiesced) return;
    this.#state = 'resuming';
    for (const connection of this.#connections) connection.change((session, now) => session.resume(now));
    this.changed();
  }

  /** The worker is gone: resolves when all that it said last was read, its end included, or after so long. */
  async readOut(deadlineMs: number): Promise<void> {
    const left = Promise.all([...this.#connections].map((connection) => connection.readOut()));
    const late = new AbortController();
    await Promise.race([left, pause(deadlineMs, null, { signal: late.signal }).catch(() => null)]);
    late.abort();
  }

  closeAll(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const connection of this.#connections) connection.close();
  }

  /** Look anew whether the drain, or the resumption, is complete. */
  changed(): void {
    if (this.#state === 'quiescing' && !this.#hasObstacle()) {
      this.#state = 'drained';
      this.report({ kind: 'drained', inFlight: 0, tookMs: this.#options.now() - this.#since });
    } else if (this.#state === 'resuming' && !this.#isRestoring()) {
      this.#state = 'open';
      this.report({ kind: 'resumed' });
    }
  }

  /** Why a process that is ended now would cost something; null when nothing does. True at this instant, whatever the state. */
  obstacle(): Obstacle | null {
    let worst: ObstacleReason | null = null;
    for (const { session } of this.#connections) {
      const found = session.obstacle;
      if (found !== null && (worst === null || BY_WEIGHT.indexOf(found) < BY_WEIGHT.indexOf(worst))) worst = found;
    }
    if (worst === null) return null;
    const { inFlight, oldestUnacknowledgedAt, lastClientFrameAt } = this.counters();
    return { reason: worst, inFlight, oldestUnacknowledgedAt, lastClientFrameAt };
  }

  /** In one pass and without lists: it is asked with every sample of every worker. */
  counters(): GateCounters {
    const { size } = this.#connections;
    const sums: GateCounters = { ...this.totals, ...NOTHING_YET, connections: size };
    sums.lastClientFrameAt = this.#lastClientFrameAt;
    for (const { session } of this.#connections) {
      const { lastClientFrameAt, channels } = session.state;
      sums.inFlight += session.inFlight;
      sums.lastClientFrameAt = later(sums.lastClientFrameAt, lastClientFrameAt);
      for (const channel of channels.values()) addChannel(sums, channel);
    }
    return sums;
  }

  /** Asked after every chunk of a drain: it ends with the first connection that is not drained. */
  #hasObstacle(): boolean {
    for (const { session } of this.#connections) if (session.obstacle !== null) return true;
    return false;
  }

  #isRestoring(): boolean {
    for (const { session } of this.#connections) if (session.isRestoring) return true;
    return false;
  }

  #rememberClientFrame({ session: { state } }: Connection): void {
    this.#lastClientFrameAt = later(this.#lastClientFrameAt, state.lastClientFrameAt);
  }

  /** While a drain is under way: the quiet window needs a fine tick, stuck drains a coarse one. */
  #armTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#state !== 'quiescing') return;
    const isQuieting = [...this.#connections].some(({ session }) => session.isQuieting);
    this.#timer = setTimeout(() => this.#watch(), isQuieting ? QUIETING_TICK_MS : WATCH_TICK_MS);
  }

  #watch(): void {
    for (const connection of this.#connections) connection.tick();
    this.changed();
    const obstacle = this.#state === 'quiescing' ? this.obstacle() : null;
    if (obstacle !== null && this.#isStuck(obstacle) && !this.#saidStuck.has(obstacle.reason)) {
      this.#saidStuck.add(obstacle.reason);
      this.report({ kind: 'stuckDrain', ...obstacle });
    }
    this.#armTimer();
  }

  /** No-ack work and unseen connections never drain: that is known at once. All else may yet. */
  #isStuck({ reason, inFlight, lastClientFrameAt }: Obstacle): boolean {
    if (reason === 'noAck' || reason === 'notGated') return true;
    const now = this.#options.now();
    const mark = `${reason} ${inFlight} ${lastClientFrameAt}`;
    if (mark !== this.#progress.mark) this.#progress = { mark, at: now };
    return now - this.#progress.at >= this.#options.stuckMs;
  }
}

const NOTHING_YET = {
  inFlight: 0,
  prefetch: null,
  oldestUnacknowledgedAt: null,
  lastClientFrameAt: null,
  consumers: 0,
  publishesOpen: 0,
};

function addChannel(sums: GateCounters, { prefetch, deliveries, publishes, reachableConsumers }: Channel): void {
  const { oldestAt } = deliveries;
  sums.prefetch = largerPrefetch(sums.prefetch, prefetch);
  sums.oldestUnacknowledgedAt = earlier(sums.oldestUnacknowledgedAt, oldestAt);
  sums.consumers += reachableConsumers;
  sums.publishesOpen += publishes.open;
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
const later = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** 0 is no limit, the largest of all. */
const largerPrefetch = (a: number | null, b: number | null): number | null => (a === 0 || b === 0 ? 0 : later(a, b));
