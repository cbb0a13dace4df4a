/** A message that its workers die on: found, told from what was prefetched behind it, kept from the next worker. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoisonTable } from '../../../src/gate/poison-table.ts';
import { PoisonWatch } from '../../../src/gate/poison-watch.ts';
import { Talk, names } from './talk.ts';
import { FUZZ_TIMEOUT_MS } from './fuzz.ts';
import * as wire from './wire.ts';

interface Message {
  id: string;
  size?: number;
  redelivered?: boolean;
  /** Size of its body frames. */
  frameSize?: number;
}

const content = (channel: number, { id, size = 8, frameSize = 4_000 }: Message): Buffer => {
  const bytes = Buffer.alloc(size, `${id} `, 'latin1');
  const parts: Buffer[] = [wire.richHeader(channel, size, { messageId: id })];
  for (let at = 0; at < size; at += frameSize) parts.push(wire.bodyOf(channel, bytes.subarray(at, at + frameSize)));
  return Buffer.concat(parts);
};

const deliver = (tag: number, message: Message): Buffer =>
  Buffer.concat([wire.deliverMethod(1, 'c', tag, message.redelivered ?? false), content(1, message)]);

class Worker extends Talk {
  readonly watch: PoisonWatch;

  constructor(table: PoisonTable, rejectAfter: number | null = null) {
    const watch = new PoisonWatch({ table, rejectAfter });
    super({ poison: watch });
    this.watch = watch;
    this.client(wire.consume(1, 'q', 'c'));
    this.broker(wire.consumeOk(1, 'c'));
  }

  get suspects(): string[] {
    return this.watch.suspects(this.session.state.channels.values(), this.now).map(({ messageId }) => messageId ?? '');
  }

  /** It dies, and somebody hears of it; how many have died on the one it was at. */
  die(table: PoisonTable): number[] {
    return this.watch.suspects(this.session.state.channels.values(), this.now).map((one) => table.died(one, this.now));
  }
}

/** A table in which so many workers died on this message. */
const deadly = (message: Message, deaths: number): PoisonTable => {
  const table = new PoisonTable();
  for (let death = 0; death < deaths; death += 1) {
    const worker = new Worker(table);
    worker.broker(deliver(1, message));
    worker.die(table);
  }
  return table;
};

describe('the suspect', () => {
  it('is the oldest unacknowledged, not what is prefetched behind it', () => {
    const worker = new Worker(new PoisonTable());
    worker.broker(deliver(1, { id: 'a' }), deliver(2, { id: 'b' }), deliver(3, { id: 'c' }));
    expect(worker.suspects).toEqual(['a']);
    worker.client(wire.ack(1, 1));
    expect(worker.suspects).toEqual(['b']);
  });

  it('is remembered for a moment when the worker closes its connection before it ends, and not when the broker does', () => {
    const closing = (...said: ((worker: Worker) => void)[]): Worker => {
      const worker = new Worker(new PoisonTable());
      worker.broker(deliver(1, { id: 'a' }));
      for (const say of said) say(worker);
      worker.session.ended();
      return worker;
    };
    const polite = closing(
      (worker) => worker.client(wire.channelClose(1)),
      (worker) => worker.broker(wire.channelCloseOk(1)),
      (worker) => worker.client(wire.connectionClose),
    );
    expect(polite.suspects).toEqual(['a']);
    polite.now += 5_001;
    expect(polite.suspects).toEqual([]);
    expect(closing((worker) => worker.session.clientGone(worker.now, 'gone')).suspects).toEqual(['a']);
    expect(closing((worker) => worker.broker(wire.connectionClose)).suspects).toEqual([]);
    expect(closing().suspects).toEqual([]);
  });

  it('is nobody where nothing is in flight, nothing needs an acknowledgement, or the content has not come', () => {
    const worker = new Worker(new PoisonTable());
    expect(worker.suspects).toEqual([]);
    worker.broker(deliver(1, { id: 'a', size: 2_000 }).subarray(0, 300));
    expect(worker.suspects).toEqual([]);
    const free = new Talk({ poison: worker.watch });
    free.client(wire.consume(1, 'q', 'c', 2));
    free.broker(wire.consumeOk(1, 'c'), deliver(1, { id: 'a' }));
    expect(worker.watch.suspects(free.session.state.channels.values(), 0)).toEqual([]);
  });

  it.each([
    ['acknowledges several at once', wire.ack(1, 2, true)],
    ['acknowledges another than its oldest', wire.ack(1, 2)],
  ])('cannot be told of a program whose worker %s, from then on', (_name, ack) => {
    const table = new PoisonTable();
    const worker = new Worker(table);
    worker.broker(deliver(1, { id: 'a' }), deliver(2, { id: 'b' }), deliver(3, { id: 'c' }));
    worker.client(ack);
    expect(worker.suspects).toEqual([]);
    const next = new Worker(table);
    next.broker(deliver(1, { id: 'a' }));
    expect(next.suspects).toEqual([]);
  });

  it('with many in flight is known once it comes again', () => {
    const worker = new Worker(new PoisonTable());
    worker.broker(...Array.from({ length: 20 }, (_, index) => deliver(index + 1, { id: `m${index}` })));
    for (let tag = 1; tag <= 16; tag += 1) {
      expect(worker.suspects).toEqual([`m${tag - 1}`]);
      worker.client(wire.ack(1, tag));
    }
    expect(worker.suspects).toEqual([]);
  });
});

describe('the table', () => {
  it('counts deaths by message, and forgets who was settled after all', () => {
    const table = deadly({ id: 'a', redelivered: true }, 2);
    const worker = new Worker(table);
    worker.broker(deliver(1, { id: 'a', redelivered: true }));
    expect(worker.die(table)).toEqual([3]);
    worker.client(wire.ack(1, 1));
    expect(table.isEmpty).toBe(true);
  });

  it('is bounded, and forgets after a day', () => {
    const table = new PoisonTable();
    const died = (fingerprint: string, now: number): number =>
      table.died(
        { fingerprint, head: fingerprint, queue: null, messageId: null, contentType: null, sizeBytes: 0 },
        now,
      );
    died('first', 0);
    died('second', 0);
    died('first', 1);
    for (let other = 0; other < 999; other += 1) died(`other ${other}`, 2);
    expect(table.deathsOf('second', 2)).toBe(0);
    expect(table.deathsOf('first', 2)).toBe(2);
    expect(died('first', 90_000_000)).toBe(1);
  });
});

describe('rejecting', () => {
  const poison = { id: 'p', redelivered: true };

  it('keeps it from the worker and rejects it without requeue; nothing is in flight then', () => {
    const worker = new Worker(deadly(poison, 3), 3);
    const { toClient, toBroker } = worker.broker(deliver(1, { id: 'a' }), deliver(2, poison), deliver(3, { id: 'b' }));
    expect(toClient).toEqual(Buffer.concat([deliver(1, { id: 'a' }), deliver(3, { id: 'b' })]));
    expect(toBroker).toEqual(wire.reject(1, 2, false));
    expect(worker.session.inFlight).toBe(2);
    expect(worker.reports.at(-1)).toMatchObject({
      kind: 'poisonRejected',
      deaths: 3,
      message: { messageId: 'p', queue: 'q' },
    });
    // Whoever puts it back means it: it has its chances again.
    expect(worker.broker(deliver(4, poison)).toClient).toEqual(deliver(4, poison));
  });

  it('answers a get as if the queue were empty', () => {
    const worker = new Worker(deadly(poison, 3), 3);
    worker.client(wire.get(1, 'q'));
    const { toClient, toBroker } = worker.broker(wire.getOkMethod(1, 1, true), content(1, poison));
    expect(toClient).toEqual(wire.getEmpty(1));
    expect(toBroker).toEqual(wire.reject(1, 1, false));
  });

  it.each<[string, PoisonTable, number | null, Message]>([
    ['too few died', deadly(poison, 2), 3, poison],
    ['it is to be said only', deadly(poison, 9), null, poison],
    ['it comes for the first time', deadly(poison, 9), 3, { id: 'p' }],
    ['it only begins alike', deadly({ ...poison, size: 600 }, 9), 3, { id: 'p', redelivered: true, size: 601 }],
  ])('does not where %s', (_name, table, rejectAfter, message) => {
    const worker = new Worker(table, rejectAfter);
    expect(worker.broker(deliver(1, message)).toClient).toEqual(deliver(1, message));
    expect(worker.session.inFlight).toBe(1);
    expect(worker.suspects).toEqual(['p']);
  });

  it('a kept back delivery is not lost to a drain', () => {
    const worker = new Worker(deadly(poison, 3), 3);
    const bytes = deliver(1, poison);
    worker.broker(bytes.subarray(0, bytes.length - 3));
    worker.quiesce();
    worker.broker(wire.cancelOk(1, 'c').subarray(0, 0));
    expect(worker.session.obstacle).toBe('unanswered');
    expect(names(worker.broker(bytes.subarray(bytes.length - 3)).toBroker)).toContain('60.90');
  });
});

it(
  'whatever the frames and chunks: exactly the poison is missing, and exactly the rest is counted',
  { timeout: FUZZ_TIMEOUT_MS },
  () => {
    const sizes = fc.constantFrom(0, 1, 300, 512, 513, 3_000);
    const message = fc.record({
      id: fc.constantFrom('p', 'a', 'b'),
      size: sizes,
      frameSize: fc.constantFrom(1, 100, 511, 4_000),
      redelivered: fc.boolean(),
    });
    const property = fc.property(
      fc.array(message, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
      sizes,
      (messages, chunks, size) => {
        const table = deadly({ id: 'p', size, redelivered: true }, 3);
        const worker = new Worker(table, 3);
        // Rejected once, it has its chances again.
        const rejected = messages.findIndex((one) => one.id === 'p' && one.size === size && one.redelivered);
        const bytes = Buffer.concat(messages.map((one, index) => deliver(index + 1, one)));
        const toClient: Buffer[] = [];
        const toBroker: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const end = Math.min(bytes.length, at + (chunks[turn % chunks.length] ?? 1));
          const out = worker.broker(bytes.subarray(at, end));
          toClient.push(out.toClient);
          toBroker.push(out.toBroker);
          at = end;
        }
        const passed = messages.flatMap((one, index) => (index === rejected ? [] : [deliver(index + 1, one)]));
        expect(Buffer.concat(toClient).equals(Buffer.concat(passed))).toBe(true);
        expect(Buffer.concat(toBroker)).toEqual(
          rejected === -1 ? Buffer.alloc(0) : wire.reject(1, rejected + 1, false),
        );
        expect(worker.session.inFlight).toBe(passed.length);
        expect(worker.session.state.totals.delivered).toBe(passed.length);
        expect(worker.suspects).toEqual(
          messages
            .filter((_, index) => index !== rejected)
            .slice(0, 1)
            .map(({ id }) => id),
        );
      },
    );
    fc.assert(property, { numRuns: 500 });
  },
);
