/** A clamp below the batch of its worker is undone, that of a worker which works for long on one message is not. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doubled, fill, hasExtAmqp, openSite, readWork, startGated, until } from './site.ts';
import type { Site, WorkerOptions } from './site.ts';
import { wipeAfterFailures } from './wiped.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
wipeAfterFailures(() => site);
afterAll(() => site.close());

describe.each(['php-amqplib', 'ext-amqp'] as const)('%s', (library) => {
  const test = it.skipIf(library === 'ext-amqp' && !hasExtAmqp());

  const workerFor = (queue: string, change: Partial<WorkerOptions>): WorkerOptions => ({
    queue,
    mode: 'batch',
    prefetch: 50,
    maxSleepUs: 1_000,
    log: join(site.dir, `${queue}.log`),
    library,
    ...change,
  });

  test.each(['classic', 'quorum'])('a batch worker gets the prefetch that it asked for: %s queue', async (type) => {
    const queue = `starved-${library}-${type}`;
    await fill(site, queue, 200, type);
    const worker = await startGated(site, workerFor(queue, {}), { prefetch: 4, starvedMs: 300 });
    try {
      expect(await worker.next('starved')).toMatchObject({ limit: 4, asked: 50, inFlight: 4 });
      await until(
        () => worker.gate.counters().acknowledged === 200,
        () => `all acknowledged, not ${JSON.stringify(worker.gate.counters())}`,
      );
      expect(worker.gate.counters()).toMatchObject({ delivered: 200, redelivered: 0, inFlight: 0, prefetch: 50 });
      expect(doubled(readWork(join(site.dir, `${queue}.log`)).started)).toEqual([]);
      worker.gate.quiesce();
      await worker.next('drained');
    } finally {
      await worker.kill();
    }
  });

  test('a worker that sleeps over one message keeps its clamp', async () => {
    const queue = `slow-${library}`;
    await fill(site, queue, 20);
    const slow = workerFor(queue, { mode: 'consume', maxSleepUs: 4_000_000 });
    const worker = await startGated(site, slow, { prefetch: 4, starvedMs: 300 });
    try {
      await until(
        () => worker.gate.counters().acknowledged >= 2,
        () => 'two long jobs',
      );
      expect(worker.reports.some(({ kind }) => kind === 'starved')).toBe(false);
      expect(worker.gate.counters().prefetch).toBe(4);
    } finally {
      await worker.kill();
    }
  });
});
