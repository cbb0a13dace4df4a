/**
 * A broker in memory, strict: it throws at whatever a real one closes the connection or channel for. Its queue answers the cancel
 * of a real consumer late (`work`), the channel answers that of an unknown tag at once, so that the two can overtake each other.
 */
import { FRAME_MAX } from './fake-client.ts';
import * as wire from './wire.ts';

interface ServerChannel {
  prefetch: number;
  nextTag: number;
  consumers: Map<string, { limit: number; noAck: boolean; unacked: number }>;
  /** Those of an open transaction, too. */
  unacked: Map<number, { id: number; consumer: string | null }>;
  content: { missing: number | null } | null;
  /** In a transaction: what is settled with its commit, by delivery tag. */
  transaction: Map<number, 'settle' | 'requeue'> | null;
  /** Number of the last publish that is to be confirmed; null: none is. */
  confirms: number | null;
}

export class FakeBroker {
  readonly queue: { id: number; isRedelivered: boolean }[] = [];
  readonly settled: number[] = [];
  /** Ids in the order of their deliveries. */
  readonly delivered: number[] = [];
  published = 0;
  out: Buffer[] = [];
  #channels = new Map<number, ServerChannel>();
  #late: (() => void)[] = [];
  #input: Buffer = Buffer.alloc(0);
  #hasGreeted = false;
  #lastTag = 0;

  constructor(messages: number) {
    for (let id = 0; id < messages; id += 1) this.queue.push({ id, isRedelivered: false });
  }

  get unacked(): number {
    return [...this.#channels.values()].reduce((sum, { unacked }) => sum + unacked.size, 0);
  }

  get isIdle(): boolean {
    return this.#late.length === 0 && this.out.length === 0;
  }

  receive(bytes: Buffer): void {
    this.#input = Buffer.concat([this.#input, bytes]);
    if (!this.#hasGreeted) {
      if (this.#input.length < 8) return;
      this.#hasGreeted = true;
      this.#input = this.#input.subarray(8);
      this.out.push(wire.tune(60));
    }
    for (;;) {
      if (this.#input.length < 7) return;
      const end = 8 + this.#input.readUInt32BE(3);
      if (this.#input.length < end) return;
      const [frame] = wire.framesOf(this.#input.subarray(0, end));
      this.#input = this.#input.subarray(end);
      if (frame !== undefined) this.#on(frame);
    }
  }

  /** What queues do in their own time: answer a cancel, or hand out a message. */
  work(): void {
    const late = this.#late.shift();
    if (late !== undefined) return late();
    this.deliver();
  }

  deliver(): boolean {
    for (const [number, channel] of this.#channels) {
      for (const [tag, consumer] of channel.consumers) {
        const isFree = consumer.limit === 0 || consumer.unacked < consumer.limit;
        const message = isFree ? this.queue.shift() : undefined;
        if (message === undefined) continue;
        const deliveryTag = this.#hand(channel, message.id, consumer.noAck ? undefined : tag);
        if (!consumer.noAck) consumer.unacked += 1;
        this.out.push(
          wire.framesOf(wire.deliver(number, tag, deliveryTag, message.isRedelivered))[0] ?? Buffer.alloc(0),
          ...content(number, message.id),
        );
        return true;
      }
    }
    return false;
  }

  #hand(channel: ServerChannel, id: number, consumer: string | null | undefined): number {
    channel.nextTag += 1;
    if (consumer === undefined) this.settled.push(id);
    else channel.unacked.set(channel.nextTag, { id, consumer });
    this.delivered.push(id);
    return channel.nextTag;
  }

  #on(frame: Buffer): void {
    const number = wire.channelOf(frame);
    const name = wire.nameOf(frame);
    if (name === 'heartbeat') return;
    if (number === 0) {
      if (name === '10.31') this.out.push(wire.openOk);
      return;
    }
    if (name === '20.10') {
      this.#channels.set(number, newChannel());
      this.out.push(wire.channelOpenOk(number));
      return;
    }
    const channel = this.#channels.get(number);
    if (channel === undefined) throw new Error(`504 CHANNEL_ERROR: ${name} on channel ${number}`);
    if (channel.content !== null || name === 'header' || name === 'body') this.#onContent(number, channel, name, frame);
    else this.#onMethod(number, channel, name, frame);
  }

  #onContent(number: number, channel: ServerChannel, name: string, frame: Buffer): void {
    const { content: open } = channel;
    const isExpected = open !== null && (open.missing === null ? name === 'header' : name === 'body');
    if (!isExpected) throw new Error(`505 UNEXPECTED_FRAME: ${name} inside a content`);
    const missing = open.missing === null ? frame.readUInt32BE(15) : open.missing - (frame.length - 8);
    if (missing < 0) throw new Error('501: more body than announced');
    channel.content = missing === 0 ? null : { missing };
    if (missing > 0) return;
    this.published += 1;
    if (channel.confirms === null) return;
    channel.confirms += 1;
    const confirmed = channel.confirms;
    this.#late.push(() => this.#answer(number, channel, wire.ack(number, confirmed)));
  }

  /** To a channel that may have been closed meanwhile. */
  #answer(number: number, channel: ServerChannel, frame: Buffer): void {
    if (this.#channels.get(number) === channel) this.out.push(frame);
  }

  #onMethod(number: number, channel: ServerChannel, name: string, frame: Buffer): void {
    switch (name) {
      case '60.10':
        channel.prefetch = frame.readUInt16BE(15);
        this.out.push(wire.qosOk(number));
        return;
      case '60.20':
        this.#consume(number, channel, frame);
        return;
      case '60.30':
        this.#cancel(number, channel, wire.tagOf(frame), frame.at(-2) === 1);
        return;
      case '60.40':
        channel.content = { missing: null };
        return;
      case '60.70':
        this.#get(number, channel, frame.at(-2) === 1);
        return;
      case '60.80':
      case '60.120':
        this.#settle(channel, frame.readUInt32BE(15), frame.readUInt8(19), name === '60.120');
        return;
      case '60.90':
        this.#settle(channel, frame.readUInt32BE(15), 0, frame.readUInt8(19) === 1);
        return;
      case '60.100':
      case '60.110':
        this.#requeue(channel, open(channel));
        if (name === '60.110') this.out.push(wire.recoverOk(number));
        return;
      case '85.10':
        channel.confirms = 0;
        this.out.push(wire.confirmSelectOk(number));
        return;
      case '90.10':
        channel.transaction = new Map();
        this.out.push(wire.tx(number, 'selectOk'));
        return;
      case '90.20':
        this.#commit(channel);
        this.out.push(wire.tx(number, 'commitOk'));
        return;
      case '90.30':
        channel.transaction?.clear();
        this.out.push(wire.tx(number, 'rollbackOk'));
        return;
      case '20.40':
        this.#requeue(channel, [...channel.unacked.keys()]);
        this.#channels.delete(number);
        this.out.push(wire.channelCloseOk(number));
        return;
      default:
        throw new Error(`The fake broker does not know ${name}.`);
    }
  }

  #consume(number: number, channel: ServerChannel, frame: Buffer): void {
    const tagAt = 14 + frame.readUInt8(13);
    const asked = frame.toString('latin1', tagAt + 1, tagAt + 1 + frame.readUInt8(tagAt));
    const flags = frame.readUInt8(tagAt + 1 + asked.length);
    this.#lastTag += 1;
    const tag = asked === '' ? `amq.ctag-${this.#lastTag}` : asked;
    if (channel.consumers.has(tag)) throw new Error(`530 NOT_ALLOWED: the consumer tag ${tag} is in use`);
    channel.consumers.set(tag, { limit: channel.prefetch, noAck: (flags & 2) !== 0, unacked: 0 });
    if ((flags & 8) === 0) this.out.push(wire.consumeOk(number, tag));
  }

  #cancel(number: number, channel: ServerChannel, tag: string, isNoWait: boolean): void {
    const isKnown = channel.consumers.delete(tag);
    if (isNoWait) return;
    if (!isKnown) {
      this.out.push(wire.cancelOk(number, tag));
      return;
    }
    this.#late.push(() => this.#answer(number, channel, wire.cancelOk(number, tag)));
  }

  #get(number: number, channel: ServerChannel, isNoAck: boolean): void {
    const message = this.queue.shift();
    if (message === undefined) {
      this.out.push(wire.getEmpty(number));
      return;
    }
    const tag = this.#hand(channel, message.id, isNoAck ? undefined : null);
    this.out.push(wire.framesOf(wire.getOk(number, tag))[0] ?? Buffer.alloc(0), ...content(number, message.id));
  }

  #settle(channel: ServerChannel, tag: number, flags: number, isRequeue: boolean): void {
    const isMultiple = (flags & 1) === 1;
    if (tag !== 0 && !open(channel).includes(tag)) throw new Error(`406: unknown delivery tag ${tag}`);
    const tags = open(channel).filter((one) => (isMultiple ? tag === 0 || one <= tag : one === tag));
    if (channel.transaction !== null) {
      for (const one of tags) channel.transaction.set(one, isRequeue ? 'requeue' : 'settle');
    } else if (isRequeue) {
      this.#requeue(channel, tags);
    } else {
      for (const one of tags) this.settled.push(this.#take(channel, one));
    }
  }

  #commit(channel: ServerChannel): void {
    for (const [tag, how] of channel.transaction ?? []) {
      if (how === 'requeue') this.#requeue(channel, [tag]);
      else this.settled.push(this.#take(channel, tag));
    }
    channel.transaction?.clear();
  }

  #requeue(channel: ServerChannel, tags: number[]): void {
    for (const one of tags) this.queue.push({ id: this.#take(channel, one), isRedelivered: true });
  }

  #take(channel: ServerChannel, tag: number): number {
    const entry = channel.unacked.get(tag);
    if (entry === undefined) throw new Error(`406: unknown delivery tag ${tag}`);
    channel.unacked.delete(tag);
    const consumer = entry.consumer === null ? undefined : channel.consumers.get(entry.consumer);
    if (consumer !== undefined) consumer.unacked -= 1;
    return entry.id;
  }
}

const newChannel = (): ServerChannel => ({
  prefetch: 0,
  nextTag: 0,
  consumers: new Map(),
  unacked: new Map(),
  content: null,
  transaction: null,
  confirms: null,
});

/** What can still be settled. */
const open = ({ unacked, transaction }: ServerChannel): number[] =>
  [...unacked.keys()].filter((tag) => transaction?.has(tag) !== true);

/** The body begins with the id, whose bytes look like frame ends at times; some bodies fill their frame. */
const content = (channel: number, id: number): Buffer[] => {
  const body = Buffer.alloc(id % 8 === 0 ? FRAME_MAX - 8 : 2, 0xce);
  body.writeUInt16BE(id);
  return [wire.header(channel, body.length), wire.frame(3, channel, body)];
};
