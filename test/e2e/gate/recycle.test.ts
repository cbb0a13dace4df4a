/** Workers that know nothing of signals are drained at the gate and killed with SIGKILL, under load: nothing lost, nothing twice. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { doubled, end, fill, openSite, readWork, startGated, startWorker, until } from './site.ts';
import type { GatedWorker, Site, WorkerOptions } from './site.ts';

const WORKERS = 3;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

interface Row {
  name: string;
  mode: WorkerOptions['mode'];
  type: 'classic' | 'quorum';
  prefetch: number;
  clamp: number | null;
  messages: number;
  recycles: number;
}

const ROWS: Row[] = [
  { name: 'consume', mode: 'consume', type: 'classic', prefetch: 10, clamp: null, messages: 4_000, recycles: 20 },
  { name: 'clamped', mode: 'consume', type: 'classic', prefetch: 0, clamp: 10, messages: 3_000, recycles: 12 },
  { name: 'get', mode: 'get', type: 'classic', prefetch: 0, clamp: null, messages: 3_000, recycles: 20 },
  { name: 'tx', mode: 'tx', type: 'classic', prefetch: 10, clamp: null, messages: 3_000, recycles: 12 },
  { name: 'quorum', mode: 'consume', type: 'quorum', prefetch: 10, clamp: null, messages: 3_000, recycles: 12 },
];

it.each(ROWS)('loses and doubles nothing: $name', async (row) => {
  const queue = `recycle-${row.name}`;
  const log = join(site.dir, `${queue}.log`);
  await fill(site, queue, row.messages, row.type);
  const worker: WorkerOptions = { queue, mode: row.mode, prefetch: row.prefetch, maxSleepUs: 4_000, log };
  const start = (): Promise<GatedWorker> => startGated(site, worker, { prefetch: row.clamp });
  const slots = await Promise.all(Array.from({ length: WORKERS }, start));
  let underLoad = 0;
  try {
    for (let turn = 0; turn < row.recycles; turn += 1) {
      const slot = turn % WORKERS;
      const old = slots[slot];
      if (old === undefined) throw new Error('no worker in this slot');
      await until(
        () => old.gate.counters().delivered > 20,
        () => `deliveries of ${queue}`,
      );
      if (readWork(log).done.length < row.messages) underLoad += 1;
      old.gate.quiesce();
      await old.next('drained');
      expect(old.gate.obstacle()).toBeNull();
      expect(old.gate.counters()).toMatchObject({ inFlight: 0, redelivered: expect.any(Number) as number });
      slots[slot] = await start();
      await old.kill();
      expect(await old.next('connectionClosed')).toMatchObject({ unacknowledged: 0 });
    }
    await until(
      () => readWork(log).done.length >= row.messages,
      () => `all of ${queue}`,
      90_000,
    );
  } finally {
    await Promise.all(slots.map((slot) => slot.kill()));
  }
  const work = readWork(log);
  expect(underLoad).toBe(row.recycles);
  expect(new Set(work.done).size).toBe(row.messages);
  expect(doubled(work.done)).toEqual([]);
  expect(doubled(work.started)).toEqual([]);
  // A quorum queue may flag what no worker has seen: gate.md 3.2.
  if (row.type === 'classic') expect(work.again).toEqual([]);
  expect(await site.channel.checkQueue(queue)).toMatchObject({ messageCount: 0 });
});

it('the same without a gate gives messages to two workers', async () => {
  const queue = 'recycle-ungated';
  const log = join(site.dir, `${queue}.log`);
  await fill(site, queue, 1_000);
  const worker: WorkerOptions = { queue, mode: 'consume', prefetch: 10, maxSleepUs: 4_000, log };
  let child = startWorker(site, worker, site.broker.port);
  try {
    for (let turn = 1; turn <= 5; turn += 1) {
      await until(
        () => readWork(log).done.length >= turn * 20,
        () => 'some work',
      );
      await end(child);
      child = startWorker(site, worker, site.broker.port);
    }
    await until(
      () => new Set(readWork(log).done).size === 1_000,
      () => 'all work',
    );
  } finally {
    await end(child);
  }
  expect(readWork(log).again.length).toBeGreaterThan(0);
});
