/** Traps of the protocol, each as one conversation with the real broker through a gate: gate.md, sections 3.3 and 6. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as wire from '../../unit/gate/wire.ts';
import { RawClient, tagsOf } from './raw-client.ts';
import { fill, openSite, until } from './site.ts';
import type { Site } from './site.ts';
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

describe('a publish that is half sent', () => {
  const parts = (channel: number): Buffer[] => [
    wire.publish(channel, 'published'),
    wire.header(channel, 300),
    wire.body(channel, 100),
    wire.body(channel, 200),
  ];

  it('without the gate, a cancel inside of it ends the connection', async () => {
    await fill(site, 'bare', 1);
    const client = await RawClient.open(site, site.broker.port);
    await client.ask(wire.consume(1, 'bare', 'c'), '60.21');
    client.say(...parts(1).slice(0, 2), wire.cancel(1, 'c'));
    expect((await client.next('10.50')).readUInt16BE(11)).toBe(505);
    client.socket.destroy();
    await client.closed;
  });

  it.each([1, 2, 3])(
    'is whole before the consumer of its channel is cancelled: after %i of its four frames',
    async (sent) => {
      const queue = `content-${sent}`;
      await site.channel.assertQueue('published');
      const { gate, client, next } = await talks.working(queue, 3, { channels: [1, 2] });
      client.say(...parts(1).slice(0, sent));
      // An answer on another channel: the gate has read all of that.
      await client.ask(wire.qos(2, 1), '60.11');
      gate.quiesce();
      await client.ask(wire.qos(2, 1), '60.11');
      expect(gate.obstacle()?.reason).toBe('openContent');
      expect(await talks.consumers(queue)).toBe(1);
      client.say(...parts(1).slice(sent), wire.ack(1, 0, true));
      await next('drained');
      expect(await talks.consumers(queue)).toBe(0);
      expect(await talks.ready('published')).toBe(1);
      expect(client.count('10.50')).toBe(0);
      await site.channel.purgeQueue('published');
    },
  );

  it('does not keep the consumer of another channel', async () => {
    await site.channel.assertQueue('published');
    const { gate, client, next } = await talks.working('beside', 3, { channels: [1, 2] });
    client.say(...parts(2).slice(0, 2), wire.ack(1, 3, true));
    await until(
      () => gate.counters().inFlight === 0,
      () => 'nothing in flight',
    );
    gate.quiesce();
    await talks.untilNoConsumer('beside');
    expect(gate.obstacle()?.reason).toBe('openContent');
    client.say(...parts(2).slice(2));
    await next('drained');
    expect(await talks.ready('published')).toBe(1);
    expect(client.count('10.50')).toBe(0);
  });
});

describe('answers', () => {
  it('fifty declares are under way: each is answered, and no answer is seen that was not asked for', async () => {
    const talk = await talks.working('declares', 0);
    const { gate, client, next } = talk;
    const names = Array.from({ length: 50 }, (_, index) => `declared-${index}`);
    await talks.whileBrokerStands(async () => {
      await sayToGate(talk, ...names.map((name) => wire.declare(1, name, 0)));
      gate.quiesce();
    });
    await next('drained');
    await client.untilCount('50.11', 50);
    expect(client.count('60.31')).toBe(0);
    await Promise.all(names.map((name) => site.channel.deleteQueue(name)));
  });

  it('the client cancels the consumer that is being cancelled: one answer', async () => {
    const talk = await talks.working('both', 2);
    const { gate, client, next } = talk;
    await talks.whileBrokerStands(async () => {
      gate.quiesce();
      await sayToGate(talk, wire.cancel(1, 'c'));
    });
    await client.next('60.31');
    client.say(wire.ack(1, 2, true));
    await next('drained');
    expect(client.count('60.31')).toBe(1);
    gate.resume();
    await next('resumed');
    await client.ask(wire.qos(1, 1), '60.11');
    expect(await talks.consumers('both')).toBe(0);
  });

  it.each(['mine', ''])(
    'a consume with tag "%s" is answered while quiesced, and delivers once resumed',
    async (tag) => {
      const queue = `consumed-${tag}`;
      await fill(site, queue, 4);
      const talk = await talks.begin();
      const { gate, client, next } = talk;
      gate.quiesce();
      await next('drained');
      const given = wire.tagOf(await client.ask(wire.consume(1, queue, tag), '60.21'));
      if (tag !== '') expect(given).toBe(tag);
      expect(await talks.ready(queue)).toBe(4);
      gate.resume();
      await untilInFlight(talk, 4);
      await client.untilCount('60.60', 4);
      expect(client.frames.filter((frame) => wire.nameOf(frame) === '60.60').map(wire.tagOf)).toEqual(
        Array(4).fill(given),
      );
      expect(client.count('60.21')).toBe(1);
    },
  );

  it('five gets are under way and five more are asked: messages, then none, in order', async () => {
    await fill(site, 'gets', 20);
    const talk = await talks.begin();
    const { gate, client, next, reports } = talk;
    const gets = Array.from({ length: 5 }, () => wire.get(1, 'gets'));
    await talks.whileBrokerStands(async () => {
      await sayToGate(talk, ...gets);
      gate.quiesce();
      await sayToGate(talk, ...gets);
    });
    await until(
      () => client.count('60.71') + client.count('60.72') === 10,
      () => 'ten answers',
    );
    const answers = client.frames.map(wire.nameOf).filter((name) => name === '60.71' || name === '60.72');
    expect(answers).toEqual([...Array<string>(5).fill('60.71'), ...Array<string>(5).fill('60.72')]);
    expect(reports.some(({ kind }) => kind === 'drained')).toBe(false);
    client.say(wire.ack(1, 0, true));
    await next('drained');
    expect(await talks.ready('gets')).toBe(15);
  });

  it('a consume is under way: it is answered, its deliveries count, then it is cancelled', async () => {
    await fill(site, 'starting', 5);
    const talk = await talks.begin();
    const { gate, client, next } = talk;
    await client.ask(wire.qos(1, 3), '60.11');
    await talks.whileBrokerStands(async () => {
      await sayToGate(talk, wire.consume(1, 'starting', 'c'));
      gate.quiesce();
    });
    await client.next('60.21');
    await talks.untilNoConsumer('starting');
    await untilInFlight(talk, 3);
    expect(await talks.ready('starting')).toBe(2);
    client.say(wire.ack(1, 0, true));
    await next('drained');
    await client.untilCount('60.60', 3);
    expect(tagsOf(client)).toEqual([1, 2, 3]);
  });
});

describe('counting', () => {
  it('acknowledgements of "all" under delivery sum up', async () => {
    await fill(site, 'all', 2_000);
    const { gate, client, next } = await talks.begin();
    await client.ask(wire.qos(1, 25), '60.11');
    let seen = 0;
    client.socket.on('data', () => {
      const count = client.count('60.60');
      if (count - seen < 10 && count < 2_000) return;
      seen = count;
      client.say(wire.ack(1, 0, true));
    });
    client.say(wire.consume(1, 'all', 'c'));
    await until(
      () => gate.counters().acknowledged === 2_000,
      () => `2000, there are ${JSON.stringify(gate.counters())}`,
    );
    gate.quiesce();
    await next('drained');
    await client.reset();
    expect(await talks.ready('all')).toBe(0);
  });

  it('nack, reject and recover', async () => {
    const talk = await talks.working('given back', 10);
    const { gate, client } = talk;
    client.say(wire.ack(1, 2, true));
    await untilInFlight(talk, 8);
    // The consumer goes, so that what is given back stays there.
    await client.ask(wire.cancel(1, 'c'), '60.31');
    client.say(wire.nack(1, 5, true), wire.reject(1, 6));
    await untilInFlight(talk, 4);
    expect(gate.counters()).toMatchObject({ acknowledged: 2, rejected: 4, redelivered: 0 });
    await client.ask(wire.recover(1), '60.111');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 4 });
    expect(await talks.ready('given back')).toBe(8);
    client.say(wire.get(1, 'given back'));
    await client.next('60.71');
    expect(gate.counters()).toMatchObject({ inFlight: 1, redelivered: 1 });
  });

  it('recover without an answer', async () => {
    const { gate, client, next } = await talks.working('recovered', 5);
    await client.ask(wire.cancel(1, 'c'), '60.31');
    client.say(wire.recoverAsync(1));
    gate.quiesce();
    await next('drained');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 5 });
    expect(await talks.ready('recovered')).toBe(5);
    expect(client.count('60.31')).toBe(1);
  });

  it('a transaction counts when it is committed', async () => {
    await fill(site, 'tx', 5);
    const talk = await talks.begin();
    const { gate, client, next } = talk;
    await client.ask(wire.tx(1, 'select'), '90.11');
    await client.ask(wire.consume(1, 'tx', 'c'), '60.21');
    await untilInFlight(talk, 5);
    gate.quiesce();
    client.say(wire.ack(1, 5, true));
    await client.ask(wire.qos(1, 1), '60.11');
    expect(gate.obstacle()).toMatchObject({ reason: 'openTransaction', inFlight: 5 });
    await client.ask(wire.tx(1, 'rollback'), '90.31');
    expect(gate.obstacle()).toMatchObject({ reason: 'unacknowledged', inFlight: 5 });
    client.say(wire.ack(1, 5, true));
    await client.ask(wire.tx(1, 'commit'), '90.21');
    await next('drained');
    expect(gate.counters()).toMatchObject({ inFlight: 0, acknowledged: 5 });
    await client.reset();
    expect(await talks.ready('tx')).toBe(0);
  });

  it('a channel that closes gives all back, and its number begins afresh', async () => {
    const talk = await talks.working('reopened', 5);
    const { gate, client } = talk;
    await client.ask(wire.channelClose(1), '20.41');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 5 });
    await client.ask(wire.channelOpen(1), '20.11');
    await client.ask(wire.consume(1, 'reopened', 'c'), '60.21');
    await untilInFlight(talk, 5);
    expect(gate.counters()).toMatchObject({ redelivered: 5 });
    gate.quiesce();
    client.say(wire.ack(1, 5, true));
    await talk.next('drained');
  });

  it('an ack of a message that was never there: the broker closes the channel, and the gate says so', async () => {
    const { gate, client, next } = await talks.working('unknown tag', 3);
    client.say(wire.ack(1, 77));
    expect(await next('deaf')).toMatchObject({
      reason: 'channelClosed',
      text: expect.stringContaining('406') as string,
    });
    await client.next('20.40');
    client.say(wire.channelCloseOk(1));
    gate.quiesce();
    await next('drained');
    expect(gate.counters()).toMatchObject({ inFlight: 0, returned: 3 });
  });
});
