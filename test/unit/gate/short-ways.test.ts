/** What the short ways must leave to the general one, and what they remember of what they took. */
import { describe, expect, it } from 'vitest';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import { PoisonTable } from '../../../src/gate/poison-table.ts';
import { PoisonWatch } from '../../../src/gate/poison-watch.ts';
import { FramingError } from '../../../src/gate/scanner.ts';
import type { Trace } from '../../../src/gate/trace.ts';
import { Talk } from './talk.ts';
import * as wire from './wire.ts';

const watched = (): { talk: Talk; totals: ReturnType<typeof noTotals> } => {
  const totals = noTotals();
  const poison = new PoisonWatch({ table: new PoisonTable(), rejectAfter: null });
  const talk = new Talk({ totals, poison });
  talk.client(wire.consume(1, 'q', 'c'));
  talk.broker(wire.consumeOk(1, 'c'));
  return { talk, totals };
};

const message = (tag: number, bodies: Buffer[], { consumer = 'c', isRedelivered = false } = {}): Buffer[] => [
  wire.deliverMethod(1, consumer, tag, isRedelivered),
  wire.richHeader(1, Buffer.concat(bodies).length, { messageId: `m${tag}` }),
  ...bodies.map((body) => wire.bodyOf(1, body)),
];

const oldest = (talk: Talk): Trace | null => talk.session.state.channels.get(1)?.deliveries.oldestTrace ?? null;

describe('deliveries', () => {
  it('are counted as redelivered where they are', () => {
    const { talk, totals } = watched();
    talk.broker(...message(1, [Buffer.from('a')], { isRedelivered: true }), ...message(2, [Buffer.from('b')]));
    expect([totals.delivered, totals.redelivered, oldest(talk)?.redelivered]).toEqual([2, 1, true]);
  });

  it.each([0, 1, 2])('without the end byte of frame %i end the connection', (index) => {
    const { talk } = watched();
    const frames = message(1, [Buffer.from('a')]).map((frame) => Buffer.from(frame));
    const broken = frames[index] ?? Buffer.alloc(1);
    broken[broken.length - 1] = 0;
    expect(() => talk.broker(...frames)).toThrow(FramingError);
  });

  it('of a method frame that is larger than agreed end the connection', () => {
    const { talk } = watched();
    talk.client(wire.tuneOk(0, 30));
    expect(() => talk.broker(...message(1, [Buffer.from('a')]))).toThrow(FramingError);
  });

  it.each([[[600]], [[3, 600]], [[512]], [[511, 1, 1]], [[2, 2]], [[]], [[5_000]]])(
    'are remembered by the beginning of their body, in frames of %j bytes',
    (sizes) => {
      const { talk } = watched();
      const bodies = sizes.map((size, index) => Buffer.alloc(size, 65 + index));
      const [method, header] = message(7, bodies);
      talk.broker(...message(7, bodies), ...message(8, [Buffer.from('next')]));
      const prefix = Buffer.concat(bodies).subarray(0, 512);
      expect(oldest(talk)).toEqual({ method, header, prefix, redelivered: false, queue: 'q' });
      talk.client(wire.ack(1, 7));
      expect(oldest(talk)?.prefix.toString()).toBe('next');
    },
  );

  it('are remembered with the queue of their own consumer', () => {
    const { talk } = watched();
    talk.client(wire.consume(1, 'other', 'd'));
    talk.broker(wire.consumeOk(1, 'd'), ...message(1, [Buffer.from('a')], { consumer: 'd' }));
    expect(oldest(talk)?.queue).toBe('other');
  });

  it('do not take the place of one that is still in flight', () => {
    const { talk } = watched();
    for (let tag = 1; tag <= 40; tag += 1) {
      talk.broker(...message(tag, [Buffer.from(`body ${tag}`)]));
      if (tag !== 1) talk.client(wire.ack(1, tag));
    }
    expect(oldest(talk)?.prefix.toString()).toBe('body 1');
  });

  it('with long properties are remembered, too', () => {
    const { talk } = watched();
    const header = wire.richHeader(1, 1, { headers: { long: 'x'.repeat(1_500) } });
    talk.broker(wire.deliverMethod(1, 'c', 16, false), header, wire.bodyOf(1, Buffer.from('a')));
    talk.broker(...message(17, [Buffer.from('b')]));
    expect([oldest(talk)?.header, oldest(talk)?.prefix.toString()]).toEqual([header, 'a']);
    talk.client(wire.ack(1, 16));
    expect(oldest(talk)?.prefix.toString()).toBe('b');
  });

  it('beyond the few that are traced leave no trace, nor that of another', () => {
    const { talk } = watched();
    for (let tag = 1; tag <= 20; tag += 1) talk.broker(...message(tag, [Buffer.from(`body ${tag}`)]));
    for (let tag = 1; tag <= 16; tag += 1) talk.client(wire.ack(1, tag));
    expect(oldest(talk)).toBeNull();
  });

  it('settled in a transaction that is rolled back are in flight again, unknown', () => {
    const { talk } = watched();
    talk.broker(...message(1, [Buffer.from('a')]));
    talk.client(wire.tx(1, 'select'), wire.ack(1, 1), wire.tx(1, 'rollback'));
    talk.broker(wire.tx(1, 'selectOk'), wire.tx(1, 'rollbackOk'));
    expect([talk.session.inFlight, oldest(talk)]).toEqual([1, null]);
  });
});

describe('acknowledgements', () => {
  it('on a channel that is closing settle nothing: all of it goes back', () => {
    const { talk, totals } = watched();
    talk.broker(...message(1, [Buffer.from('a')]));
    talk.client(wire.channelClose(1), wire.ack(1, 1));
    expect([totals.acknowledged, talk.session.inFlight]).toEqual([0, 1]);
    talk.broker(wire.channelCloseOk(1));
    expect(totals.returned).toBe(1);
  });
});
