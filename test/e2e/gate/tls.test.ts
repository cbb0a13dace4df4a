/** The gate speaks TLS to a real broker: whom it believes, whom the broker believes, and that a drain is what it is without TLS. */
import { join } from 'node:path';
import { connect, credentials } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeBroker } from '../../../src/broker/probe.ts';
import { openGate } from '../../../src/gate/open-gate.ts';
import type { Gate } from '../../../src/gate/open-gate.ts';
import type { Upstream } from '../../../src/gate/upstream.ts';
import { tlsFailure, tlsOptions } from '../../../src/linux/broker-tls.ts';
import type { BrokerTls } from '../../../src/linux/broker-tls.ts';
import { doubled, fill, readWork, recorder, startGated, until } from './site.ts';
import type { Reported } from './site.ts';
import { openTlsSite } from './tls-site.ts';
import type { TlsSite } from './tls-site.ts';
import { wipeAfterFailures } from './wiped.ts';

let site: TlsSite;
beforeAll(async () => {
  site = await openTlsSite();
});
wipeAfterFailures(() => site);
afterAll(() => site.close());

const through = (changes: Partial<BrokerTls> = {}, port = site.tlsPort): Upstream => {
  const tls = { ...site.tls, ...changes };
  return {
    host: '127.0.0.1',
    port,
    tls: { options: () => tlsOptions(tls), explain: (error) => tlsFailure(error, tls) },
  };
};

const openAt = async (upstream: Upstream): Promise<{ gate: Gate; reported: Reported }> => {
  const { reported, onReport } = recorder();
  const admit = (): Promise<boolean> => Promise.resolve(true);
  const gate = await openGate({ upstreams: [upstream], prefetch: null, admit, listen: '127.0.0.1', onReport });
  return { gate, reported };
};

describe('through TLS', () => {
  it('a storm of recycles loses and doubles nothing', async () => {
    const log = join(site.dir, 'storm.log');
    await fill(site, 'storm', 600);
    const worker = { queue: 'storm', mode: 'consume', prefetch: 10, maxSleepUs: 2_000, log } as const;
    let current = await startGated(site, worker, { upstreams: [through()] });
    let recycles = 0;
    while (readWork(log).done.length < 600) {
      const enough = Math.min(readWork(log).done.length + 40, 600);
      await until(
        () => readWork(log).done.length >= enough,
        () => 'some work',
      );
      current.gate.quiesce();
      await current.next('drained');
      expect(current.gate.obstacle()).toBeNull();
      await current.kill();
      expect(await current.next('connectionClosed')).toMatchObject({ unacknowledged: 0 });
      current = await startGated(site, worker, { upstreams: [through()] });
      recycles += 1;
    }
    await current.kill();
    const { done, started, again } = readWork(log);
    expect(recycles).toBeGreaterThan(5);
    expect([doubled(done), doubled(started), again]).toEqual([[], [], []]);
  });

  it('large messages arrive byte for byte both ways', async () => {
    const { gate } = await openAt(through());
    const { username, password } = new URL(site.broker.url);
    const client = await connect(`amqp://${username}:${password}@127.0.0.1:${gate.port}/`);
    const channel = await client.createConfirmChannel();
    await channel.assertQueue('large', { durable: false });
    const bodies = [0, 16_384, 131_065, 3_000_000].map((size) => Buffer.alloc(size, `${size}\u00ce`, 'latin1'));
    for (const body of bodies) channel.sendToQueue('large', body);
    await channel.waitForConfirms();
    for (const body of bodies) {
      const message = await channel.get('large');
      if (message === false) throw new Error('A message is missing.');
      expect(message.content.equals(body)).toBe(true);
      channel.ack(message);
    }
    await client.close();
    await gate.close();
  });

  it('whoever has a certificate and no password logs in with it', async () => {
    const { gate } = await openAt(through(site.client));
    const client = await connect(`amqp://127.0.0.1:${gate.port}/`, { credentials: credentials.external() });
    await (await client.createChannel()).assertQueue('external', { durable: false });
    await client.close();
    await gate.close();
  });
});

describe('who is not believed', () => {
  it.each<[string, () => Upstream, RegExp]>([
    [
      'an authority that did not sign it',
      () => through({ ca: site.stranger.cert }),
      /shows a certificate that was not signed by an authority in .*stranger\.pem\.$/,
    ],
    [
      'no authority of ours',
      () => through({ ca: null }),
      /was not signed by a public authority \(broker\.tls\.ca names another\)\.$/,
    ],
    [
      'another name',
      () => through({ serverName: null }),
      /shows a certificate for another name \(.*127\.0\.0\.1.*\): broker\.tls\.serverName says/,
    ],
    [
      'a certificate of ours that a stranger signed',
      () => through(site.stranger),
      /refuses the client certificate in .*stranger\.pem\.$/,
    ],
    [
      'a port without TLS',
      () => through({}, site.broker.port),
      /does not speak TLS on this port: amqp:\/\/, usually port 5672, is AMQP without it\.$/,
    ],
    [
      'a file that is gone',
      () => through({ ca: '/nonexistent/ca.pem' }),
      /cannot be reached: The file \/nonexistent\/ca\.pem, which TLS to the broker needs, does not exist\.$/,
    ],
  ])('%s: a sentence, and the worker is closed', async (_, upstream, text) => {
    const { gate, reported } = await openAt(upstream());
    await expect(connect(`amqp://u:p@127.0.0.1:${gate.port}/`)).rejects.toThrow();
    expect(await reported.next('unreachable')).toMatchObject({ text: expect.stringMatching(text) as string });
    await gate.close();
  });

  it('nobody is asked for with verify: false', async () => {
    const { gate } = await openAt(through({ ca: site.stranger.cert, verify: false }));
    const { username, password } = new URL(site.broker.url);
    await (await connect(`amqp://${username}:${password}@127.0.0.1:${gate.port}/`)).close();
    await gate.close();
  });
});

describe('the probe', () => {
  const probe = (user: string, changes: Partial<BrokerTls> = {}): Promise<{ reachable: boolean; text: string }> =>
    probeBroker([`amqps://${user}127.0.0.1:${site.tlsPort}/`], { timeoutMs: 5_000, tls: { ...site.tls, ...changes } });
  const login = (): string => `${new URL(site.broker.url).username}:${site.password}@`;

  it('answers through the same TLS', async () => {
    expect(await probe(login())).toMatchObject({ reachable: true });
    expect(await probe('', site.client)).toMatchObject({ reachable: true });
  });

  it.each<[string, () => Partial<BrokerTls>, RegExp]>([
    [
      'the wrong authority',
      () => ({ ca: site.stranger.cert }),
      /^The broker at 127\.0\.0\.1:\d+ shows a certificate that was not signed by an authority in /,
    ],
    [
      'the wrong client',
      () => site.stranger,
      /^The broker at 127\.0\.0\.1:\d+ .*refuses the client certificate in .*stranger\.pem\.$/,
    ],
    [
      'a file that is gone',
      () => ({ ca: '/nonexistent/ca.pem' }),
      /^The broker at 127\.0\.0\.1:\d+ cannot be asked: The file \/nonexistent\/ca\.pem.* does not exist\.$/,
    ],
  ])('%s: a sentence', async (_, changes, text) => {
    expect(await probe(login(), changes())).toEqual({ reachable: false, text: expect.stringMatching(text) as string });
  });
});
