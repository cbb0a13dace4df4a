/** One gate, one real worker, one real broker: counting, clamping, resuming, and every way a drain may not end. */
import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from 'amqplib';
import { openGate } from '../../../src/gate/open-gate.ts';
import * as wire from '../../unit/gate/wire.ts';
import { RawClient } from './raw-client.ts';
import { fill, nodeAt, openSite, readWork, recorder, startGate, startGated, until } from './site.ts';
import type { Site, WorkerOptions } from './site.ts';
import { wipeAfterFailures } from './wiped.ts';

const HOUR_US = 3_600_000_000;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
wipeAfterFailures(() => site);
afterAll(() => site.close());

const workerFor = (queue: string, change: Partial<WorkerOptions> = {}): WorkerOptions => ({
  queue,
  mode: 'consume',
  prefetch: 10,
  maxSleepUs: 1_000,
  log: join(site.dir, `${queue}.log`),
  ...change,
});

/** A reset is an error before it is a close; either is the end that is waited for. */
const closedOrReset = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined).once('close', () => resolve());
  });

const ready = async (queue: string): Promise<number> => (await site.channel.checkQueue(queue)).messageCount;

describe('counting', () => {
  it('knows exactly what is in flight, leaves the rest at the broker, and gives it back when the worker dies', async () => {
    await fill(site, 'stalled', 100);
    const worker = await startGated(site, workerFor('stalled', { prefetch: 0, maxSleepUs: HOUR_US }), { prefetch: 7 });
    try {
      await until(
        () => worker.gate.counters().inFlight === 7,
        () => 'seven in flight',
      );
      expect(await ready('stalled')).toBe(93);
      expect(worker.gate.counters()).toMatchObject({
        delivered: 7,
        acknowledged: 0,
        redelivered: 0,
        prefetch: 7,
        connections: 1,
        consumers: 1,
        publishesOpen: 0,
      });
      expect(worker.gate.counters().oldestUnacknowledgedAt).toBeLessThanOrEqual(performance.now());
    } finally {
      await worker.kill();
    }
    expect(await worker.next('connectionClosed')).toMatchObject({ unacknowledged: 7 });
    await until(
      async () => (await ready('stalled')) === 100,
      () => 'all back in the queue',
    );
    expect(worker.gate.counters()).toMatchObject({ inFlight: 0, returned: 7, connections: 0, consumers: 0 });
  });

  it('says once that the worker consumes', async () => {
    await fill(site, 'poll', 3);
    const worker = await startGated(site, workerFor('poll', { mode: 'get' }));
    try {
      await until(
        () => worker.gate.counters().acknowledged === 3,
        () => 'three acknowledged',
      );
      expect(worker.reports.filter(({ kind }) => kind === 'consuming')).toHaveLength(1);
    } finally {
      await worker.kill();
    }
  });
});

describe('quiesce and resume', () => {
  it.each(['consume', 'get'] as const)('a resumed %s worker goes on in the same process', async (mode) => {
    const queue = `resume-${mode}`;
    await fill(site, queue, 50);
    const worker = await startGated(site, workerFor(queue, { mode }));
    try {
      await until(
        () => worker.gate.counters().acknowledged === 50,
        () => 'the first fifty',
      );
      for (let round = 1; round <= 3; round += 1) {
        const before = worker.reports.length;
        worker.gate.quiesce();
        await worker.next('drained', before);
        expect(worker.gate.counters().consumers).toBe(0);
        await fill(site, queue, 50);
        expect(await ready(queue)).toBe(50);
        worker.gate.resume();
        await worker.next('resumed', before);
        await until(
          () => worker.gate.counters().acknowledged === 50 * (round + 1),
          () => `round ${round}`,
        );
      }
      expect(worker.child.exitCode).toBeNull();
      expect(worker.gate.counters().redelivered).toBe(0);
    } finally {
      await worker.kill();
    }
  });

  it('a resume in the middle of a drain brings the consumer back', async () => {
    await fill(site, 'early', 2_000);
    const worker = await startGated(site, workerFor('early'), { quietMs: 0 });
    try {
      for (let round = 1; round <= 20; round += 1) {
        await until(
          () => worker.gate.counters().acknowledged >= round * 20,
          () => `progress in round ${round}`,
        );
        worker.gate.quiesce();
        worker.gate.resume();
      }
      await until(
        () => worker.gate.counters().acknowledged === 2_000,
        () => 'all of it',
      );
      expect(worker.gate.counters().redelivered).toBe(0);
    } finally {
      await worker.kill();
    }
  });

  it('a worker that starts behind a quiesced gate gets nothing until it is resumed', async () => {
    await fill(site, 'late', 20);
    const { reported, onReport } = recorder();
    const gate = await openGate({
      upstreams: [nodeAt(site.broker)],
      prefetch: 5,
      admit: () => Promise.resolve(true),
      listen: '127.0.0.1',
      onReport,
    });
    const { username, password } = new URL(site.broker.url);
    try {
      gate.quiesce();
      await reported.next('drained');
      const client = await connect(`amqp://${username}:${password}@127.0.0.1:${gate.port}/`);
      const channel = await client.createChannel();
      const got: string[] = [];
      await channel.consume('late', (message) => {
        if (message === null) return;
        got.push(message.content.toString());
        channel.ack(message);
      });
      expect(await channel.get('late')).toBe(false);
      expect(got).toEqual([]);
      gate.resume();
      await until(
        () => got.length === 20,
        () => 'all twenty',
      );
      expect(gate.counters().prefetch).toBe(5);
      await client.close();
    } finally {
      await gate.close();
    }
  });
});

describe('drains that do not end are said', () => {
  it.each(['classic', 'quorum'])('a batch that does not fill: %s queue', async (type) => {
    const queue = `batch-${type}`;
    await fill(site, queue, 500, type);
    const worker = await startGated(site, workerFor(queue, { mode: 'batch', prefetch: 15 }), { stuckMs: 1_000 });
    try {
      await until(
        () => worker.gate.counters().acknowledged >= 100,
        () => 'some batches',
      );
      worker.gate.quiesce();
      expect(await worker.next('stuckDrain')).toMatchObject({ reason: 'unacknowledged', inFlight: 5 });
      worker.gate.resume();
      await until(
        () => worker.gate.counters().acknowledged === 500,
        () => 'all batches',
      );
      expect(worker.gate.counters().redelivered).toBe(0);
    } finally {
      await worker.kill();
    }
  });

  it('work that needs no acknowledgement', async () => {
    await fill(site, 'noack', 20);
    // That it cannot drain is known at once: no need to wait until it is stuck.
    const worker = await startGated(site, workerFor('noack', { mode: 'noack' }), { stuckMs: 3_600_000 });
    try {
      await until(
        () => worker.gate.counters().delivered === 20,
        () => 'twenty',
      );
      expect(worker.gate.counters().inFlight).toBe(0);
      worker.gate.quiesce();
      expect(await worker.next('stuckDrain')).toMatchObject({ reason: 'noAck' });
      expect(worker.reports.some(({ kind }) => kind === 'drained')).toBe(false);
    } finally {
      await worker.kill();
    }
  });

  it('a queue that is deleted: said, and passed on to the worker', async () => {
    await fill(site, 'deleted', 0);
    const worker = await startGated(site, workerFor('deleted', { stderr: 'ignore' }));
    try {
      await worker.next('consuming');
      const exited = once(worker.child, 'exit');
      await site.channel.deleteQueue('deleted');
      expect(await worker.next('deaf')).toMatchObject({ reason: 'consumerCancelled' });
      // php-amqplib throws when it is told.
      expect((await exited)[0]).toBe(255);
    } finally {
      await worker.kill();
    }
  });

  it('a queue that is deleted in the middle of a drain: the worker finishes', async () => {
    await fill(site, 'gone', 1);
    const worker = await startGated(site, workerFor('gone', { maxSleepUs: 1_000_000 }));
    try {
      await until(
        () => worker.gate.counters().inFlight === 1,
        () => 'one in flight',
      );
      worker.gate.quiesce();
      await site.channel.deleteQueue('gone');
      await worker.next('drained');
      expect(worker.gate.counters()).toMatchObject({ acknowledged: 1, returned: 0 });
      expect(worker.child.exitCode).toBeNull();
    } finally {
      await worker.kill();
    }
  });
});

describe('connections', () => {
  it('refuses a stranger', async () => {
    const { reported, onReport } = recorder();
    const gate = await openGate({
      upstreams: [nodeAt(site.broker)],
      prefetch: null,
      admit: () => Promise.resolve(false),
      listen: '127.0.0.1',
      onReport,
    });
    const socket = connectTcp(gate.port, '127.0.0.1');
    const closed = closedOrReset(socket);
    await once(socket, 'connect');
    const { localPort } = socket;
    expect(await reported.next('refused')).toMatchObject({ peer: { address: '127.0.0.1', port: localPort } });
    await closed;
    await gate.close();
  });

  it.each([
    ['is not there', null],
    ['hangs up', 'hangUp' as const],
  ])('closes the client at once when the broker %s', async (_name, behaviour) => {
    const fake = createServer((socket) => socket.once('data', () => socket.destroy()));
    fake.listen(0, '127.0.0.1');
    await once(fake, 'listening');
    const { port } = fake.address() as AddressInfo;
    const closeFake = (): Promise<unknown[]> => {
      const closed = once(fake, 'close');
      fake.close();
      return closed;
    };
    if (behaviour === null) await closeFake();
    const { reported, onReport } = recorder();
    const gate = await openGate({
      upstreams: [nodeAt({ host: '127.0.0.1', port })],
      prefetch: null,
      admit: () => Promise.resolve(true),
      listen: '127.0.0.1',
      onReport,
    });
    const socket = connectTcp(gate.port, '127.0.0.1');
    const closed = closedOrReset(socket);
    socket.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
    await closed;
    expect(await reported.next('unreachable')).toMatchObject({
      text: expect.stringMatching(
        behaviour === null ? /^The broker at 127\.0\.0\.1:\d+ cannot be/ : /^The broker/,
      ) as string,
    });
    await gate.close();
    if (behaviour !== null) await closeFake();
  });

  it.each([
    ['a method larger than agreed', Buffer.from('\x01\0\x01\xff\xff\xff\xff', 'latin1')],
    ['a header larger than agreed', Buffer.from('\x02\0\x01\x7f\xff\xff\xff', 'latin1')],
    ['a frame of no type, without end', Buffer.from('\xff\0\x01\x7f\xff\xff\xff', 'latin1')],
    ['a frame without its end byte', Buffer.concat([wire.ack(1, 1).subarray(0, -1), Buffer.from([0])])],
    ['a field that runs out of its frame', wire.method(1, [60, 20], { u16: 0 }, { u8: 200 })],
    ['a method that is too short', wire.method(1, [60, 80], { u8: 1 })],
    ['noise', Buffer.from(Array.from({ length: 1_000 }, (_, at) => (at * 37 + 11) & 255))],
  ])('a client that says %s ends its own connection, and nothing else', async (_name, bytes) => {
    const { gate, next } = await startGate(site);
    const other = await RawClient.open(site, gate.port);
    const client = await RawClient.open(site, gate.port);
    client.say(bytes);
    await client.closed;
    expect(await next('connectionClosed')).toMatchObject({ text: expect.stringContaining('no AMQP') as string });
    expect(gate.counters()).toMatchObject({ connections: 1, inFlight: 0 });
    await other.ask(wire.qos(1, 1), '60.11');
    other.socket.destroy();
    await gate.close();
  });

  it.each([
    ['a body larger than agreed', wire.body(1, 200_000), 501],
    ['a body that nothing announced', wire.body(1, 10), 505],
    ['a method on a channel that is not open', wire.qos(7, 1), 504],
  ])('a client that says %s hears it from the broker', async (_name, bytes, code) => {
    const { gate, next } = await startGate(site);
    const client = await RawClient.open(site, gate.port);
    client.say(bytes);
    expect((await client.next('10.50')).readUInt16BE(11)).toBe(code);
    client.say(wire.connectionCloseOk);
    await client.closed;
    await next('connectionClosed');
    await gate.close();
  });

  it('a worker that works longer than its heartbeat keeps connection and message', async () => {
    await fill(site, 'long', 1);
    // 5 s of work; the broker gives up after two missed heartbeats of 1 s.
    const worker = await startGated(site, workerFor('long', { maxSleepUs: 5_000_000 }), { heartbeatSeconds: 1 });
    try {
      await until(
        () => worker.gate.counters().acknowledged === 1,
        () => 'the long job',
      );
      expect(worker.reports.some(({ kind }) => kind === 'connectionClosed')).toBe(false);
      expect(readWork(join(site.dir, 'long.log')).again).toEqual([]);
    } finally {
      await worker.kill();
    }
  });

  it('carries large messages both ways, byte for byte, and confirms', async () => {
    const { onReport } = recorder();
    const gate = await openGate({
      upstreams: [nodeAt(site.broker)],
      prefetch: null,
      admit: () => Promise.resolve(true),
      listen: '127.0.0.1',
      onReport,
    });
    const { username, password } = new URL(site.broker.url);
    const client = await connect(`amqp://${username}:${password}@127.0.0.1:${gate.port}/`);
    const channel = await client.createConfirmChannel();
    await channel.assertQueue('large', { durable: false });
    const bodies = [0, 1, 4_088, 131_064, 131_065, 3_000_000].map((size) =>
      Buffer.alloc(size, `${size}\u00ce`, 'latin1'),
    );
    for (const body of bodies) channel.sendToQueue('large', body);
    await channel.waitForConfirms();
    expect(gate.counters().publishesOpen).toBe(0);
    for (const body of bodies) {
      const message = await channel.get('large');
      if (message === false) throw new Error('A message is missing.');
      expect(message.content.equals(body)).toBe(true);
      channel.ack(message);
    }
    await channel.close();
    expect(gate.counters()).toMatchObject({ inFlight: 0, acknowledged: bodies.length });
    await client.close();
    await gate.close();
  });
});
