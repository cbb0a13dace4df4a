/** Real sockets: what a worker said last counts, however soon after it its process is gone, and also when its connection rests. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openGate } from '../../../src/gate/open-gate.ts';
import type { Gate } from '../../../src/gate/open-gate.ts';
import { Pace } from '../../../src/gate/pace.ts';
import * as wire from './wire.ts';

const WINDOW = 250;
const PREFETCHED = Array.from({ length: WINDOW }, (_, index) => wire.deliver(1, 'c', index + 1));

let server: Server;
let gate: Gate;
let worker: Socket;
let broker: Socket;
/** All that the broker was told. */
let told: Buffer;

const untilTold = async (enough: () => boolean): Promise<void> => {
  while (!enough()) await once(broker, 'data');
};
const acksTold = (): number =>
  wire.framesOf(told.subarray(wire.PREAMBLE.length)).filter((frame) => wire.nameOf(frame) === '60.80').length;
const acks = (from: number, to: number): Buffer =>
  Buffer.concat(Array.from({ length: to - from + 1 }, (_, index) => wire.ack(1, from + index)));

beforeEach(async () => {
  server = createServer();
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  gate = await openGate({
    upstreams: [{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, tls: null }],
    prefetch: null,
    admit: () => Promise.resolve(true),
    listen: '127.0.0.1',
    onReport: () => undefined,
  });
  worker = connect({ host: '127.0.0.1', port: gate.port });
  [broker] = (await once(server, 'connection')) as [Socket];
  told = Buffer.alloc(0);
  broker.on('data', (chunk: Buffer) => {
    told = Buffer.concat([told, chunk]);
  });
  // The broker's side of a talk, unasked: the gate only counts what is said.
  worker.write(Buffer.concat([wire.PREAMBLE, wire.startOk('guest', 'guest')]));
  await untilTold(() => told.length > wire.PREAMBLE.length);
  broker.write(wire.tune(0));
  await once(worker, 'data');
  worker.write(Buffer.concat([wire.tuneOk(0), wire.open]));
  broker.write(wire.openOk);
  await once(worker, 'data');
  worker.write(Buffer.concat([wire.channelOpen(1), wire.qos(1, WINDOW), wire.consume(1, 'q', 'c')]));
  const before = told.length;
  await untilTold(() => told.length > before);
  broker.write(Buffer.concat([wire.channelOpenOk(1), wire.qosOk(1), wire.consumeOk(1, 'c'), ...PREFETCHED]));
  await untilHandedOut(WINDOW);
});

const untilHandedOut = async (count: number): Promise<void> => {
  while (gate.counters().delivered < count) await once(worker, 'data');
};

afterEach(async () => {
  await gate.close();
  server.close();
});

it('acknowledgements that lie unread when the worker is found dead are counted, and told to the broker', async () => {
  worker.write(acks(1, 200));
  worker.destroy();
  await gate.readOut();
  expect(gate.counters()).toMatchObject({ acknowledged: 200, inFlight: 50 });
  await gate.close();
  await untilTold(() => acksTold() === 200);
});

it('so are those that came while the connection rested', async () => {
  let at = 0;
  const work = async (count: number): Promise<void> => {
    worker.write(acks(at + 1, at + count));
    at += count;
    await untilTold(() => acksTold() === at);
    const handedOut = WINDOW + at;
    broker.write(
      Buffer.concat(Array.from({ length: count }, (_, index) => wire.deliver(1, 'c', handedOut - count + index + 1))),
    );
    await untilHandedOut(handedOut);
  };
  await work(200);
  await work(200);
  const rests = vi.spyOn(Pace.prototype, 'mayRest');
  await work(100);
  expect(rests).toHaveReturnedWith(true);
  worker.write(acks(501, 520));
  worker.destroy();
  await gate.readOut();
  expect(gate.counters()).toMatchObject({ acknowledged: 520, inFlight: 230 });
  await gate.close();
  await untilTold(() => acksTold() === 520);
});

it('so are those of a worker that was killed with messages unread, while more come', async () => {
  worker.write(acks(1, 200));
  worker.resetAndDestroy();
  broker.write(Buffer.concat(Array.from({ length: 50 }, (_, index) => wire.deliver(1, 'c', WINDOW + index + 1))));
  await gate.readOut();
  expect(gate.counters()).toMatchObject({ acknowledged: 200 });
  await gate.close();
  await untilTold(() => acksTold() === 200);
});

it('does not wait for ever for a process that keeps the socket of the dead', async () => {
  worker.write(acks(1, 10));
  await gate.readOut();
  expect(gate.counters()).toMatchObject({ acknowledged: 10, inFlight: 240 });
});
