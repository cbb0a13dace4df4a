/** What the gate makes of a connection.start-ok, and what it then keeps from the worker. */
import { describe, expect, it } from 'vitest';
import { announce } from '../../../src/gate/capabilities.ts';
import { Talk } from './talk.ts';
import * as wire from './wire.ts';

type Values = [name: string, type: string, value: number[]][];

const bytesOf = (values: Values): number[] =>
  values.flatMap(([name, type, value]) => [name.length, ...Buffer.from(name + type, 'latin1'), ...value]);
const table = (bytes: number[]): number[] => [0, 0, bytes.length >> 8, bytes.length & 255, ...bytes];
const startOk = (properties: Values): Buffer =>
  wire.frame(1, 0, [0, 10, 0, 11, ...table(bytesOf(properties)), 5, ...Buffer.from('PLAIN'), 0, 0, 0, 0, 0]);
const withCapabilities = (values: Values): Buffer =>
  startOk([
    ['product', 'S', [0, 0, 0, 1, 0x78]],
    ['capabilities', 'F', table(bytesOf(values))],
    ['version', 'I', [0, 0, 0, 1]],
  ]);

const BLOCKED = 'connection.blocked';
const CANCELS = 'consumer_cancel_notify';
const YES = [1];
const NO = [0];

describe('a start-ok', () => {
  it.each<[string, Values, Values, boolean, boolean]>([
    [
      'asks for nothing',
      [],
      [
        [BLOCKED, 't', YES],
        [CANCELS, 't', YES],
      ],
      false,
      false,
    ],
    [
      'asks for other things',
      [['basic.nack', 't', YES]],
      [
        ['basic.nack', 't', YES],
        [BLOCKED, 't', YES],
        [CANCELS, 't', YES],
      ],
      false,
      false,
    ],
    [
      'asks for alarms',
      [[BLOCKED, 't', YES]],
      [
        [BLOCKED, 't', YES],
        [CANCELS, 't', YES],
      ],
      true,
      false,
    ],
    [
      'asks for cancels, not for alarms',
      [
        [BLOCKED, 't', NO],
        [CANCELS, 't', YES],
      ],
      [
        [BLOCKED, 't', YES],
        [CANCELS, 't', YES],
      ],
      false,
      true,
    ],
    [
      'asks for both',
      [
        [CANCELS, 't', YES],
        [BLOCKED, 't', YES],
      ],
      [
        [CANCELS, 't', YES],
        [BLOCKED, 't', YES],
      ],
      true,
      true,
    ],
    [
      'has another type',
      [[BLOCKED, 'b', YES]],
      [
        [BLOCKED, 'b', YES],
        [CANCELS, 't', YES],
      ],
      false,
      false,
    ],
  ])('that %s', (_name, asked, announced, alarms, cancels) => {
    expect(announce(withCapabilities(asked))).toEqual({
      frame: withCapabilities(announced),
      told: { alarms, cancels },
    });
  });

  it('without capabilities gets some', () => {
    const product: Values = [['product', 'S', [0, 0, 0, 1, 0x78]]];
    expect(announce(startOk(product))).toEqual({
      frame: startOk([
        ...product,
        [
          'capabilities',
          'F',
          table(
            bytesOf([
              [BLOCKED, 't', YES],
              [CANCELS, 't', YES],
            ]),
          ),
        ],
      ]),
      told: { alarms: false, cancels: false },
    });
  });

  it.each<[string, Buffer]>([
    ['whose table is too long', wire.frame(1, 0, [0, 10, 0, 11, 0, 0, 0, 99, 1])],
    ['that ends at once', wire.frame(1, 0, [0, 10, 0, 11])],
    ['with a value of an unknown type', startOk([['a', '?', [1]]])],
    ['with a value that is cut', startOk([['a', 'S', [0, 0, 0, 9]]])],
    ['with a name that is cut', wire.frame(1, 0, [0, 10, 0, 11, ...table([9, 65])])],
    ['whose capabilities are no table', startOk([['capabilities', 'S', [0, 0, 0, 0]]])],
    ['whose capabilities are cut', startOk([['capabilities', 'F', [0, 0, 0, 3, 1, 65, 63]]])],
  ])('%s passes as it is', (_name, frame) => {
    expect(announce(frame)).toEqual({ frame, told: { alarms: true, cancels: true } });
  });

  it('gets no longer than a frame before the tuning may be', () => {
    const long = (size: number): Buffer => startOk([['x', 'S', [0, 0, size >> 8, size & 255, ...Buffer.alloc(size)]]]);
    const spare = 4_096 - announce(long(0)).frame.length;
    expect(announce(long(spare)).frame.length).toBe(4_096);
    expect(announce(long(spare + 1))).toEqual({ frame: long(spare + 1), told: { alarms: false, cancels: false } });
  });
});

describe('a worker that did not ask', () => {
  const talked = (asked: Values): Talk => {
    const talk = new Talk({}, []);
    talk.client(withCapabilities(asked));
    talk.client(wire.channelOpen(1), wire.consume(1, 'q', 'c'));
    talk.broker(wire.channelOpenOk(1), wire.consumeOk(1, 'c'));
    return talk;
  };

  it('is told of no alarm, which is known all the same', () => {
    const talk = talked([[CANCELS, 't', YES]]);
    talk.broker(wire.deliver(1, 'c', 1));
    expect(talk.broker(wire.blocked).toClient.length).toBe(0);
    talk.quiesce();
    expect(talk.session.obstacle).toBe('blocked');
    expect(talk.broker(wire.unblocked).toClient.length).toBe(0);
    expect(talk.session.obstacle).toBe('unacknowledged');
  });

  it('is told of no cancel, which is known all the same', () => {
    const talk = talked([[BLOCKED, 't', YES]]);
    expect(talk.broker(wire.cancel(1, 'c', true)).toClient.length).toBe(0);
    expect(talk.reports.at(-1)).toMatchObject({ kind: 'deaf', reason: 'consumerCancelled' });
    expect(talk.session.state.channels.get(1)?.reachableConsumers).toBe(0);
    expect(talk.broker(wire.blocked).toClient).toEqual(wire.blocked);
  });

  it('one that did is told', () => {
    const talk = talked([[CANCELS, 't', YES]]);
    expect(talk.broker(wire.cancel(1, 'c', true)).toClient).toEqual(wire.cancel(1, 'c', true));
  });
});
