/**
 * The two sockets of one connection around its Session. Neither side is read while the kernel has not taken from us all that was
 * read before: no more than one read is ever buffered, and the broker's side can be read into the same buffer each time.
 *
 *   carrying → leaving (the worker is gone: connection.close was said to the broker, its answer is awaited) → ended
 *   carrying → ended   (the broker is gone: the worker's side is closed at once, after what the broker said last)
 */
import type { Socket } from 'node:net';
import { endWithin, isBackedUp, peerOf, writeAll } from './leg.ts';
import { Pace } from './pace.ts';
import type { Peer } from './reports.ts';
import type { Session } from './session.ts';

/** How long an ending side may take: gate.md 5.2. */
const ENDING_MS = 2_000;
/** Node's shortest: one to two milliseconds. */
const REST_MS = 1;

export interface ConnectionOptions {
  client: Socket;
  broker: Socket;
  session: Session;
  now: () => number;
  /** What an error of the broker's socket means. */
  whyBroken: (error: Error) => string;
  /** The broker ended the connection before it said anything. */
  onMute: (text: string) => void;
  /** After everything that happened: the gate looks whether it is drained. */
  onChange: () => void;
  onEnd: (connection: Connection, end: { peer: Peer; unacknowledged: number; text: string }) => void;
}

export class Connection {
  readonly session: Session;
  #client: Socket;
  #broker: Socket;
  #options: ConnectionOptions;
  #peer: Peer;
  #state: 'carrying' | 'leaving' | 'ended' = 'carrying';
  #why = 'The worker closed its connection.';
  #hasHeardBroker = false;
  #heartbeat: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;
  /** Until then neither side is read (pace.ts). */
  #rest: NodeJS.Timeout | null = null;
  readonly #pace: Pace;
  readonly #left: Promise<void>;
  #leave: () => void = () => undefined;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.session = options.session;
    this.#client = options.client;
    this.#broker = options.broker;
    this.#peer = peerOf(options.client);
    this.#pace = new Pace(this.session.state, () => this.session.inFlight);
    this.#left = new Promise((resolve) => {
      this.#leave = resolve;
    });
  }

  /** Listen to both sides; the client was paused until now. */
  start(): void {
    const [client, broker] = [this.#client, this.#broker];
    client.on('data', (chunk: Buffer) => this.#onData('client', chunk));
    broker.on('data', (chunk: Buffer) => this.#onData('broker', chunk));
    client.on('error', (error) => this.#clientGone(`The worker's connection broke: ${error.message}`));
    client.on('end', () => this.#clientGone('The worker closed its connection.'));
    client.on('close', () => this.#clientGone('The worker closed its connection.'));
    broker.on('error', (error) => this.#brokerGone(this.#options.whyBroken(error)));
    broker.on('end', () => this.#brokerGone('The broker closed the connection.'));
    broker.on('close', () => this.#brokerGone('The broker closed the connection.'));
    if (client.destroyed) this.#clientGone('The worker closed its connection.');
    client.resume();
  }

  /** Quiesce, resume or time: change the session and send what follows from it. */
  change(how: (session: Session, now: number) => void): void {
    if (this.#state !== 'carrying') return;
    this.#wake();
    if (this.#survives(() => how(this.session, this.#options.now()))) this.#flush();
  }

  /** Bytes for the worker that its socket has not taken yet. */
  get hasUnsent(): boolean {
    return isBackedUp(this.#client);
  }

  get peer(): Peer {
    return this.#peer;
  }

  tick(): void {
    if (this.#state !== 'carrying') return;
    const backedUp = { client: isBackedUp(this.#client), broker: isBackedUp(this.#broker) };
    if (!this.#survives(() => this.session.tick(this.#options.now(), backedUp))) return;
    if (this.session.isBrokerLost) this.#end('The broker sent nothing for two heartbeats.');
    else this.#flush();
  }

  /** The worker is gone: resolves when we have read its end, which may not be before the broker has taken what it said. */
  async readOut(): Promise<void> {
    this.#wake();
    await this.#left;
  }

  /** The gate closes: both sides end, the broker politely. */
  close(): void {
    this.#clientGone('The gate was closed.');
  }

  #onData(from: 'client' | 'broker', chunk: Buffer): void {
    if (this.#state === 'ended' || (from === 'client' && this.#state === 'leaving')) return;
    if (from === 'broker') this.#hasHeardBroker = true;
    try {
      if (from === 'client') this.session.fromClient(chunk, this.#options.now());
      else this.session.fromBroker(chunk, this.#options.now());
    } catch (error) {
      this.#noAmqp(from === 'client' ? 'worker' : 'broker', error);
      return;
    }
    if (from === 'broker' && this.#rest === null && this.#state === 'carrying' && this.#pace.mayRest())
      this.#rest = setTimeout(() => this.#wake(), REST_MS);
    this.#flush();
  }

  /** The worker first: if it died meanwhile, what we write to it would cost us its last words. */
  #wake(): void {
    if (this.#rest === null) return;
    clearTimeout(this.#rest);
    this.#rest = null;
    if (this.session.wantsClient && this.#isTaken(this.#broker)) setFlowing(this.#client, true);
    setImmediate(this.#regulate);
  }

  /** Bytes of the worker that waited are read in any of these steps, so each may find that they are no AMQP. */
  #survives(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      this.#noAmqp('worker', error);
      return false;
    }
  }

  /** That ends this connection only. */
  #noAmqp(side: 'worker' | 'broker', error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#flush();
    this.#end(`The ${side} sent what is no AMQP: ${why}`);
  }

  #flush(): void {
    const { toClient, toBroker } = this.session.takeOutput();
    writeAll(this.#broker, toBroker);
    writeAll(this.#client, toClient);
    this.#regulate();
    this.#armHeartbeat();
    this.#options.onChange();
    if (this.#state === 'leaving' && this.session.state.stage === 'closed') this.#end(this.#why);
  }

  readonly #regulate = (): void => {
    if (this.#state === 'ended') return;
    const isAwake = this.#rest === null;
    setFlowing(this.#client, isAwake && this.session.wantsClient && this.#isTaken(this.#broker));
    setFlowing(this.#broker, isAwake && (this.#client.destroyed || this.#isTaken(this.#client)));
  };

  /** The kernel has all that was written; if not, we look again when it has. */
  #isTaken(socket: Socket): boolean {
    if (!isBackedUp(socket)) return true;
    if (socket.listenerCount('drain') === 0) socket.once('drain', this.#regulate);
    return false;
  }

  #armHeartbeat(): void {
    if (this.#heartbeat !== null || this.#state !== 'carrying') return;
    const period = this.session.tickMs;
    if (period !== null) this.#heartbeat = setInterval(() => this.tick(), period);
  }

  #clientGone(why: string): void {
    if (this.#state !== 'carrying') return;
    this.#state = 'leaving';
    this.#wake();
    this.#leave();
    this.#why = why;
    let isPolite = false;
    try {
      isPolite = this.session.clientGone(this.#options.now(), 'the worker is gone');
    } catch (error) {
      this.#why = `${why} Its last words were no AMQP: ${error instanceof Error ? error.message : String(error)}`;
    }
    this.#flush();
    this.#deadline = setTimeout(() => this.#end(`${this.#why} The broker did not answer in time.`), ENDING_MS);
    if (!isPolite) this.#broker.end();
    // What a worker that is gone has not taken must not keep us from the broker's last answer.
    if (isBackedUp(this.#client)) this.#client.destroy();
    else endWithin(this.#client, ENDING_MS);
    this.#regulate();
  }

  #brokerGone(why: string): void {
    const isMute = this.#state === 'carrying' && !this.#hasHeardBroker;
    this.#end(why);
    if (isMute) this.#options.onMute(why);
  }

  #end(why: string): void {
    if (this.#state === 'ended') return;
    const text = this.#state === 'leaving' ? this.#why : why;
    this.#state = 'ended';
    this.#leave();
    if (this.#rest !== null) clearTimeout(this.#rest);
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    // What the broker still says must not overwrite what the worker still takes.
    this.#broker.pause();
    endWithin(this.#client, ENDING_MS);
    endWithin(this.#broker, ENDING_MS);
    this.#options.onEnd(this, { peer: this.#peer, unacknowledged: this.session.ended(), text });
  }
}

function setFlowing(socket: Socket, isFlowing: boolean): void {
  if (socket.isPaused() !== isFlowing) return;
  if (isFlowing) socket.resume();
  else socket.pause();
}
