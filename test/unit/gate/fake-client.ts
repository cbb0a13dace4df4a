/** A worker in memory that does anything legal at any time, and throws at any answer it did not ask for. */
import * as wire from './wire.ts';

interface ClientChannel {
  gets: number;
  /** Consumes without an answer; '' where the broker chooses. */
  consumes: string[];
  cancels: string[];
  consumers: Set<string>;
  unsettled: number[];
  qos: number;
  /** A consumer was cancelled without asking for an answer: its deliveries may come at any time. */
  hasLooseEnds: boolean;
  /** Frames of a publish that are still to be sent. */
  toPublish: Buffer[];
}

export class FakeClient {
  readonly channels = [1, 2].map((number) => ({ number, ...newChannel() }));
  readonly handed: number[] = [];
  out: Buffer[] = [wire.PREAMBLE];
  published = 0;
  #input: Buffer = Buffer.alloc(0);
  #tags = 0;

  get unsettled(): number {
    return this.channels.reduce((sum, { unsettled }) => sum + unsettled.length, 0);
  }

  get awaited(): number {
    return this.channels.reduce(
      (sum, { gets, consumes, cancels, qos }) => sum + gets + consumes.length + cancels.length + qos,
      0,
    );
  }

  receive(bytes: Buffer): void {
    this.#input = Buffer.concat([this.#input, bytes]);
    for (;;) {
      if (this.#input.length < 7) return;
      const end = 8 + this.#input.readUInt32BE(3);
      if (this.#input.length < end) return;
      const [frame] = wire.framesOf(this.#input.subarray(0, end));
      this.#input = this.#input.subarray(end);
      if (frame !== undefined) this.#on(frame);
    }
  }

  /** One thing a worker might do; `pick` chooses among what is possible. */
  act(what: string, pick: number): void {
    const channel = this.channels[pick % 2];
    if (channel === undefined) return;
    const { number } = channel;
    // Between the frames of a content only more of it may be said on its channel.
    const next = channel.toPublish.shift();
    if (next !== undefined) {
      this.out.push(next);
      if (channel.toPublish.length === 0) this.published += 1;
      return;
    }
    const oldest = channel.unsettled[pick % Math.max(1, channel.unsettled.length)];
    switch (what) {
      case 'consume':
        return this.#consume(channel, pick);
      case 'cancel':
        return this.#cancel(channel, pick);
      case 'get':
        channel.gets += 1;
        this.out.push(wire.get(number, 'q'));
        return;
      case 'qos':
        channel.qos += 1;
        this.out.push(wire.qos(number, pick % 7));
        return;
      case 'publish':
        channel.toPublish.push(wire.header(number, 30), wire.body(number, 10), wire.body(number, 20));
        this.out.push(wire.publish(number));
        return;
      case 'ack':
        if (oldest !== undefined) this.#settle(channel, [oldest], wire.ack(number, oldest));
        return;
      case 'requeue':
        if (oldest !== undefined) this.#settle(channel, [oldest], wire.nack(number, oldest));
        return;
      case 'ackMany':
        if (oldest === undefined) return;
        this.#settle(
          channel,
          channel.unsettled.filter((tag) => tag <= oldest),
          wire.ack(number, oldest, true),
        );
        return;
      case 'ackAll':
        // "All" takes in what is on its way: only a worker to which nothing is on its way can mean it.
        if (mayReceive(channel)) return;
        this.#settle(channel, channel.unsettled, wire.ack(number, 0, true));
        return;
      default:
        throw new Error(`The fake client cannot ${what}.`);
    }
  }

  #consume(channel: ClientChannel & { number: number }, pick: number): void {
    this.#tags += 1;
    const tag = pick % 3 === 0 ? '' : `c${this.#tags}`;
    const isNoWait = tag !== '' && pick % 5 === 0;
    if (isNoWait) channel.consumers.add(tag);
    else channel.consumes.push(tag);
    this.out.push(wire.consume(channel.number, 'q', tag, isNoWait ? 8 : 0));
  }

  #cancel(channel: ClientChannel & { number: number }, pick: number): void {
    const tag = [...channel.consumers][pick % Math.max(1, channel.consumers.size)];
    if (tag === undefined || channel.cancels.includes(tag)) return;
    const isNoWait = pick % 4 === 0;
    if (isNoWait) channel.hasLooseEnds = true;
    else channel.cancels.push(tag);
    channel.consumers.delete(tag);
    this.out.push(wire.cancel(channel.number, tag, isNoWait));
  }

  #settle(channel: ClientChannel, tags: number[], frame: Buffer): void {
    channel.unsettled = channel.unsettled.filter((tag) => !tags.includes(tag));
    this.out.push(frame);
  }

  #on(frame: Buffer): void {
    const name = wire.nameOf(frame);
    if (name === 'heartbeat') return;
    const channel = this.channels[wire.channelOf(frame) - 1];
    if (channel === undefined) return this.#onConnection(name);
    switch (name) {
      case '20.11':
      case 'header':
        return;
      case 'body':
        this.handed.push(frame.readUInt16BE(7));
        return;
      case '60.11':
        channel.qos = ask(channel.qos, name);
        return;
      case '60.21':
        return onConsumeOk(channel, wire.tagOf(frame));
      case '60.31':
        if (!channel.cancels.includes(wire.tagOf(frame))) throw new Error(`A stray cancel-ok of ${wire.tagOf(frame)}`);
        channel.cancels = channel.cancels.filter((tag) => tag !== wire.tagOf(frame));
        return;
      case '60.60':
        channel.unsettled.push(frame.readUInt32BE(12 + frame.readUInt8(11) + 4));
        return;
      case '60.71':
        channel.gets = ask(channel.gets, name);
        channel.unsettled.push(frame.readUInt32BE(15));
        return;
      case '60.72':
        channel.gets = ask(channel.gets, name);
        return;
      default:
        throw new Error(`The fake client does not know ${name}.`);
    }
  }

  #onConnection(name: string): void {
    if (name === '10.30') this.out.push(wire.tuneOk(0));
    else if (name === '10.41') this.out.push(wire.channelOpen(1), wire.channelOpen(2));
    else throw new Error(`The fake client does not know ${name}.`);
  }
}

const newChannel = (): ClientChannel => ({
  gets: 0,
  consumes: [],
  cancels: [],
  consumers: new Set(),
  unsettled: [],
  qos: 0,
  hasLooseEnds: false,
  toPublish: [],
});

function ask(outstanding: number, name: string): number {
  if (outstanding === 0) throw new Error(`A stray ${name}`);
  return outstanding - 1;
}

function onConsumeOk(channel: ClientChannel, tag: string): void {
  const named = channel.consumes.indexOf(tag);
  const index = named === -1 ? channel.consumes.indexOf('') : named;
  if (index === -1) throw new Error(`A stray consume-ok of ${tag}`);
  channel.consumes.splice(index, 1);
  channel.consumers.add(tag);
}

const mayReceive = ({ gets, consumes, cancels, consumers, hasLooseEnds }: ClientChannel): boolean =>
  hasLooseEnds || gets + consumes.length + cancels.length + consumers.size > 0;
