/**
 * The gate of one incarnation: all its connections, what is in flight on them, and the way from quiesce to drained.
 *
 *   open → quiescing → drained
 *    ↑________|___________|      resume: resuming → open, once every consumer runs again
 */
import type { Connection } from './connection.ts';
import { noTotals } from './delivery-ledger.ts';
import { BY_WEIGHT } from './drain.ts';
import type { PoisonWatch } from './poison-watch.ts';
import type { Full } from './starvation.ts';
import type { MessageIdentity } from './trace.ts';
import type { GateCounters, GateReport, Obstacle, ObstacleReason } from './reports.ts';

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

  remove(connection: Connection): void {
    this.#rememberClientFrame(connection);
    this.#connections.delete(connection);
    this.changed();
  }

  report(report: GateReport): void {
    if (report.kind === 'consuming') {
      if (this.#hasConsumed) return;
      this.#hasConsumed = true;
    }
    this.#options.onReport(report);
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

  closeAll(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const connection of this.#connections) connection.close();
  }

  /** Look anew whether the drain, or the resumption, is complete. */
  changed(): void {
    if (this.#state === 'quiescing' && this.obstacle() === null) {
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

  counters(): GateCounters {
    const sessions = [...this.#connections].map(({ session }) => session);
    const channels = sessions.flatMap(({ state }) => [...state.channels.values()]);
    const frames = [this.#lastClientFrameAt, ...sessions.map(({ state }) => state.lastClientFrameAt)];
    return {
      ...this.totals,
      inFlight: sessions.reduce((sum, session) => sum + session.inFlight, 0),
      prefetch: largestPrefetch(channels.map(({ prefetch }) => prefetch)),
      oldestUnacknowledgedAt: known(channels.map(({ deliveries }) => deliveries.oldestAt)).at(0) ?? null,
      lastClientFrameAt: known(frames).at(-1) ?? null,
      connections: this.#connections.size,
      consumers: channels.reduce((sum, { reachableConsumers }) => sum + reachableConsumers, 0),
      publishesOpen: channels.reduce((sum, { publishes }) => sum + publishes.open, 0),
    };
  }

  #isRestoring(): boolean {
    return [...this.#connections].some(({ session }) => session.isRestoring);
  }

  #rememberClientFrame({ session: { state } }: Connection): void {
    this.#lastClientFrameAt = known([this.#lastClientFrameAt, state.lastClientFrameAt]).at(-1) ?? null;
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

/** Ascending. */
const known = (times: (number | null)[]): number[] => times.filter((at) => at !== null).toSorted((a, b) => a - b);

/** 0 is no limit, the largest of all. */
function largestPrefetch(prefetches: (number | null)[]): number | null {
  const values = prefetches.filter((prefetch) => prefetch !== null);
  if (values.length === 0) return null;
  return values.includes(0) ? 0 : Math.max(...values);
}
