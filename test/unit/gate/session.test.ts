/** What keeps a drain from ending; heartbeats; the handshake; what is no AMQP. */
import { describe, expect, it } from 'vitest';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import type { GateReport } from '../../../src/gate/reports.ts';
import { Session } from '../../../src/gate/session.ts';
import { Talk, answer, three } from './talk.ts';
import type { Step } from './talk.ts';
import * as wire from './wire.ts';

describe('what keeps a drain from ending', () => {
  const rows: [string, string | null, Step[]][] = [
    ['open content', 'openContent', [['client', wire.publish(1)]]],
    ['half a frame', 'openContent', [['client', wire.publish(1).subarray(0, 5)]]],
    [
      'a publish not committed',
      'openTransaction',
      [['client', wire.tx(1, 'select'), wire.publish(1), wire.header(1, 0)]],
    ],
    ['a commit not answered', 'openTransaction', [['client', wire.tx(1, 'select'), wire.tx(1, 'commit')]]],
    ['a publish not confirmed', 'unconfirmed', [['client', wire.confirmSelect(1), wire.publish(1), wire.header(1, 0)]]],
    ['a get not answered', 'unanswered', [['client', wire.get(1, 'q')]]],
    ['a channel.close not answered', 'unanswered', [['client', wire.channelClose(1)]]],
    ['a blocked connection', 'blocked', [...three, ['broker', wire.blocked]]],
    ['a block that is over', 'unacknowledged', [...three, ['broker', wire.blocked, wire.unblocked]]],
    [
      'no-ack work',
      'noAck',
      [
        ['client', wire.get(1, 'q', true)],
        ['broker', wire.getOk(1, 1)],
      ],
    ],
    ['nothing', null, []],
  ];
  it.each(rows)('%s: %s', (_name, reason, steps) => {
    const talk = new Talk();
    for (const [side, ...frames] of steps) talk[side](...frames);
    let { toBroker } = talk.quiesce();
    for (let round = 0; round < 3; round += 1) ({ toBroker } = answer(talk, toBroker));
    expect(talk.session.obstacle).toBe(reason);
  });

  it('confirms of the broker settle publishes, single and multiple', () => {
    const talk = new Talk();
    talk.client(wire.confirmSelect(1));
    for (let count = 0; count < 5; count += 1) talk.client(wire.publish(1), wire.header(1, 0));
    talk.broker(wire.ack(1, 4), wire.ack(1, 2, true));
    expect(talk.session.state.channels.get(1)?.publishes.unconfirmed).toBe(2);
    talk.broker(wire.nack(1, 0, true));
    expect(talk.session.state.channels.get(1)?.publishes.unconfirmed).toBe(0);
  });
});

describe('heartbeats and handshake', () => {
  it('asks the broker for its own heartbeat and passes the rest of tune-ok', () => {
    const talk = new Talk({ heartbeatSeconds: 20 }, []);
    const fresh = new Talk({ heartbeatSeconds: 20 }, []);
    expect(fresh.session.tickMs).toBe(5_000);
    expect(talk.tick(9_999).toBroker.length).toBe(0);
    expect(talk.tick(1).toBroker).toEqual(wire.heartbeat);
    talk.tick(30_000);
    expect(talk.session.isBrokerLost).toBe(false);
    talk.tick(1);
    expect(talk.session.isBrokerLost).toBe(true);
  });

  it.each(['client', 'broker'] as const)('puts no heartbeat inside a frame that the %s has half sent', (from) => {
    const talk = new Talk({ heartbeatSeconds: 20 });
    talk.client(wire.tuneOk(20));
    const to = from === 'client' ? 'toBroker' : 'toClient';
    const body = wire.body(1, 100);
    talk[from](wire.publish(1), wire.header(1, 100), body.subarray(0, 50));
    expect(talk.tick(15_000)[to].length).toBe(0);
    expect(talk[from](body.subarray(50))[to]).toEqual(body.subarray(50));
    expect(talk.tick(15_000)[to]).toEqual(wire.heartbeat);
  });

  it('a broker that cannot be read, because the worker does not, is not lost', () => {
    const talk = new Talk({ heartbeatSeconds: 20 }, []);
    talk.session.tick(talk.now + 90_000, { client: true, broker: false });
    expect(talk.session.isBrokerLost).toBe(false);
  });

  it('swallows the heartbeats of both sides', () => {
    const talk = new Talk();
    expect(talk.client(wire.heartbeat).toBroker.length).toBe(0);
    expect(talk.broker(wire.heartbeat).toClient.length).toBe(0);
  });

  it.each([
    ['AMQP 1.0', 'AMQP\x03\x01\x00\x00', /does not speak AMQP 0-9-1/],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01', /begins with TLS: switch that off/],
  ])('passes on what is not AMQP 0-9-1 but %s, says so, and never calls it drained', (_name, bytes, text) => {
    const reports: GateReport[] = [];
    const other = Buffer.from(bytes, 'latin1');
    const session = new Session({
      clamp: null,
      quietMs: 0,
      heartbeatSeconds: 30,
      isQuiesced: false,
      totals: noTotals(),
      report: (report) => void reports.push(report),
    });
    session.fromClient(other.subarray(0, 3), 0);
    session.fromClient(other.subarray(3), 0);
    expect(Buffer.concat(session.takeOutput().toBroker)).toEqual(other);
    expect(reports).toMatchObject([{ kind: 'notGated', text: expect.stringMatching(text) as string }]);
    expect(session.obstacle).toBe('notGated');
  });

  it.each([
    ['has no end byte', Buffer.concat([wire.ack(1, 1).subarray(0, -1), Buffer.from([0])])],
    ['is larger than was agreed', Buffer.from([1, 0, 1, 0, 255, 255, 255])],
    ['ends within a field', wire.method(1, [60, 80], { u8: 1 })],
  ])('a frame that %s ends the connection', (_name, bytes) => {
    const talk = new Talk();
    expect(() => talk.client(bytes)).toThrow(/AMQP|range/i);
  });
});
