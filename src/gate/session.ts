/**
 * One connection of a worker through the gate, as a pure machine: bytes and times in, bytes and reports out. Frames are inserted
 * towards the broker only where they may stand (`#due`), and towards the worker only in place of an answer the broker gave, so
 * that their order and place are always right. The stages and the flow are described in connection-state.ts.
 */
import { BY_WEIGHT, obstacleOf, raiseBarrier } from './drain.ts';
import { Channel } from './channel.ts';
import { newState } from './connection-state.ts';
import type { ConnectionState, SessionOptions } from './connection-state.ts';
import { cancelConsumers, restoreConsumers } from './consume-upstream.ts';
import { onBrokerMethod } from './broker-methods.ts';
import { onClientMethod } from './client-methods.ts';
import { channelOf, methodOf, readBodySize } from './decode.ts';
import { skimDeliveries } from './delivery-lane.ts';
import { HEARTBEAT, connectionCloseFrame } from './encode.ts';
import { HeartbeatLeg } from './heartbeat.ts';
import { IncomingContents, onHeader, onHeldBody } from './incoming.ts';
import { FRAME, METHOD, PREAMBLE, isSettlement } from './method-ids.ts';
import { Negotiation } from './negotiation.ts';
import type { ObstacleReason } from './reports.ts';
import { whyRaw } from './raw.ts';
import { skimSettlements } from './settlement-lane.ts';
import { FrameScanner } from './scanner.ts';
import { findFull, undoClamp } from './starvation.ts';
import type { Full } from './starvation.ts';
import type { Verdict } from './scanner.ts';

/** Held frames before frame-max is agreed, and where it is agreed to be unlimited. */
const DEFAULT_MAX_HELD = 1_048_576;
/** The client is kept waiting no longer than this for the broker's deliveries to become quiet. */
const QUIETING_CAP_MS = 250;

const NONE: readonly Buffer[] = [];

export interface Output {
  toClient: Buffer[];
  toBroker: Buffer[];
}

export class Session {
  readonly state: ConnectionState;
  #options: SessionOptions;
  #output: Output = { toClient: [], toBroker: [] };
  #client: FrameScanner;
  #broker: FrameScanner;
  #clientLeg = new HeartbeatLeg();
  #brokerLeg = new HeartbeatLeg();
  #negotiation: Negotiation;
  #preamble = Buffer.alloc(0);
  /** Bytes of the client that wait until deliveries are quiet. */
  #waiting: Buffer[] = [];
  #quietingSince: number | null = null;
  constructor(options: SessionOptions) {
    this.#options = options;
    this.state = newState(options);
    const contents = new IncomingContents(this.state);
    this.#negotiation = new Negotiation(this.state, {
      clientLeg: this.#clientLeg,
      brokerLeg: this.#brokerLeg,
      heartbeatSeconds: options.heartbeatSeconds,
      agreed: (frameMax) => {
        const most = frameMax === 0 ? DEFAULT_MAX_HELD : frameMax;
        this.#client.maxHeld = most;
        this.#broker.maxHeld = most;
      },
    });
    this.#client = new FrameScanner(
      {
        isHeld: (type) => type !== FRAME.body,
        onFrame: (frame) => this.#onClientFrame(frame),
        onStreamed: (_type, channel, size) => {
          this.state.channels.get(channel)?.publishes.body(size);
          return undefined;
        },
        skim: (chunk, at, maxHeld) => skimSettlements(this.state, chunk, at, maxHeld),
        onBoundary: () => this.#onClientBoundary(),
      },
      (bytes) => this.#output.toBroker.push(bytes),
      DEFAULT_MAX_HELD,
    );
    this.#broker = new FrameScanner(
      {
        isHeld: (type, channel) => contents.isHeld(type, channel),
        onFrame: (frame) => this.#onBrokerFrame(frame),
        onStreamed: (type, channel) => contents.wantedOf(type, channel),
        onPayload: (bytes) => contents.onPayload(bytes),
        skim: (chunk, at, maxHeld) => skimDeliveries(this.state, chunk, at, maxHeld),
        onBoundary: () => NONE,
      },
      (bytes) => this.#output.toClient.push(bytes),
      DEFAULT_MAX_HELD,
    );
  }

  /** Bytes of the worker. Throws FramingError or RangeError when they are no AMQP: the connection must then end. */
  fromClient(chunk: Buffer, now: number): void {
    this.state.now = now;
    this.#clientLeg.received(now);
    if (this.state.stage === 'raw') this.#output.toBroker.push(chunk);
    else if (this.#waiting.length > 0) this.#waiting.push(chunk);
    else this.#scanClient(this.state.stage === 'preamble' ? this.#readPreamble(chunk) : chunk);
    this.#settle();
  }

  /** Bytes of the broker. Throws as `fromClient`. */
  fromBroker(chunk: Buffer, now: number): void {
    this.state.now = now;
    this.#brokerLeg.received(now);
    // A broker that does not like the version answers with its own preamble: not a frame, and the end.
    if (this.state.stage === 'handshake' && this.#broker.isBetweenFrames && chunk[0] === PREAMBLE[0])
      this.#goRaw(chunk);
    if (this.state.stage === 'raw') this.#output.toClient.push(chunk);
    else this.#broker.push(chunk);
    this.#settle();
  }

  /** What is to be sent since the last call. */
  takeOutput(): Output {
    const { toClient, toBroker } = this.#output;
    if (toBroker.length > 0) {
      this.#output.toBroker = [];
      this.#brokerLeg.sent(this.state.now);
    }
    if (toClient.length > 0) {
      this.#output.toClient = [];
      this.#clientLeg.sent(this.state.now);
    }
    return { toClient, toBroker };
  }

  /** False while the worker should be read no further. */
  get wantsClient(): boolean {
    return this.#waiting.length === 0;
  }

  quiesce(now: number): void {
    this.state.now = now;
    if (this.state.flow !== 'flowing') return;
    this.state.flow = 'quieting';
    this.#quietingSince = now;
    for (const channel of this.state.channels.values()) if (channel.settlements > 0) channel.touched();
    this.#settle();
  }

  resume(now: number): void {
    this.state.now = now;
    if (this.state.flow === 'flowing') return;
    this.state.flow = 'flowing';
    this.#quietingSince = null;
    for (const channel of this.state.channels.values()) restoreConsumers(this.state, channel);
    this.#releaseClient();
    this.#settle();
  }

  /** All that the clamp allows is in flight, and has been without a word for a while; null: it is not so. */
  get full(): Full | null {
    return findFull(this.state);
  }

  /**
   * Send the worker a heartbeat, which every client swallows: one that waits for messages reads it at once, one that works on a message
   * does not. False where no frame may be sent now.
   */
  probe(): boolean {
    if (this.state.stage !== 'open' || !this.#broker.mayInsert) return false;
    this.#output.toClient.push(HEARTBEAT);
    return true;
  }

  /** Give the worker the prefetch it asked for (starvation.ts). */
  undoClamp(now: number): void {
    this.state.now = now;
    undoClamp(this.state);
    this.#settle();
  }

  /** Let time pass: quiet window and heartbeats. `isBackedUp`: these legs have bytes that wait to be taken. */
  tick(now: number, isBackedUp: { client: boolean; broker: boolean }): void {
    this.state.now = now;
    this.#settle();
    if (isBackedUp.client) this.#brokerLeg.received(now);
    if (this.state.stage !== 'open' || this.isBrokerLost) return;
    if (!isBackedUp.broker && this.#client.mayInsert && this.#brokerLeg.isDue(now))
      this.#output.toBroker.push(HEARTBEAT);
    if (!isBackedUp.client && this.#broker.mayInsert && this.#clientLeg.isDue(now))
      this.#output.toClient.push(HEARTBEAT);
  }

  /** The broker was silent for two heartbeats. */
  get isBrokerLost(): boolean {
    return this.state.stage === 'open' && this.#brokerLeg.isLost(this.state.now);
  }

  /** How often `tick` wants to be called; null: not at all. */
  get tickMs(): number | null {
    const periods = [this.#clientLeg.periodMs, this.#brokerLeg.periodMs].filter((period) => period !== null);
    return periods.length === 0 ? null : Math.min(...periods);
  }

  get isQuieting(): boolean {
    return this.state.flow === 'quieting';
  }

  /** A consumer that a quiesce took away does not run again yet. */
  get isRestoring(): boolean {
    return [...this.state.channels.values()].some(({ consumers }) =>
      [...consumers.values()].some(
        ({ state }) => state === 'quiescing' || state === 'quiesced' || state === 'resuming',
      ),
    );
  }

  /**
   * The worker is gone. What it said goes first; then connection.close, so that the broker takes the messages back at once.
   * Returns false where no connection.close can be said: then the broker's side is simply ended.
   */
  clientGone(now: number, text: string): boolean {
    this.state.now = now;
    this.#releaseClient();
    this.state.endedBy ??= 'client';
    if (this.state.stage !== 'open' || !this.#client.mayInsert) return false;
    this.state.stage = 'closing';
    this.#output.toBroker.push(connectionCloseFrame(text));
    return true;
  }

  /** Nothing comes any more. Returns how many messages went back unsettled. */
  ended(): number {
    const unacknowledged = this.inFlight;
    for (const channel of this.state.channels.values()) this.#giveBack(channel);
    this.state.channels.clear();
    this.state.stage = 'closed';
    return unacknowledged;
  }

  get inFlight(): number {
    return [...this.state.channels.values()].reduce((sum, { deliveries }) => sum + deliveries.inFlight, 0);
  }

  /** What keeps a quiesced connection from being drained; null when nothing does. */
  get obstacle(): ObstacleReason | null {
    const { stage, isBlocked, flow, channels } = this.state;
    if (stage === 'raw') return 'notGated';
    const found = [...channels.values()].map(obstacleOf).filter((reason) => reason !== null);
    if (stage === 'closing' || flow === 'quieting' || !this.wantsClient) found.push('unanswered');
    if (!this.#client.isBetweenFrames && stage !== 'closed') found.push('openContent');
    if (found.length > 0 && isBlocked) return 'blocked';
    if (found.length === 0 && [...channels.values()].some((channel) => channel.hasUnprotectedWork)) return 'noAck';
    return BY_WEIGHT.find((reason) => found.includes(reason)) ?? null;
  }

  #readPreamble(chunk: Buffer): Buffer {
    this.#preamble = Buffer.concat([this.#preamble, chunk]);
    const said = this.#preamble.subarray(0, PREAMBLE.length);
    if (!said.equals(PREAMBLE.subarray(0, said.length))) {
      this.#goRaw(said);
      this.#output.toBroker.push(this.#preamble);
      return Buffer.alloc(0);
    }
    if (said.length < PREAMBLE.length) return Buffer.alloc(0);
    this.state.stage = 'handshake';
    this.#output.toBroker.push(said);
    return this.#preamble.subarray(PREAMBLE.length);
  }

  #goRaw(said: Buffer): void {
    this.state.stage = 'raw';
    this.state.report({ kind: 'notGated', text: whyRaw(said) });
  }

  #scanClient(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const rest = this.#client.push(bytes);
    if (rest.length > 0) this.#waiting.unshift(rest);
  }

  #releaseClient(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.state.flow === 'quieting') this.state.flow = 'quiesced';
    for (const chunk of waiting) this.#scanClient(chunk);
  }

  #onClientBoundary(): readonly Buffer[] | 'stop' {
    const isHolding = this.state.flow === 'quieting' && !this.#hasOpenContent();
    return isHolding ? 'stop' : this.#takeDue();
  }

  #hasOpenContent(): boolean {
    for (const { publishes } of this.state.channels.values()) if (publishes.isContentOpen) return true;
    return false;
  }

  /** Our own frames, of every channel where they may stand now. */
  #takeDue(): readonly Buffer[] {
    if (this.state.stage !== 'open') return NONE;
    let frames: Buffer[] | null = null;
    for (const channel of this.state.channels.values()) {
      if (channel.due.length === 0 || !channel.mayInsert) continue;
      frames ??= [];
      frames.push(...channel.due.splice(0));
    }
    return frames ?? NONE;
  }

  #onClientFrame(frame: Buffer): Verdict {
    const type = frame.readUInt8(0);
    if (type === FRAME.heartbeat) return [];
    this.state.lastClientFrameAt = this.state.now;
    const number = channelOf(frame);
    if (type === FRAME.header) {
      this.state.channels.get(number)?.publishes.header(readBodySize(frame));
      return 'pass';
    }
    if (type !== FRAME.method) return 'pass';
    const method = methodOf(frame);
    this.state.settledInARow = isSettlement(method) ? this.state.settledInARow + 1 : 0;
    if (number === 0) return this.#negotiation.onClient(method, frame);
    if (method === METHOD.channelOpen) {
      this.state.channels.set(number, new Channel(number, this.state.totals, this.state.poison));
    }
    const channel = this.state.channels.get(number);
    if (channel === undefined) return 'pass';
    if (method === METHOD.channelCloseOk) this.#channelEnded(channel);
    return onClientMethod(this.state, channel, method, frame);
  }

  #onBrokerFrame(frame: Buffer): Verdict {
    if (frame.readUInt8(0) === FRAME.heartbeat) return [];
    const number = channelOf(frame);
    const channel = this.state.channels.get(number);
    if (frame.readUInt8(0) === FRAME.header)
      return channel === undefined ? 'pass' : onHeader(this.state, channel, frame);
    if (frame.readUInt8(0) === FRAME.body)
      return channel === undefined ? 'pass' : onHeldBody(this.state, channel, frame);
    const method = methodOf(frame);
    if (number === 0) return this.#negotiation.onBroker(method, frame);
    if (channel === undefined) return 'pass';
    if (method === METHOD.channelCloseOk) this.#channelEnded(channel);
    return onBrokerMethod(this.state, channel, method, frame);
  }

  /** The number is free again; what was in flight on it went back. */
  #channelEnded(channel: Channel): void {
    // Where the broker closed it, nothing is left in it.
    this.#giveBack(channel, this.state.endedBy ?? 'client');
    this.state.channels.delete(channel.number);
  }

  /** What is in flight goes back. If it is the worker that ends, it may be dying of what it has in hand. */
  #giveBack(channel: Channel, endedBy = this.state.endedBy): void {
    if (endedBy === 'client') this.state.poison?.left(channel, this.state.now);
    channel.deliveries.clear();
  }

  /** After every event: end the quiet window if it is over, raise barriers, send what is due. */
  #settle(): void {
    if (this.state.flow === 'quieting' && this.#isQuiet()) this.#becomeQuiesced();
    if (this.state.flow === 'quiesced') {
      for (const channel of this.state.channels.values()) raiseBarrier(this.state, channel);
    }
    const due = this.#client.mayInsert ? this.#takeDue() : NONE;
    if (due.length > 0) this.#output.toBroker.push(...due);
  }

  #becomeQuiesced(): void {
    this.state.flow = 'quiesced';
    this.#quietingSince = null;
    for (const channel of this.state.channels.values()) cancelConsumers(channel);
    this.#releaseClient();
  }

  #isQuiet(): boolean {
    const { now, lastDeliveryAt, channels } = this.state;
    const since = this.#quietingSince ?? now;
    if (now - since >= QUIETING_CAP_MS) return true;
    const all = [...channels.values()];
    if (all.some(({ consumeReplies }) => consumeReplies.length > 0)) return false;
    if (all.every(({ reachableConsumers }) => reachableConsumers === 0)) return true;
    return now - Math.max(since, lastDeliveryAt ?? since) >= this.#options.quietMs;
  }
}
