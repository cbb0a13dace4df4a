/** Every trap of quiescing, one conversation each. */
import { describe, expect, it } from 'vitest';
import { Talk, answer, names, working } from './talk.ts';
import * as wire from './wire.ts';

describe('quiesce', () => {
  it('cancels, swallows the answer, waits for the acknowledgement, and asks twice whether it was read', () => {
    const talk = working();
    expect(talk.quiesce().toBroker).toEqual(wire.cancel(1, 'c'));
    expect(talk.broker(wire.cancelOk(1, 'c'))).toEqual({ toBroker: Buffer.alloc(0), toClient: Buffer.alloc(0) });
    expect(talk.session.obstacle).toBe('unacknowledged');
    const acked = talk.client(wire.ack(1, 1));
    expect(names(acked.toBroker)).toEqual(['60.80', '60.30']);
    expect(talk.session.obstacle).toBe('unanswered');
    const again = answer(talk, acked.toBroker);
    expect(names(again.toBroker)).toEqual(['60.30']);
    expect(talk.session.obstacle).toBe('unanswered');
    expect(answer(talk, again.toBroker)).toEqual({ toBroker: Buffer.alloc(0), toClient: Buffer.alloc(0) });
    expect(talk.session.obstacle).toBeNull();
  });

  it('asks anew when the client settles more while it is asked', () => {
    const talk = new Talk();
    talk.client(wire.publish(1), wire.header(1, 0));
    let { toBroker } = talk.quiesce();
    ({ toBroker } = answer(talk, toBroker));
    talk.client(wire.publish(1), wire.header(1, 0));
    ({ toBroker } = answer(talk, toBroker));
    expect(names(toBroker)).toEqual(['60.30']);
    ({ toBroker } = answer(talk, toBroker));
    expect(names(toBroker)).toEqual(['60.30']);
    expect(talk.session.obstacle).toBe('unanswered');
    answer(talk, toBroker);
    expect(talk.session.obstacle).toBeNull();
  });

  it('a consumer that was cancelled before it had started is not cancelled again', () => {
    const talk = new Talk();
    talk.client(wire.consume(1, 'q', 'c', 2), wire.cancel(1, 'c'));
    talk.quiesce();
    talk.tick(250);
    const started = talk.broker(wire.consumeOk(1, 'c'));
    expect(started.toClient).toEqual(wire.consumeOk(1, 'c'));
    expect(started.toBroker.includes(wire.cancel(1, 'c'))).toBe(false);
    expect(talk.broker(wire.cancelOk(1, 'c')).toClient).toEqual(wire.cancelOk(1, 'c'));
  });

  it('counts and passes on what comes before the answer', () => {
    const talk = working();
    talk.quiesce();
    expect(talk.broker(wire.deliver(1, 'c', 2)).toClient).toEqual(wire.deliver(1, 'c', 2));
    expect(talk.session.inFlight).toBe(2);
  });

  it('puts no frame inside a content; other channels need not wait', () => {
    const talk = working();
    talk.client(wire.consume(2, 'q', 'd'));
    talk.broker(wire.consumeOk(2, 'd'));
    talk.client(wire.publish(1));
    talk.quiesce();
    expect(talk.session.isQuieting).toBe(false);
    expect(talk.session.obstacle).toBe('openContent');
    const parts = [wire.header(1, 20), wire.body(1, 10), wire.body(1, 10)];
    const sent = parts.map((part) => talk.client(part).toBroker);
    expect(sent[0]).toEqual(parts[0]);
    expect(sent[1]).toEqual(parts[1]);
    expect(names(sent[2] ?? Buffer.alloc(0)).slice(0, 2)).toEqual(['body', '60.30']);
  });

  it('lets the client finish a content while it waits for deliveries to become quiet, and no more', () => {
    const talk = working({ quietMs: 50 });
    talk.client(wire.publish(1));
    talk.quiesce();
    const rest = Buffer.concat([wire.header(1, 5), wire.body(1, 5)]);
    expect(talk.client(rest, wire.ack(1, 1)).toBroker).toEqual(rest);
    expect(talk.session.isQuieting).toBe(true);
    expect(talk.tick(50).toBroker).toEqual(Buffer.concat([wire.cancel(1, 'c'), wire.ack(1, 1)]));
  });

  it('nor inside a frame that has begun to go out', () => {
    const talk = working();
    const big = wire.body(1, 1_000);
    talk.client(wire.publish(1), wire.header(1, 1_000), big.subarray(0, 500));
    expect(talk.quiesce().toBroker.length).toBe(0);
    expect(names(Buffer.concat([big.subarray(0, 500), talk.client(big.subarray(500)).toBroker]))[1]).toBe('60.30');
  });

  it('the client cancels the same consumer: it sees one answer', () => {
    const talk = working();
    talk.quiesce();
    expect(talk.client(wire.cancel(1, 'c')).toBroker).toEqual(wire.cancel(1, 'c'));
    expect(talk.broker(wire.cancelOk(1, 'c')).toClient.length).toBe(0);
    expect(talk.broker(wire.cancelOk(1, 'c')).toClient).toEqual(wire.cancelOk(1, 'c'));
    expect(talk.resume().toBroker.length).toBe(0);
  });

  it('answers get with empty, in the order of the answers', () => {
    const talk = new Talk();
    talk.client(wire.get(1, 'q'));
    talk.quiesce();
    const asked = talk.client(wire.get(1, 'q')).toBroker;
    expect(names(asked)).toEqual(['60.30']);
    const answered = talk.broker(wire.getOk(1, 1), wire.cancelOk(1, wire.tagOf(asked)));
    expect(answered.toClient).toEqual(Buffer.concat([wire.getOk(1, 1), wire.getEmpty(1)]));
    expect(talk.session.inFlight).toBe(1);
  });

  it.each([
    ['its tag', 'mine'],
    ['a new tag', ''],
  ])('answers consume with %s and starts it when resumed', (_name, tag) => {
    const talk = new Talk({ clamp: 10 });
    talk.quiesce();
    const asked = talk.client(wire.consume(1, 'q', tag, 4)).toBroker;
    expect(names(asked)).toEqual(['60.30']);
    const { toClient } = talk.broker(wire.cancelOk(1, wire.tagOf(asked)));
    expect(names(toClient)).toEqual(['60.21']);
    const given = wire.tagOf(toClient);
    expect(given).toMatch(tag === '' ? /^ackwarden/ : /^mine$/);
    const { toBroker } = talk.resume();
    const anew = wire.consumeTagIn(toBroker);
    expect(toBroker).toEqual(Buffer.concat([wire.qos(1, 10), wire.consume(1, 'q', anew, 4)]));
    expect(talk.broker(wire.qosOk(1), wire.consumeOk(1, anew)).toClient.length).toBe(0);
    expect(talk.broker(wire.deliver(1, anew, 1)).toClient).toEqual(wire.deliver(1, given, 1));
    expect(talk.session.inFlight).toBe(1);
  });

  it('drops a consume that wants no answer, and starts it when resumed with one it swallows', () => {
    const talk = new Talk();
    talk.quiesce();
    expect(talk.client(wire.consume(1, 'q', 'c', 8)).toBroker.length).toBe(0);
    const { toBroker } = talk.resume();
    const anew = wire.consumeTagIn(toBroker);
    expect(toBroker).toEqual(wire.consume(1, 'q', anew));
    expect(talk.broker(wire.consumeOk(1, anew)).toClient.length).toBe(0);
  });

  it('cancels a consumer that was starting once it has started', () => {
    const talk = new Talk();
    talk.client(wire.consume(1, 'q', ''));
    talk.quiesce();
    talk.tick(250);
    const started = talk.broker(wire.consumeOk(1, 'amq.ctag-1'));
    expect(started.toClient).toEqual(wire.consumeOk(1, 'amq.ctag-1'));
    expect(started.toBroker).toEqual(wire.cancel(1, 'amq.ctag-1'));
  });

  it.each([
    ['with an answer', 0],
    ['without', 16],
  ])('an empty queue name means the queue declared last (%s), also when it is consumed anew', (_name, flags) => {
    const talk = new Talk();
    talk.client(wire.declare(1, 'work', 2 | flags));
    if (flags === 0) talk.broker(wire.declareOk(1, 'work'));
    talk.client(wire.consume(1, '', 'c'));
    talk.broker(wire.consumeOk(1, 'c'));
    talk.quiesce();
    talk.broker(wire.cancelOk(1, 'c'));
    const { toBroker } = talk.resume();
    expect(toBroker).toEqual(wire.consume(1, 'work', wire.consumeTagIn(toBroker)));
  });

  it.each([
    ['direct reply-to', 'amq.rabbitmq.reply-to', null],
    ['a queue named by the broker', 'amq.gen-x', null],
    ['an exclusive queue', 'mine', 4],
    ['an auto-delete queue', 'mine', 8],
  ])('leaves the consumer of %s alone', (_name, queue, flags) => {
    const talk = new Talk();
    if (flags !== null) {
      talk.client(wire.declare(1, queue, flags));
      talk.broker(wire.declareOk(1, queue));
    }
    talk.client(wire.consume(1, queue, 'c', 2));
    talk.broker(wire.consumeOk(1, 'c'));
    expect(talk.quiesce().toBroker.includes(wire.cancel(1, 'c'))).toBe(false);
    talk.broker(wire.deliver(1, 'c', 1));
    const more = talk.client(wire.consume(1, queue, 'd', 2));
    expect(more.toBroker.includes(wire.consume(1, queue, 'd', 2))).toBe(true);
  });

  it('waits until deliveries are quiet, keeps the client waiting meanwhile, and not for ever', () => {
    const talk = working({ quietMs: 50 });
    expect(talk.quiesce().toBroker.length).toBe(0);
    expect(talk.client(wire.ack(1, 1)).toBroker.length).toBe(0);
    expect(talk.session.wantsClient).toBe(false);
    talk.tick(49);
    talk.broker(wire.deliver(1, 'c', 2));
    expect(talk.tick(49).toBroker.length).toBe(0);
    const quiet = talk.tick(1).toBroker;
    expect(quiet).toEqual(Buffer.concat([wire.cancel(1, 'c'), wire.ack(1, 1)]));
    expect(talk.session.wantsClient).toBe(true);

    const busy = working({ quietMs: 50 });
    busy.quiesce();
    for (let tag = 2; busy.session.isQuieting && tag < 20; tag += 1) {
      busy.broker(wire.deliver(1, 'c', tag));
      busy.tick(25);
    }
    expect(busy.now).toBe(1_250);
  });

  it('says what the client said before it died, and then connection.close', () => {
    const talk = working({ quietMs: 50 });
    talk.quiesce();
    talk.client(wire.ack(1, 1));
    expect(talk.session.clientGone(talk.now, 'gone')).toBe(true);
    expect(names(talk.take().toBroker)).toEqual(['60.80', '10.50']);
    expect(talk.session.ended()).toBe(0);
  });

  it('says no connection.close in the middle of a frame', () => {
    const talk = working();
    talk.client(wire.publish(1), wire.header(1, 9), wire.body(1, 9).subarray(0, 8));
    expect(talk.session.clientGone(talk.now, 'gone')).toBe(false);
    expect(talk.session.ended()).toBe(1);
  });

  it.each([0, 50])(
    'keeps the cancel of a deleted queue from a worker in its drain (quiet %i ms), else not',
    (quietMs) => {
      const talk = working({ quietMs });
      talk.quiesce();
      expect(talk.broker(wire.cancel(1, 'c', true)).toClient.length).toBe(0);
      expect(talk.tick(250).toBroker.includes(wire.cancel(1, 'c'))).toBe(false);
      expect(talk.reports.at(-1)).toMatchObject({ kind: 'deaf', reason: 'consumerCancelled' });
      expect(working().broker(wire.cancel(1, 'c', true)).toClient).toEqual(wire.cancel(1, 'c', true));
    },
  );

  it.each([
    ['ack', wire.ack(1, 1)],
    ['nack', wire.nack(1, 1)],
    ['reject', wire.reject(1, 1)],
  ])(
    'once drained, a message of a private queue is worked off: asks anew whether its %s was read',
    (_name, settled) => {
      const talk = new Talk();
      talk.client(wire.consume(1, 'amq.gen-x', 'c'));
      talk.broker(wire.consumeOk(1, 'c'));
      let { toBroker } = talk.quiesce();
      for (let round = 0; round < 2; round += 1) ({ toBroker } = answer(talk, toBroker));
      expect(talk.session.obstacle).toBeNull();
      talk.broker(wire.deliver(1, 'c', 1));
      expect(talk.session.obstacle).toBe('privateQueue');
      ({ toBroker } = talk.client(settled));
      expect(talk.session.obstacle).toBe('unanswered');
      for (let round = 0; round < 2; round += 1) ({ toBroker } = answer(talk, toBroker));
      expect(talk.session.obstacle).toBeNull();
    },
  );

  it('does not listen to what was on its way to a channel that the broker has closed', () => {
    const talk = working();
    talk.broker(wire.channelClose(1));
    talk.client(wire.publish(1));
    talk.quiesce();
    expect(talk.session.obstacle).toBe('unanswered');
    talk.client(wire.channelCloseOk(1));
    expect(talk.session.obstacle).toBeNull();
  });

  it('expects nothing more on a channel that closes', () => {
    const talk = working();
    talk.client(wire.channelClose(1));
    expect(talk.quiesce().toBroker.length).toBe(0);
    talk.broker(wire.channelCloseOk(1));
    expect(talk.session.obstacle).toBeNull();
  });

  it('resumed before its cancel was answered, consumes anew once it is', () => {
    const talk = working();
    talk.quiesce();
    expect(talk.resume().toBroker.length).toBe(0);
    const { toBroker, toClient } = talk.broker(wire.cancelOk(1, 'c'));
    const anew = wire.consumeTagIn(toBroker);
    expect({ toBroker, toClient }).toEqual({ toBroker: wire.consume(1, 'q', anew), toClient: Buffer.alloc(0) });
    expect(talk.session.isRestoring).toBe(true);
    talk.broker(wire.consumeOk(1, anew));
    expect(talk.session.isRestoring).toBe(false);
  });
});

describe('a consumer that was started anew', () => {
  /** A quorum queue breaks the channel when a tag is used again while messages of it are unacknowledged. */
  const restarted = (): { talk: Talk; anew: string } => {
    const talk = working();
    talk.quiesce();
    talk.broker(wire.cancelOk(1, 'c'));
    const anew = wire.consumeTagIn(talk.resume().toBroker);
    talk.broker(wire.consumeOk(1, anew));
    return { talk, anew };
  };

  it('has another tag at the broker, of which the worker never hears', () => {
    const { talk, anew } = restarted();
    expect(anew).not.toBe('c');
    expect(talk.broker(wire.deliver(1, anew, 2)).toClient).toEqual(wire.deliver(1, 'c', 2));
    expect(talk.client(wire.cancel(1, 'c')).toBroker).toEqual(wire.cancel(1, anew));
    expect(talk.broker(wire.deliver(1, anew, 3)).toClient).toEqual(wire.deliver(1, 'c', 3));
    expect(talk.broker(wire.cancelOk(1, anew)).toClient).toEqual(wire.cancelOk(1, 'c'));
    expect(talk.session.inFlight).toBe(3);
  });

  it('is cancelled by the next quiesce under that tag, and by the broker', () => {
    const first = restarted();
    expect(first.talk.quiesce().toBroker).toEqual(wire.cancel(1, first.anew));
    const second = restarted();
    expect(second.talk.broker(wire.cancel(1, second.anew, true)).toClient).toEqual(wire.cancel(1, 'c', true));
  });
});
