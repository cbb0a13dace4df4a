/** Frames in no order, with bytes flipped, cut out and put in: the connection goes on or ends with a sentence, and little is kept. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { noTotals } from '../../../src/gate/delivery-ledger.ts';
import { FramingError } from '../../../src/gate/scanner.ts';
import { Session } from '../../../src/gate/session.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import * as wire from './wire.ts';

const FRAME_MAX = 4_096;
/** What the gate says of its own accord is small, and not more than a few frames for each it hears. */
const OWN_BYTES_A_FRAME = 512;

const SAID: ((channel: number, n: number) => Buffer)[] = [
  wire.channelOpen,
  wire.channelOpenOk,
  wire.channelClose,
  wire.channelCloseOk,
  (channel, n) => wire.consume(channel, 'q', n % 3 === 0 ? '' : `c${n % 5}`, n & 15),
  (channel, n) => wire.consumeOk(channel, `c${n % 5}`),
  (channel, n) => wire.cancel(channel, `c${n % 5}`, n % 2 === 0),
  (channel, n) => wire.cancelOk(channel, n % 2 === 0 ? `c${n % 5}` : `ackwarden.gate.${n % 9}`),
  (channel, n) => wire.declare(channel, 'q', n & 31),
  (channel) => wire.declareOk(channel, 'q'),
  (channel, n) => wire.qos(channel, n, n % 2 === 0),
  wire.qosOk,
  (channel, n) => wire.get(channel, 'q', n % 2 === 0),
  wire.getEmpty,
  (channel, n) => wire.ack(channel, n % 7, n % 2 === 0),
  (channel, n) => wire.nack(channel, n % 7, n % 2 === 0),
  (channel, n) => wire.reject(channel, n % 7),
  (channel, n) => wire.deliver(channel, `c${n % 5}`, n % 7),
  (channel, n) => wire.getOk(channel, n % 7),
  (channel) => wire.publish(channel),
  wire.header,
  wire.body,
  wire.recover,
  wire.recoverOk,
  wire.recoverAsync,
  wire.confirmSelect,
  ...(['select', 'commit', 'commitOk', 'rollback', 'rollbackOk'] as const).map(
    (what) =>
      (channel: number): Buffer =>
        wire.tx(channel, what),
  ),
  () => wire.connectionClose,
  () => wire.connectionCloseOk,
  () => wire.blocked,
  () => wire.tuneOk(1, 0),
  () => wire.openOk,
  () => wire.heartbeat,
  () => wire.PREAMBLE,
  (channel, n) => wire.frame(n & 255, channel, Buffer.alloc(n)),
];

const event = fc.record({
  from: fc.constantFrom('client', 'client', 'broker'),
  what: fc.nat(SAID.length - 1),
  channel: fc.nat(3),
  n: fc.nat(300),
  change: fc.constantFrom('none', 'none', 'none', 'none', 'flip', 'cut', 'double', 'insert'),
  at: fc.nat(40),
  next: fc.constantFrom('nothing', 'nothing', 'nothing', 'quiesce', 'resume', 'tick'),
});

interface Event {
  what: number;
  channel: number;
  n: number;
  change: string;
  at: number;
}

function bytesOf({ what, channel, n, change, at }: Event): Buffer {
  const bytes = Buffer.from(SAID[what]?.(channel, n) ?? Buffer.alloc(0));
  const where = at % bytes.length;
  if (change === 'flip') bytes.writeUInt8(bytes.readUInt8(where) ^ (1 << (n % 8)), where);
  if (change === 'cut') return bytes.subarray(0, where);
  if (change === 'double') return Buffer.concat([bytes, bytes]);
  return change === 'insert' ? Buffer.concat([bytes.subarray(0, where), Buffer.alloc(1 + (n % 9), n)]) : bytes;
}

it('goes on or ends', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const property = fc.property(fc.array(event, { maxLength: 60, size: 'max' }), (events) => {
    const options = { clamp: 5, quietMs: 50, heartbeatSeconds: 30, isQuiesced: false, totals: noTotals() };
    const session = new Session({ ...options, report: () => undefined });
    session.fromClient(wire.PREAMBLE, 0);
    session.fromBroker(wire.tune(60), 0);
    session.fromClient(wire.tuneOk(0, FRAME_MAX), 0);
    session.fromBroker(wire.openOk, 0);
    let heard = 0;
    let said = 0;
    try {
      for (const [now, { from, next, ...what }] of events.entries()) {
        const bytes = bytesOf(what);
        heard += bytes.length;
        if (from === 'client' && session.wantsClient) session.fromClient(bytes, now);
        if (from === 'broker') session.fromBroker(bytes, now);
        if (next === 'quiesce') session.quiesce(now);
        if (next === 'resume') session.resume(now);
        if (next === 'tick') session.tick(now, { client: false, broker: false });
        const { toBroker, toClient } = session.takeOutput();
        said += [...toBroker, ...toClient].reduce((sum, { length }) => sum + length, 0);
        expect(session.inFlight).toBeGreaterThanOrEqual(0);
      }
      session.clientGone(events.length, 'gone');
    } catch (error) {
      expect(error instanceof FramingError || error instanceof RangeError).toBe(true);
    }
    expect(said).toBeLessThanOrEqual(heard + (events.length + 2) * OWN_BYTES_A_FRAME);
    expect(session.ended()).toBeGreaterThanOrEqual(0);
  });
  fuzz({ name: 'malice', runs: 2_000, sharedBy: 1 }, property);
});
