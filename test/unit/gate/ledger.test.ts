/** The ledger by every method, and the prefetch that is asked of the broker. */
import { describe, expect, it } from 'vitest';
import { Talk, three } from './talk.ts';
import type { Step } from './talk.ts';
import * as wire from './wire.ts';

interface Row {
  name: string;
  steps: Step[];
  inFlight: number;
  totals?: Partial<Record<'delivered' | 'redelivered' | 'acknowledged' | 'rejected' | 'returned', number>>;
}

const LEDGER: Row[] = [
  { name: 'deliver', steps: three, inFlight: 3, totals: { delivered: 3, redelivered: 1 } },
  { name: 'ack of one', steps: [...three, ['client', wire.ack(1, 2)]], inFlight: 2, totals: { acknowledged: 1 } },
  { name: 'ack twice counts once', steps: [...three, ['client', wire.ack(1, 2), wire.ack(1, 2)]], inFlight: 2 },
  {
    name: 'ack multiple',
    steps: [...three, ['client', wire.ack(1, 2, true)]],
    inFlight: 1,
    totals: { acknowledged: 2 },
  },
  { name: 'ack of all', steps: [...three, ['client', wire.ack(1, 0, true)]], inFlight: 0, totals: { acknowledged: 3 } },
  { name: 'ack of tag 0 alone is nobody', steps: [...three, ['client', wire.ack(1, 0)]], inFlight: 3 },
  { name: 'nack multiple', steps: [...three, ['client', wire.nack(1, 2, true)]], inFlight: 1, totals: { rejected: 2 } },
  { name: 'reject', steps: [...three, ['client', wire.reject(1, 3)]], inFlight: 2, totals: { rejected: 1 } },
  { name: 'another channel', steps: [...three, ['client', wire.ack(2, 1)]], inFlight: 3 },
  { name: 'recover, asked', steps: [...three, ['client', wire.recover(1)]], inFlight: 3 },
  {
    name: 'recover, done',
    steps: [...three, ['client', wire.recover(1)], ['broker', wire.recoverOk(1)]],
    inFlight: 0,
    totals: { returned: 3 },
  },
  {
    name: 'recover-async, done with the answer to what follows it',
    steps: [...three, ['client', wire.recoverAsync(1)], ['broker', wire.cancelOk(1, 'ackwarden.gate.1')]],
    inFlight: 0,
    totals: { returned: 3 },
  },
  { name: 'channel.close, asked', steps: [...three, ['client', wire.channelClose(1)]], inFlight: 3 },
  {
    name: 'channel.close, number used again',
    steps: [
      ...three,
      ['client', wire.channelClose(1)],
      ['broker', wire.channelCloseOk(1)],
      ['client', wire.channelOpen(1)],
    ],
    inFlight: 0,
    totals: { returned: 3 },
  },
  {
    name: 'channel.close by the broker',
    steps: [...three, ['broker', wire.channelClose(1)]],
    inFlight: 0,
    totals: { returned: 3 },
  },
  {
    name: 'get',
    steps: [
      ['client', wire.get(1, 'q'), wire.get(1, 'q')],
      ['broker', wire.getOk(1, 1), wire.getEmpty(1)],
    ],
    inFlight: 1,
  },
  {
    name: 'gets, the first without ack',
    steps: [
      ['client', wire.get(1, 'q', true), wire.get(1, 'q')],
      ['broker', wire.getOk(1, 1), wire.getOk(1, 2)],
    ],
    inFlight: 1,
    totals: { delivered: 2 },
  },
  {
    name: 'no-ack consumer beside another',
    steps: [
      ['client', wire.consume(1, 'q', 'c', 2), wire.consume(1, 'q', '')],
      ['broker', wire.consumeOk(1, 'c'), wire.consumeOk(1, 'amq.ctag-1')],
      ['broker', wire.deliver(1, 'c', 1), wire.deliver(1, 'amq.ctag-1', 2)],
    ],
    inFlight: 1,
  },
  {
    name: 'no-ack consumer with a tag of the broker',
    steps: [
      ['client', wire.consume(1, 'q', '', 2)],
      ['broker', wire.consumeOk(1, 'amq.ctag-1'), wire.deliver(1, 'amq.ctag-1', 1)],
    ],
    inFlight: 0,
  },
  {
    name: 'no-ack deliveries after a cancel that asked for no answer',
    steps: [
      ['client', wire.consume(1, 'q', 'c', 2)],
      ['broker', wire.consumeOk(1, 'c')],
      ['client', wire.cancel(1, 'c', true)],
      ['broker', wire.deliver(1, 'c', 1)],
    ],
    inFlight: 0,
  },
  {
    name: 'tx: acknowledged, not committed',
    steps: [['client', wire.tx(1, 'select')], ...three, ['client', wire.ack(1, 2, true)]],
    inFlight: 3,
    totals: { acknowledged: 0 },
  },
  {
    name: 'tx: acknowledged, and the broker closes the channel',
    steps: [
      ['client', wire.tx(1, 'select')],
      ...three,
      ['client', wire.ack(1, 1), wire.tx(1, 'commit'), wire.ack(1, 2)],
      ['broker', wire.channelClose(1)],
    ],
    inFlight: 0,
    totals: { acknowledged: 0, returned: 3 },
  },
  {
    name: 'tx: commit asked; what follows belongs to the next',
    steps: [
      ['client', wire.tx(1, 'select')],
      ...three,
      ['client', wire.ack(1, 2, true), wire.tx(1, 'commit'), wire.ack(1, 3)],
      ['broker', wire.tx(1, 'commitOk')],
    ],
    inFlight: 1,
    totals: { acknowledged: 2 },
  },
  {
    name: 'tx: rolled back, then settled by a multiple',
    steps: [
      ['client', wire.tx(1, 'select')],
      ...three,
      ['client', wire.ack(1, 1), wire.tx(1, 'rollback')],
      ['broker', wire.tx(1, 'rollbackOk')],
      ['client', wire.ack(1, 2, true), wire.tx(1, 'commit')],
      ['broker', wire.tx(1, 'commitOk')],
    ],
    inFlight: 1,
    totals: { acknowledged: 2 },
  },
];

describe('the ledger', () => {
  it.each(LEDGER)('$name', ({ steps, inFlight, totals = {} }) => {
    const talk = new Talk({}, [1, 2]);
    for (const [side, ...frames] of steps) talk[side](...frames);
    expect(talk.session.inFlight).toBe(inFlight);
    expect(talk.session.state.totals).toMatchObject(totals);
  });

  it('pins an acknowledgement of all to what the client has been handed, and drops one of nothing', () => {
    const talk = new Talk();
    for (const [side, ...frames] of three) talk[side](...frames);
    expect(talk.client(wire.ack(1, 0, true)).toBroker).toEqual(wire.ack(1, 3, true));
    expect(talk.client(wire.ack(1, 0, true)).toBroker).toEqual(Buffer.alloc(0));
  });
});

describe('an acknowledgement of all behind a recovery', () => {
  it.each([
    ['recover', wire.recover(1), wire.recoverOk(1)],
    ['recover-async', wire.recoverAsync(1), wire.cancelOk(1, 'ackwarden.gate.1')],
  ])('means nothing that was handed out before: %s', (_name, recover, answered) => {
    const talk = new Talk();
    for (const [side, ...frames] of three) talk[side](...frames);
    talk.client(recover);
    expect(talk.client(wire.ack(1, 0, true)).toBroker.length).toBe(0);
    talk.broker(answered, wire.deliver(1, 'c', 4));
    expect(talk.session.state.totals).toMatchObject({ returned: 3, acknowledged: 0 });
    expect(talk.client(wire.ack(1, 0, true)).toBroker).toEqual(wire.ack(1, 4, true));
  });
});

describe('prefetch', () => {
  it.each([
    [10, 0, 10],
    [10, 1000, 10],
    [10, 3, 3],
    [null, 0, 0],
    [null, 1000, 1000],
  ])('clamp %s, asked %i: %i', (clamp, asked, granted) => {
    const talk = new Talk({ clamp });
    expect(talk.client(wire.qos(1, asked)).toBroker).toEqual(wire.qos(1, granted));
    expect(talk.broker(wire.qosOk(1)).toClient).toEqual(wire.qosOk(1));
  });

  it('is not asked for again before the consume of a worker that did', () => {
    const talk = new Talk({ clamp: 10 });
    talk.client(wire.qos(1, 5));
    expect(talk.client(wire.consume(1, 'q', 'c')).toBroker).toEqual(wire.consume(1, 'q', 'c'));
  });

  it('is asked for before the first consume of a worker that never does, and the answer is swallowed', () => {
    const talk = new Talk({ clamp: 10 });
    const asked = talk.client(wire.consume(1, 'q', 'c'), wire.qos(1, 0));
    expect(asked.toBroker).toEqual(Buffer.concat([wire.qos(1, 10), wire.consume(1, 'q', 'c'), wire.qos(1, 10)]));
    const answered = talk.broker(wire.qosOk(1), wire.consumeOk(1, 'c'), wire.qosOk(1));
    expect(answered.toClient).toEqual(Buffer.concat([wire.consumeOk(1, 'c'), wire.qosOk(1)]));
  });
});
