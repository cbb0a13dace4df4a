/** A gate in trouble: alarms, a broker that stands still or goes, workers that read nothing, die at once, or wait for a reply. */
import { join } from 'node:path';
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import { connect } from 'amqplib';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Gate } from '../../../src/gate/open-gate.ts';
import * as wire from '../../unit/gate/wire.ts';
import { RawClient, tagsOf } from './raw-client.ts';
import { rechunk } from './rechunk.ts';
import { fill, hasExtAmqp, nodeAt, openSite, readWork, startGate, startGated, until } from './site.ts';
import type { GatedWorker, Site } from './site.ts';
import { Talks, sayToGate, untilInFlight } from './talks.ts';
import { wipeAfterFailures } from './wiped.ts';

let site: Site;
let talks: Talks;
beforeAll(async () => {
  site = await openSite();
  talks = new Talks(site);
});
wipeAfterFailures(() => site);
afterAll(() => site.close());
afterEach(() => talks.end());

describe('the broker', () => {
  const alarm = async (isOn: boolean): Promise<void> => {
    const alarmed = '{{resource_limit, memory, node()}, []}';
    await site.evaluate(`rabbit_alarm:${isOn ? `set_alarm(${alarmed})` : `clear_alarm(element(1, ${alarmed}))`}.`);
  };

  it('has a memory alarm: a connection that only consumes drains', async () => {
    const { gate, client, next } = await talks.working('alarmed consumer', 3);
    await alarm(true);
    try {
      gate.quiesce();
      client.say(wire.ack(1, 3, true));
      await next('drained');
    } finally {
      await alarm(false);
    }
  });

  it.each([
    ['which it is told', true],
    ['for which it did not ask', false],
  ])(
    'has a memory alarm: one that has published is blocked, %s, and drains once the alarm is over',
    async (_, asks) => {
      await site.channel.assertQueue('published');
      const options = { asksForAlarms: asks };
      const talk = await talks.working('alarmed publisher', 3, options, { stuckMs: 300 });
      const { gate, client, next, reports } = talk;
      const publish = [wire.publish(1, 'published'), wire.header(1, 0)];
      await alarm(true);
      try {
        if (asks) {
          client.say(...publish);
          await client.next('10.60');
        } else await sayToGate(talk, ...publish);
        gate.quiesce();
        client.say(wire.ack(1, 3, true));
        expect(await next('stuckDrain')).toMatchObject({ reason: 'blocked' });
        expect(reports.some(({ kind }) => kind === 'drained')).toBe(false);
      } finally {
        await alarm(false);
      }
      await next('drained');
      expect(client.count('10.60')).toBe(asks ? 1 : 0);
      await client.reset();
      expect(await talks.ready('alarmed publisher')).toBe(0);
    },
  );

  it('stands still with a publish unconfirmed: not drained', async () => {
    await site.channel.assertQueue('published');
    const talk = await talks.begin();
    const { gate, client, next } = talk;
    await client.ask(wire.confirmSelect(1), '85.11');
    await talks.whileBrokerStands(async () => {
      await sayToGate(talk, wire.publish(1, 'published'), wire.header(1, 0));
      gate.quiesce();
      expect(gate.obstacle()).toMatchObject({ reason: 'unconfirmed', inFlight: 0 });
    });
    await next('drained');
    await client.untilCount('60.80', 1);
    expect(client.count('60.80')).toBe(1);
  });

  it('stands still with acknowledgements unread: not drained', async () => {
    const talk = await talks.working('unread', 5);
    const { gate, client, next } = talk;
    gate.quiesce();
    await talks.untilNoConsumer('unread');
    await talks.whileBrokerStands(async () => {
      await sayToGate(talk, wire.ack(1, 5, true));
      expect(gate.obstacle()).toMatchObject({ reason: 'unanswered', inFlight: 0 });
      expect(gate.state).toBe('quiescing');
    });
    await next('drained');
    await client.reset();
    expect(await talks.ready('unread')).toBe(0);
  });

  it('closes the connection in the middle of a drain: the worker is told, and nothing is in flight any more', async () => {
    const { gate, client, next } = await talks.working('closed by force', 5, { frameMax: 8_192 });
    gate.quiesce();
    await talks.untilNoConsumer('closed by force');
    const ours =
      '[P || P <- rabbit_networking:connections(), rabbit_reader:info(P, [frame_max]) =:= [{frame_max, 8192}]]';
    await site.evaluate(`[rabbit_networking:close_connection(P, "by the operator") || P <- ${ours}].`);
    expect((await client.next('10.50')).readUInt16BE(11)).toBe(320);
    client.say(wire.connectionCloseOk);
    await client.closed;
    expect(await next('connectionClosed')).toMatchObject({ unacknowledged: 5 });
    await next('drained');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 5, connections: 0 });
    await talks.untilReady('closed by force', 5);
  });

  it('is lost in the middle of a drain: the worker is closed, and nothing is in flight any more', async () => {
    const relay = await rechunk(site.broker);
    const { gate, client, next } = await talks.working('lost', 5, {}, { upstreams: [nodeAt(relay)] });
    gate.quiesce();
    await relay.close();
    await client.closed;
    expect(await next('connectionClosed')).toMatchObject({ unacknowledged: 5 });
    await next('drained');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 5, connections: 0 });
  });

  it('does not speak the version: the worker hears which one it speaks', async () => {
    const { gate } = await startGate(site);
    const socket = connectTcp({ port: gate.port, host: '127.0.0.1' });
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.write(Buffer.from('AMQP\0\0\x09\x02', 'latin1'));
    await once(socket, 'close');
    expect(Buffer.concat(heard)).toEqual(wire.PREAMBLE);
    await gate.close();
  });

  it('agrees on frames of 1 MiB: a message of 3 MB passes both ways', async () => {
    const frameMax = 1_048_576;
    const before = await site.evaluate(
      '{ok, F} = application:get_env(rabbit, frame_max), application:set_env(rabbit, frame_max, 1048576), F.',
    );
    try {
      const sizes = [frameMax - 8, frameMax - 8, 3_000_000 - 2 * (frameMax - 8)];
      const { gate, client, next } = await talks.working('large', 0, { frameMax });
      client.say(wire.publish(1, 'large'), wire.header(1, 3_000_000), ...sizes.map((size) => wire.body(1, size)));
      await client.next('60.60');
      await client.untilCount('body', 3);
      const bodies = client.frames.filter((frame) => wire.nameOf(frame) === 'body');
      expect(bodies.map(({ length }) => length - 8)).toEqual(sizes);
      expect(bodies.every((frame) => frame.subarray(7).every((byte) => byte === 0xce))).toBe(true);
      gate.quiesce();
      client.say(wire.ack(1, 1));
      await next('drained');
    } finally {
      await site.evaluate(`application:set_env(rabbit, frame_max, ${before}).`);
    }
  });
});

describe('the worker', () => {
  it('is killed at once after its drain, unread bytes and all: no acknowledgement is lost', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { gate, client, next } = await talks.working('killed', 100);
      await until(
        () => tagsOf(client).length === 100,
        () => 'all at the worker',
      );
      gate.quiesce();
      for (const tag of tagsOf(client)) client.say(wire.ack(1, tag));
      await next('drained');
      await client.reset();
      expect(await next('connectionClosed')).toMatchObject({ unacknowledged: 0 });
      expect(await talks.ready('killed')).toBe(0);
    }
  });

  it('reads nothing for more than two heartbeats: it keeps its connection, and little is buffered for it', async () => {
    const count = 40;
    const size = 1_000_000;
    await site.channel.assertQueue('unheard');
    for (let id = 0; id < count; id += 1) site.channel.sendToQueue('unheard', Buffer.alloc(size));
    await site.channel.waitForConfirms();
    const { gate, client } = await talks.begin({ heartbeat: 1 }, { heartbeatSeconds: 1 });
    client.socket.pause();
    client.say(wire.consume(1, 'unheard', 'c', 2));
    const began = performance.now();
    await until(
      () => performance.now() - began > 4_000,
      () => 'four heartbeats',
    );
    expect(gate.counters()).toMatchObject({ connections: 1 });
    expect(gate.counters().delivered).toBeLessThan(count - 10);
    client.socket.resume();
    await until(
      () =>
        client.frames.reduce((sum, frame) => sum + (wire.nameOf(frame) === 'body' ? frame.length - 8 : 0), 0) ===
        count * size,
      () => 'all of it',
    );
  });

  it('floods a broker that stands still: it is read no further, and nothing is lost', async () => {
    const count = 40;
    const size = 1_000_000;
    await site.channel.assertQueue('flood');
    const { client } = await talks.begin();
    const frames = Array.from({ length: size / 100_000 }, () => wire.body(1, 100_000));
    await talks.whileBrokerStands(async () => {
      for (let sent = 0; sent < count; sent += 1) client.say(wire.publish(1, 'flood'), wire.header(1, size), ...frames);
      let [left, looks] = [0, 0];
      await until(
        () => {
          looks = client.socket.writableLength === left ? looks + 1 : 0;
          left = client.socket.writableLength;
          return looks > 60;
        },
        () => 'the socket takes no more',
      );
      expect(left).toBeGreaterThan((count * size) / 2);
    });
    await until(
      async () => (await talks.ready('flood')) === count,
      () => 'all of it',
    );
    await site.channel.purgeQueue('flood');
  });

  it('idles behind a quiesced gate for longer than its heartbeat: neither library minds', async () => {
    const libraries = hasExtAmqp() ? (['php-amqplib', 'ext-amqp'] as const) : (['php-amqplib'] as const);
    const start = async (library: (typeof libraries)[number]): Promise<GatedWorker> => {
      const queue = `idle ${library}`;
      await fill(site, queue, 1);
      const log = join(site.dir, `${queue}.log`);
      return startGated(site, { queue, mode: 'consume', prefetch: 10, maxSleepUs: 1_000, log, library, heartbeat: 1 });
    };
    const workers = await Promise.all(libraries.map(start));
    try {
      for (const { gate } of workers) {
        await until(
          () => gate.counters().acknowledged === 1,
          () => 'the first message',
        );
        gate.quiesce();
      }
      await Promise.all(workers.map(({ next }) => next('drained')));
      for (const library of libraries) site.channel.sendToQueue(`idle ${library}`, Buffer.from('late'));
      const began = performance.now();
      await until(
        () => performance.now() - began > 5_000,
        () => 'five heartbeats',
      );
      for (const { gate } of workers) gate.resume();
      for (const library of libraries) {
        await until(
          () => readWork(join(site.dir, `idle ${library}.log`)).done.includes('late'),
          () => `${library} goes on`,
        );
      }
      expect(workers.flatMap(({ reports }) => reports.filter(({ kind }) => kind === 'connectionClosed'))).toEqual([]);
    } finally {
      await Promise.all(workers.map((worker) => worker.kill()));
    }
  });

  it.each(['both at once', 'one after the other'])('has two connections and drains when both do, %s', async (how) => {
    const queue = `two ${how}`;
    const talk = await talks.working(queue, 2);
    const second = await RawClient.open(site, talk.gate.port);
    await fill(site, `${queue}, second`, 2);
    await second.ask(wire.consume(1, `${queue}, second`, 'c'), '60.21');
    await untilInFlight(talk, 4);
    talk.gate.quiesce();
    talk.client.say(wire.ack(1, 0, true));
    if (how === 'one after the other') await untilInFlight(talk, 2);
    expect(talk.gate.state).toBe('quiescing');
    second.say(wire.ack(1, 0, true));
    await talk.next('drained');
    await second.reset();
    await talk.client.reset();
    expect([await talks.ready(queue), await talks.ready(`${queue}, second`)]).toEqual([0, 0]);
  });

  it('connects anew in the middle of its drain: its messages go back, and it gets none', async () => {
    const { gate, client, next } = await talks.working('anew', 3);
    gate.quiesce();
    await talks.untilNoConsumer('anew');
    await client.reset();
    const again = await RawClient.open(site, gate.port);
    await again.ask(wire.consume(1, 'anew', 'c'), '60.21');
    await next('drained');
    await talks.untilReady('anew', 3);
    await talks.untilNoConsumer('anew');
    expect(again.count('60.60')).toBe(0);
    await again.reset();
  });
});

describe('a queue that is the worker’s own', () => {
  /** A worker that asks another one inside of its handler, and acknowledges once it has the reply. */
  const REPLIES: [string, (channel: Channel) => Promise<string>][] = [
    ['direct reply-to', () => Promise.resolve('amq.rabbitmq.reply-to')],
    ['exclusive, named by the broker', async (channel) => (await channel.assertQueue('', { exclusive: true })).queue],
    ['auto-delete', async (channel) => (await channel.assertQueue('replies here', { autoDelete: true })).queue],
  ];

  const connected = async (gate: Gate): Promise<ChannelModel> => {
    const { username, password } = new URL(site.broker.url);
    return connect(`amqp://${username}:${password}@127.0.0.1:${gate.port}/`);
  };

  it.each(REPLIES)('%s: a call inside of a handler is answered in the middle of the drain', async (name, replies) => {
    const work = `work ${name}`;
    const calls = `calls ${name}`;
    await site.channel.assertQueue(calls);
    await fill(site, work, 1);
    const { gate, next } = await startGate(site, { quietMs: 50 });
    const client = await connected(gate);
    const channel = await client.createChannel();
    const handle = async (message: ConsumeMessage): Promise<void> => {
      // Only now, behind a quiesced gate, does it ask.
      await until(
        () => gate.state === 'quiescing',
        () => 'the quiesce',
      );
      const queue = await replies(channel);
      const answered = new Promise<void>((resolve, reject) => {
        channel.consume(queue, () => resolve(), { noAck: true }).catch(reject);
      });
      channel.sendToQueue(calls, Buffer.from('?'), { replyTo: queue });
      await answered;
      channel.ack(message);
    };
    const handled = new Promise<void>((resolve, reject) => {
      channel
        .consume(work, (message) => void (message === null ? null : handle(message).then(resolve, reject)))
        .catch(reject);
    });
    await until(
      () => gate.counters().inFlight === 1,
      () => 'the handler runs',
    );
    gate.quiesce();
    await until(
      async () => {
        const call = await site.channel.get(calls, { noAck: true });
        if (call !== false) site.channel.sendToQueue(String(call.properties.replyTo), Buffer.from('!'));
        return call !== false;
      },
      () => 'the call',
    );
    await handled;
    await next('drained');
    await client.close();
    await gate.close();
  });

  it('keeps its consumer and its messages, and says so where it keeps the drain', async () => {
    const { gate, next } = await startGate(site, { stuckMs: 200 });
    const client = await connected(gate);
    const channel = await client.createChannel();
    await channel.assertQueue('vanishing', { autoDelete: true });
    await channel.prefetch(1);
    const got: ConsumeMessage[] = [];
    await channel.consume('vanishing', (message) => void (message !== null && got.push(message)));
    for (const id of ['1', '2']) site.channel.sendToQueue('vanishing', Buffer.from(id));
    await until(
      () => got.length === 1,
      () => 'the first',
    );
    gate.quiesce();
    expect(await next('stuckDrain')).toMatchObject({ reason: 'privateQueue', inFlight: 1 });
    expect(await talks.ready('vanishing')).toBe(1);
    for (const message of got) channel.ack(message);
    await until(
      () => got.length === 2,
      () => 'the second',
    );
    for (const message of got.slice(1)) channel.ack(message);
    await next('drained');
    await client.close();
    await gate.close();
  });
});
