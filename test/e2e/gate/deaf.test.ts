/** A worker that loses its queue or its connection and does nothing about it, as opposed to one that is still at work, or that drains. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rechunk } from './rechunk.ts';
import { fill, hasExtAmqp, nodeAt, openSite, startGated, until } from './site.ts';
import type { GatedWorker, Site } from './site.ts';
import { wipeAfterFailures } from './wiped.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
wipeAfterFailures(() => site);
afterAll(() => site.close());

const zombie = async (queue: string, maxSleepUs: number): Promise<GatedWorker> => {
  const log = join(site.dir, `${queue}.log`);
  return startGated(site, { queue, mode: 'zombie', prefetch: 1, maxSleepUs, log }, { deafMs: 300 });
};

it('is said, again and again, until the worker ends', async () => {
  await fill(site, 'lost', 0);
  const worker = await zombie('lost', 0);
  try {
    await worker.next('consuming');
    await site.channel.deleteQueue('lost');
    expect(await worker.next('deaf')).toMatchObject({ reason: 'consumerCancelled' });
    expect(await worker.next('stayedDeaf')).toMatchObject({ reason: 'consumerCancelled' });
    const { length } = worker.reports;
    await worker.next('stayedDeaf', length);
    expect(worker.child.exitCode).toBeNull();
  } finally {
    await worker.kill();
  }
});

it.skipIf(!hasExtAmqp())('is said of ext-amqp, which hears nothing of a deleted queue', async () => {
  await fill(site, 'unheard', 1);
  const log = join(site.dir, 'unheard.log');
  const options = { queue: 'unheard', mode: 'consume', prefetch: 1, maxSleepUs: 0, log, library: 'ext-amqp' } as const;
  const worker = await startGated(site, options, { deafMs: 300 });
  try {
    await until(
      () => worker.gate.counters().acknowledged === 1,
      () => 'its work is done',
    );
    await site.channel.deleteQueue('unheard');
    expect(await worker.next('deaf')).toMatchObject({ reason: 'consumerCancelled' });
    expect(await worker.next('stayedDeaf')).toMatchObject({ reason: 'consumerCancelled' });
    expect(worker.child.exitCode).toBeNull();
  } finally {
    await worker.kill();
  }
});

it('is said of one whose connection broke for good', async () => {
  await fill(site, 'cut off', 0);
  const relay = await rechunk(site.broker);
  const log = join(site.dir, 'cut off.log');
  const options = { queue: 'cut off', mode: 'zombie', prefetch: 1, maxSleepUs: 0, log } as const;
  const worker = await startGated(site, options, { upstreams: [nodeAt(relay)], deafMs: 300 });
  try {
    await worker.next('consuming');
    relay.cut();
    await worker.next('connectionClosed');
    expect(await worker.next('stayedDeaf')).toMatchObject({ reason: 'connectionLost' });
    expect(worker.child.exitCode).toBeNull();
    expect(worker.reports.some(({ kind }) => kind === 'deaf')).toBe(false);
  } finally {
    await worker.kill();
    await relay.close();
  }
});

it('is not said while it works on a message, nor in a drain', async () => {
  await fill(site, 'busy', 1);
  const worker = await zombie('busy', 3_000_000);
  try {
    await until(
      () => worker.gate.counters().inFlight === 1,
      () => 'one in flight',
    );
    await site.channel.deleteQueue('busy');
    await worker.next('deaf');
    await until(
      () => worker.gate.counters().acknowledged === 1,
      () => 'its work is done',
    );
    expect(worker.reports.some(({ kind }) => kind === 'stayedDeaf')).toBe(false);
    await worker.next('stayedDeaf');
  } finally {
    await worker.kill();
  }
  await fill(site, 'drained', 1);
  const draining = await zombie('drained', 2_000_000);
  try {
    await until(
      () => draining.gate.counters().inFlight === 1,
      () => 'one in flight',
    );
    draining.gate.quiesce();
    await site.channel.deleteQueue('drained');
    await draining.next('drained');
    expect(draining.reports.some(({ kind }) => kind === 'stayedDeaf')).toBe(false);
  } finally {
    await draining.kill();
  }
});
