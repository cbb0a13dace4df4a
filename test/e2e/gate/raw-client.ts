/** An AMQP client that says exactly the frames it is told to, in exactly the pieces it is told to: it knows no rules. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import * as wire from '../../unit/gate/wire.ts';
import { until } from './site.ts';
import type { Site } from './site.ts';

export interface RawOptions {
  frameMax?: number;
  /** Seconds. */
  heartbeat?: number;
  channels?: number[];
  /** Does it want to be told of alarms? Default: yes. */
  asksForAlarms?: boolean;
}

export class RawClient {
  readonly socket: Socket;
  /** What came, in order; heartbeats are left out. */
  readonly frames: Buffer[] = [];
  /** Ends with the socket, however it ends. */
  readonly closed: Promise<void>;
  #input: Buffer = Buffer.alloc(0);
  #taken = new Set<Buffer>();

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('error', () => undefined).once('close', () => resolve());
    });
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Log in at this port (a gate's, or the broker's own) and open channels. */
  static async open(site: Site, port: number, options: RawOptions = {}): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const client = new RawClient(socket);
    const { username, password } = new URL(site.broker.url);
    client.say(wire.PREAMBLE);
    await client.next('10.10');
    client.say(wire.startOk(username, password, options.asksForAlarms));
    await client.next('10.30');
    client.say(wire.tuneOk(options.heartbeat ?? 0, options.frameMax), wire.open);
    await client.next('10.41');
    for (const channel of options.channels ?? [1]) {
      client.say(wire.channelOpen(channel));
      await client.next('20.11');
    }
    return client;
  }

  /** All in one piece. */
  say(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** How many frames of this name (`class.method`, `header`, `body`) have come. */
  count(name: string): number {
    return this.frames.filter((frame) => wire.nameOf(frame) === name).length;
  }

  /** A gate counts what it passes on before we have it. */
  untilCount(name: string, count: number): Promise<void> {
    return until(
      () => this.count(name) >= count,
      () => `${count} times ${name}; there are ${this.frames.map(wire.nameOf).join(' ')}`,
    );
  }

  /** The first frame of this name that nobody has waited for yet. */
  async next(name: string): Promise<Buffer> {
    const find = (): Buffer | undefined =>
      this.frames.find((frame) => wire.nameOf(frame) === name && !this.#taken.has(frame));
    await until(
      () => find() !== undefined,
      () => `${name}; there are ${this.frames.map(wire.nameOf).join(' ')}`,
    );
    const found = find();
    if (found === undefined) throw new Error('vanished');
    this.#taken.add(found);
    return found;
  }

  /** Say this and wait for its answer. */
  async ask(frame: Buffer, answer: string): Promise<Buffer> {
    this.say(frame);
    return this.next(answer);
  }

  /** As of a process that was killed with unread bytes: a reset. */
  async reset(): Promise<void> {
    this.socket.resetAndDestroy();
    await this.closed;
  }

  #read(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    while (this.#input.length >= 7 && this.#input.length >= 8 + this.#input.readUInt32BE(3)) {
      const end = 8 + this.#input.readUInt32BE(3);
      const [frame] = wire.framesOf(this.#input.subarray(0, end));
      if (frame !== undefined && wire.nameOf(frame) !== 'heartbeat') this.frames.push(Buffer.from(frame));
      this.#input = this.#input.subarray(end);
    }
  }
}

/** Delivery tags of the messages that came, in order. */
export const tagsOf = ({ frames }: RawClient): number[] =>
  frames
    .filter((frame) => wire.nameOf(frame) === '60.60')
    .map((frame) => frame.readUInt32BE(12 + frame.readUInt8(11) + 4));
