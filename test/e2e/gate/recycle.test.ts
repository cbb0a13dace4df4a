/** Workers that know nothing of signals are drained at the gate and ended, under load: nothing lost, nothing twice. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Pump } from './pump.ts';
import { doubled, end, fill, hasExtAmqp, openSite, readWork, startGated, startWorker, until } from './site.ts';
import type { GatedWorker, Site, Work, WorkerOptions } from './site.ts';
import { wipeAfterFailures } from './wiped.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
wipeAfterFailures(() => site);
afterAll(() => site.close());

/** So many wait for the workers all the time. */
const DEPTH = 300;

interface Row {
  name: string;
  recycles: number;
  mode?: WorkerOptions['mode'];
  library?: WorkerOptions['library'];
  prefetch?: number;
  clamp?: number;
  maxSleepUs?: number;
  quietMs?: number;
  workers?: number;
  /** The bytes of all connections are cut into pieces of any size. */
  isCut?: boolean;
}

const CLASSIC: Row[] = [
  { name: 'consume', recycles: 20 },
  { name: 'consume, a window of 250', prefetch: 250, recycles: 3 },
  { name: 'consume, short work', prefetch: 100, maxSleepUs: 1_000, recycles: 8 },
  { name: 'consume, no window, clamped', prefetch: 0, clamp: 10, recycles: 12 },
  { name: 'get', mode: 'get', recycles: 20 },
  { name: 'tx', mode: 'tx', recycles: 12 },
  { name: 'a batch that fills the window', mode: 'batch', prefetch: 50, workers: 1, recycles: 5 },
  { name: 'publish 200 KiB', mode: 'publish', recycles: 8 },
  { name: 'publish 200 KiB, short work', mode: 'publish', maxSleepUs: 500, recycles: 8 },
  { name: 'ext-amqp consume', library: 'ext-amqp', recycles: 15 },
  { name: 'ext-amqp consume, a window of 250', library: 'ext-amqp', prefetch: 250, recycles: 3 },
  { name: 'ext-amqp get', library: 'ext-amqp', mode: 'get', recycles: 15 },
  { name: 'consume, cut', isCut: true, recycles: 10 },
  { name: 'publish 200 KiB, cut', isCut: true, mode: 'publish', recycles: 5 },
];

const QUORUM: Row[] = [
  { name: 'consume', recycles: 12 },
  { name: 'consume, cancelled at once', quietMs: 0, recycles: 8 },
  { name: 'consume, short work', prefetch: 100, maxSleepUs: 1_000, recycles: 8 },
  { name: 'get', mode: 'get', recycles: 10 },
  { name: 'ext-amqp consume', library: 'ext-amqp', recycles: 8 },
];

/** Rows of a library that is not installed are left out. */
const isPossible = ({ library }: Row): boolean => library !== 'ext-amqp' || hasExtAmqp();

const workerOf = (row: Row, queue: string): WorkerOptions => ({
  queue,
  mode: row.mode ?? 'consume',
  library: row.library ?? 'php-amqplib',
  prefetch: row.prefetch ?? 10,
  maxSleepUs: row.maxSleepUs ?? 8_000,
  isCut: row.isCut ?? false,
  log: join(site.dir, `${queue}.log`),
});

const prepare = async (row: Row, queue: string): Promise<void> => {
  if (row.mode === 'publish') await site.channel.assertQueue(`${queue}.out`, { arguments: { 'x-max-length': 3 } });
};

/** Start workers, recycle one after the other while there is always work, and wait until all is done. */
async function storm(row: Row, worker: WorkerOptions, pump: Pump): Promise<{ work: Work; messages: number }> {
  const count = row.workers ?? 3;
  const start = (): Promise<GatedWorker> =>
    startGated(site, worker, { prefetch: row.clamp ?? null, quietMs: row.quietMs ?? 50 });
  const slots = await Promise.all(Array.from({ length: count }, start));
  let messages = 0;
  try {
    for (let turn = 0; turn < row.recycles; turn += 1) {
      const slot = turn % count;
      const old = slots[slot];
      if (old === undefined) throw new Error('no worker in this slot');
      await until(
        () => old.gate.counters().delivered > 20,
        () => `deliveries of ${worker.queue}`,
      );
      old.gate.quiesce();
      await old.next('drained');
      expect(old.gate.obstacle()).toBeNull();
      expect(old.gate.counters().inFlight).toBe(0);
      slots[slot] = await start();
      await old.kill(turn % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      expect(await old.next('connectionClosed')).toMatchObject({ unacknowledged: 0 });
    }
    messages = await pump.stop();
    await until(
      () => readWork(worker.log).done.length >= messages,
      () => `all of ${worker.queue}`,
    );
    for (const { gate } of slots) gate.quiesce();
    await Promise.all(slots.map((slot) => slot.next('drained')));
  } finally {
    await Promise.all(slots.map((slot) => slot.kill()));
  }
  return { work: readWork(worker.log), messages };
}

describe.each([
  ['classic', CLASSIC],
  ['quorum', QUORUM],
] as const)('a %s queue loses and doubles nothing', (type, rows) => {
  it.each(rows.filter(isPossible))('$name', async (row) => {
    const queue = `${type} ${row.name}`;
    await prepare(row, queue);
    const { work, messages } = await storm(row, workerOf(row, queue), await Pump.start(site, queue, DEPTH, type));
    expect(new Set(work.done).size).toBe(messages);
    expect(doubled(work.done)).toEqual([]);
    expect(doubled(work.started)).toEqual([]);
    // A quorum queue may flag what no worker has seen: gate.md 3.2.
    if (type === 'classic') expect(work.again).toEqual([]);
    expect(await site.channel.checkQueue(queue)).toMatchObject({ messageCount: 0 });
  });
});

describe('the same without a gate gives messages to two workers', () => {
  const NAIVE: (Row & { type: 'classic' | 'quorum'; messages: number })[] = [
    { name: 'consume', type: 'classic', messages: 600, recycles: 5 },
    { name: 'consume, a window of 250', type: 'classic', prefetch: 250, messages: 600, recycles: 5 },
    { name: 'get', type: 'classic', mode: 'get', messages: 600, recycles: 8 },
    { name: 'publish 200 KiB', type: 'classic', mode: 'publish', messages: 300, recycles: 5 },
    { name: 'ext-amqp consume', type: 'classic', library: 'ext-amqp', messages: 600, recycles: 5 },
    { name: 'consume', type: 'quorum', messages: 600, recycles: 5 },
  ];

  it.each(NAIVE.filter(isPossible))('$name, $type queue', async (row) => {
    const queue = `naive ${row.type} ${row.name}`;
    await fill(site, queue, row.messages, row.type);
    await prepare(row, queue);
    const worker = workerOf(row, queue);
    let child = startWorker(site, worker, site.broker.port);
    try {
      for (let turn = 1; turn <= row.recycles; turn += 1) {
        await until(
          () => readWork(worker.log).done.length >= turn * 20,
          () => 'some work',
        );
        await end(child, 'SIGTERM');
        child = startWorker(site, worker, site.broker.port);
      }
      await until(
        () => new Set(readWork(worker.log).done).size === row.messages,
        () => 'all work',
      );
    } finally {
      await end(child);
    }
    expect(readWork(worker.log).again.length).toBeGreaterThan(0);
  });
});

it('a worker that is killed at full speed costs the message it had in hand: what it acknowledged does not come again', async () => {
  const [queue, kills, messages] = ['killed at full speed', 4, 12_000];
  await fill(site, queue, messages);
  const worker = workerOf({ name: queue, recycles: kills, prefetch: 250, maxSleepUs: 0 }, queue);
  for (let turn = 0; turn < kills; turn += 1) {
    const killed = await startGated(site, worker);
    await until(
      () => killed.gate.counters().acknowledged > 1_500,
      () => 'some work',
    );
    await end(killed.child);
    await killed.gate.readOut();
    await killed.kill();
  }
  const last = await startGated(site, worker);
  await until(
    () => new Set(readWork(worker.log).done).size === messages,
    () => 'all work',
  );
  await last.kill();
  const { done, again } = readWork(worker.log);
  expect(again.length).toBeGreaterThan(0);
  expect(doubled(done).length).toBeLessThanOrEqual(kills);
});
