/** A worker in memory that does anything legal at any time, and throws at any answer it did not ask for. */
import * as wire from './wire.ts';

export const FRAME_MAX = 4_096;

interface ClientChannel {
  state: 'open' | 'closing' | 'opening';
  /** What is asked and not answered: names of the answers, in the order they must come. */
  asked: string[];
  gets: { isNoAck: boolean }[];
  /** Consumes without an answer; '' where the broker chooses. */
  consumes: { tag: string; isNoAck: boolean }[];
  cancels: string[];
  consumers: Set<string>;
  /** Consumers whose messages need no acknowledgement, cancelled ones too. */
  noAck: Set<string>;
  unsettled: number[];
  /** recover was asked for: what came before its answer goes back. */
  isRecovering: boolean;
  /** Null: no transactions. */
  settledInTransaction: number[] | null;
  ending: { answer: string; settled: number[] }[];
  /** Numbers of the publishes that are to be confirmed; null: none is. */
  unconfirmed: Set<number> | null;
  publishes: number;
  /** A consumer was cancelled without asking for an answer: its deliveries may come at any time. */
  hasLooseEnds: boolean;
  /** Frames of a publish that are still to be sent. */
  toPublish: Buffer[];
}

type Numbered = ClientChannel & { number: number };

export class FakeClient {
  readonly channels: Numbered[] = [1, 2].map((number) => ({ number, ...newChannel() }));
  readonly handed: number[] = [];
  out: Buffer[] = [wire.PREAMBLE];
  published = 0;
  /** It has had messages that nobody sees the end of. */
  hasHadNoAck = false;
  #input: Buffer = Buffer.alloc(0);
  #tags = 0;

  /** In flight, those of open transactions included. */
  get unsettled(): number {
    return this.channels.reduce((sum, channel) => sum + channel.unsettled.length + inTransaction(channel), 0);
  }

  get awaited(): number {
    return this.channels.reduce(
      (sum, { asked, gets, consumes, cancels, ending, unconfirmed, state }) =>
        sum +
        [asked, gets, consumes, cancels, ending].reduce((all, { length }) => all + length, 0) +
        (unconfirmed?.size ?? 0) +
        (state === 'open' ? 0 : 1),
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
    if (channel?.state !== 'open') return;
    // Between the frames of a content only more of it may be said on its channel.
    const next = channel.toPublish.shift();
    if (next !== undefined) {
      this.out.push(next);
      if (channel.toPublish.length === 0) this.#published(channel);
      return;
    }
    const does = ACTIONS.get(what);
    if (does !== undefined) this.out.push(...does(channel, pick));
    else if (what === 'consume') this.#consume(channel, pick);
    else throw new Error(`The fake client cannot ${what}.`);
  }

  #published(channel: Numbered): void {
    this.published += 1;
    channel.publishes += 1;
    channel.unconfirmed?.add(channel.publishes);
  }

  #consume(channel: Numbered, pick: number): void {
    this.#tags += 1;
    const tag = pick % 3 === 0 ? '' : `c${this.#tags}`;
    const isNoWait = tag !== '' && pick % 5 === 0;
    const isNoAck = pick % 11 === 0;
    if (isNoWait) channel.consumers.add(tag);
    else channel.consumes.push({ tag, isNoAck });
    if (isNoWait && isNoAck) channel.noAck.add(tag);
    this.out.push(wire.consume(channel.number, 'q', tag, (isNoWait ? 8 : 0) | (isNoAck ? 2 : 0)));
  }

  #on(frame: Buffer): void {
    const name = wire.nameOf(frame);
    if (name === 'heartbeat' || name === 'header') return;
    if (name === 'body') {
      this.handed.push(frame.readUInt16BE(7));
      return;
    }
    const channel = this.channels[wire.channelOf(frame) - 1];
    if (channel === undefined) return this.#onConnection(name);
    if (channel.state !== 'open') return this.#onUnopened(channel, name);
    if (name === '60.60') this.#onMessage(channel, frame, channel.noAck.has(wire.tagOf(frame)));
    else if (name === '60.71') this.#onMessage(channel, frame, oldest(channel.gets, name).isNoAck);
    else onAnswer(channel, name, frame);
  }

  #onMessage(channel: Numbered, frame: Buffer, isNoAck: boolean): void {
    if (isNoAck) this.hasHadNoAck = true;
    else channel.unsettled.push(frame.readUInt32BE(wire.nameOf(frame) === '60.71' ? 15 : 16 + frame.readUInt8(11)));
  }

  /** A channel that is being closed hears nothing but that it is. */
  #onUnopened(channel: Numbered, name: string): void {
    if (name === '20.41') {
      Object.assign(channel, newChannel());
      this.out.push(wire.channelOpen(channel.number));
    } else if (name === '20.11') {
      channel.state = 'open';
    }
  }

  #onConnection(name: string): void {
    if (name === '10.30') this.out.push(wire.tuneOk(0, FRAME_MAX));
    else if (name === '10.41') this.out.push(wire.channelOpen(1), wire.channelOpen(2));
    else throw new Error(`The fake client does not know ${name}.`);
  }
}

const newChannel = (): ClientChannel => ({
  state: 'opening',
  asked: [],
  gets: [],
  consumes: [],
  cancels: [],
  consumers: new Set(),
  noAck: new Set(),
  unsettled: [],
  isRecovering: false,
  settledInTransaction: null,
  ending: [],
  unconfirmed: null,
  publishes: 0,
  hasLooseEnds: false,
  toPublish: [],
});

type Action = (channel: Numbered, pick: number) => Buffer[];

/** What it says; nothing where that would not be legal now. */
const ACTIONS = new Map<string, Action>([
  [
    'cancel',
    (channel, pick) => {
      const tag = [...channel.consumers][pick % Math.max(1, channel.consumers.size)];
      if (tag === undefined || channel.cancels.includes(tag)) return [];
      const isNoWait = pick % 4 === 0;
      if (isNoWait) channel.hasLooseEnds = true;
      else channel.cancels.push(tag);
      channel.consumers.delete(tag);
      return [wire.cancel(channel.number, tag, isNoWait)];
    },
  ],
  [
    'get',
    ({ number, gets }, pick) => {
      gets.push({ isNoAck: pick % 7 === 0 });
      return [wire.get(number, 'q', pick % 7 === 0)];
    },
  ],
  ['qos', ({ number, asked }, pick) => (asked.push('60.11'), [wire.qos(number, pick % 7)])],
  ['publish', (channel) => publish(channel, [10, 20])],
  ['publishLarge', (channel) => publish(channel, [FRAME_MAX - 8, FRAME_MAX - 8, 1])],
  ['ack', (channel, pick) => settleOne(channel, pick, (tag) => wire.ack(channel.number, tag))],
  ['requeue', (channel, pick) => settleOne(channel, pick, (tag) => wire.nack(channel.number, tag))],
  ['reject', (channel, pick) => settleOne(channel, pick, (tag) => wire.reject(channel.number, tag, pick % 3 === 0))],
  [
    'ackMany',
    (channel, pick) => {
      const last = channel.unsettled[pick % Math.max(1, channel.unsettled.length)];
      // What a rollback gives back may be meant by "all up to this" or not: nobody can know before its answer.
      if (last === undefined || channel.isRecovering || channel.ending.length > 0) return [];
      settled(
        channel,
        channel.unsettled.filter((tag) => tag <= last),
      );
      return [wire.ack(channel.number, last, true)];
    },
  ],
  [
    'ackAll',
    (channel) => {
      // "All" takes in what is on its way: only a worker to which nothing is on its way can mean it.
      if (mayReceive(channel) || channel.isRecovering || channel.ending.length > 0) return [];
      settled(channel, channel.unsettled);
      return [wire.ack(channel.number, 0, true)];
    },
  ],
  [
    'recover',
    (channel) => {
      if (channel.isRecovering) return [];
      channel.isRecovering = true;
      channel.asked.push('60.111');
      return [wire.recover(channel.number)];
    },
  ],
  [
    'recoverAsync',
    (channel) => {
      // There is no answer that tells which messages went back: only a worker to which nothing is on its way can know.
      if (mayReceive(channel) || channel.isRecovering || channel.ending.length > 0) return [];
      channel.unsettled = [];
      return [wire.recoverAsync(channel.number)];
    },
  ],
  [
    'confirmSelect',
    (channel) => {
      if (channel.unconfirmed !== null || channel.settledInTransaction !== null) return [];
      channel.unconfirmed = new Set();
      channel.publishes = 0;
      channel.asked.push('85.11');
      return [wire.confirmSelect(channel.number)];
    },
  ],
  [
    'txSelect',
    (channel) => {
      if (channel.unconfirmed !== null || channel.settledInTransaction !== null) return [];
      channel.settledInTransaction = [];
      channel.asked.push('90.11');
      return [wire.tx(channel.number, 'select')];
    },
  ],
  ['commit', (channel) => endTransaction(channel, 'commit')],
  ['rollback', (channel) => endTransaction(channel, 'rollback')],
  [
    'close',
    (channel) => {
      Object.assign(channel, { ...newChannel(), state: 'closing' });
      return [wire.channelClose(channel.number)];
    },
  ],
]);

function publish(channel: Numbered, sizes: number[]): Buffer[] {
  const { number } = channel;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  channel.toPublish.push(wire.header(number, total), ...sizes.map((size) => wire.body(number, size)));
  return [wire.publish(number)];
}

function settleOne(channel: Numbered, pick: number, frame: (tag: number) => Buffer): Buffer[] {
  const tag = channel.unsettled[pick % Math.max(1, channel.unsettled.length)];
  if (tag === undefined || channel.isRecovering) return [];
  settled(channel, [tag]);
  return [frame(tag)];
}

function settled(channel: ClientChannel, tags: number[]): void {
  channel.settledInTransaction?.push(...tags);
  channel.unsettled = channel.unsettled.filter((tag) => !tags.includes(tag));
}

function endTransaction(channel: Numbered, how: 'commit' | 'rollback'): Buffer[] {
  if (channel.settledInTransaction === null) return [];
  channel.ending.push({ answer: how === 'commit' ? '90.21' : '90.31', settled: channel.settledInTransaction });
  channel.settledInTransaction = [];
  return [wire.tx(channel.number, how)];
}

export const inTransaction = ({ settledInTransaction, ending }: ClientChannel): number =>
  ending.reduce((sum, { settled: tags }) => sum + tags.length, settledInTransaction?.length ?? 0);

function onAnswer(channel: ClientChannel, name: string, frame: Buffer): void {
  switch (name) {
    case '60.21':
      return onConsumeOk(channel, wire.tagOf(frame));
    case '60.31':
      if (!channel.cancels.includes(wire.tagOf(frame))) throw new Error(`A stray cancel-ok of ${wire.tagOf(frame)}`);
      channel.cancels = channel.cancels.filter((tag) => tag !== wire.tagOf(frame));
      return;
    case '60.72':
      oldest(channel.gets, name);
      return;
    case '60.80':
      if (channel.unconfirmed?.delete(frame.readUInt32BE(15)) !== true) throw new Error('A stray confirm');
      return;
    case '90.21':
    case '90.31':
      return onTransactionEnded(channel, name);
    default:
      if (oldest(channel.asked, name) !== name) throw new Error(`${name} is out of order`);
      if (name !== '60.111') return;
      channel.isRecovering = false;
      channel.unsettled = [];
  }
}

function onTransactionEnded(channel: ClientChannel, name: string): void {
  const { answer, settled: tags } = oldest(channel.ending, name);
  if (answer !== name) throw new Error(`${name} is out of order`);
  if (name === '90.31') channel.unsettled = [...channel.unsettled, ...tags].toSorted((a, b) => a - b);
}

function oldest<T>(outstanding: T[], name: string): T {
  const first = outstanding.shift();
  if (first === undefined) throw new Error(`A stray ${name}`);
  return first;
}

function onConsumeOk(channel: ClientChannel, tag: string): void {
  const named = channel.consumes.findIndex((asked) => asked.tag === tag);
  const index = named === -1 ? channel.consumes.findIndex((asked) => asked.tag === '') : named;
  const [asked] = index === -1 ? [] : channel.consumes.splice(index, 1);
  if (asked === undefined) throw new Error(`A stray consume-ok of ${tag}`);
  channel.consumers.add(tag);
  if (asked.isNoAck) channel.noAck.add(tag);
}

const mayReceive = ({ gets, consumes, cancels, consumers, hasLooseEnds }: ClientChannel): boolean =>
  hasLooseEnds || gets.length + consumes.length + cancels.length + consumers.size > 0;
