/** The whole chain: workers that know nothing of signals, recycled by the controller through their gates, on a real broker. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { JournalEntry, WorkerStatus } from '../../../src/api/types.ts';
import { Pump } from '../gate/pump.ts';
import { doubled, fill, openSite, readWork } from '../gate/site.ts';
import type { Site as Messages } from '../gate/site.ts';
import { Site } from './site.ts';
import type { Run } from './site.ts';
import { wipeAfterFailures } from '../gate/wiped.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');

let messages: Messages;
let site: Site;
let run: Run | null = null;
beforeAll(async () => {
  messages = await openSite();
});
wipeAfterFailures(() => messages);
afterAll(() => messages.close());
afterEach(() => site.dispose());

interface Shop {
  queue: string;
  mode?: string;
  prefetch?: number;
  maxSleepUs?: number;
  workers?: number;
  recycle?: Record<string, unknown>;
  amqp?: Record<string, unknown>;
  environment?: Record<string, string>;
}

const logOf = (queue: string): string => join(messages.dir, `${queue}.log`);

const configOf = (shop: Shop): ConstructorParameters<typeof Site> => {
  const { queue, mode = 'consume', prefetch = 10, maxSleepUs = 4_000, workers = 3 } = shop;
  const { username, password, hostname, port } = new URL(messages.broker.url);
  const argv = [username, password, queue, mode, prefetch, maxSleepUs, logOf(queue)].map(String);
  return [
    {
      shop: {
        command: ['php', WORKER, ...argv],
        workers,
        environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port, ...shop.environment },
        start: { seconds: '100ms' },
        recycle: { maxConcurrent: workers, stopTimeout: '10s', settle: '10ms', ...shop.recycle },
        amqp: shop.amqp ?? {},
      },
    },
    { broker: { url: messages.broker.url }, host: { reserve: 0, maxConcurrent: 16 } },
  ];
};

const startShop = async (shop: Shop): Promise<void> => {
  site = new Site(...configOf(shop));
  run = await site.run();
  await site.untilRunning();
};

const workedOff = (queue: string, count: number): Promise<void> =>
  site.until(() => new Set(readWork(logOf(queue)).done).size >= count, `all of ${queue}`, 90_000);

const recycleAll = async (): Promise<void> => {
  const { code, stderr } = await site.cli('recycle', 'all');
  if (code !== 0) throw new Error(stderr);
};

const recyclesEnded = async (): Promise<JournalEntry[]> =>
  (await site.client.journal({})).filter(({ action, outcome }) => action === 'recycle' && outcome !== null);

test('a storm of recycles loses nothing and gives no message to two workers', async () => {
  const queue = 'storm-gate';
  const pump = await Pump.start(messages, queue, 500);
  await startShop({ queue, workers: 4, maxSleepUs: 20_000 });
  for (let round = 0; round < 3; round += 1) await recycleAll();
  await workedOff(queue, await pump.stop());
  const work = readWork(logOf(queue));
  expect(doubled(work.done)).toEqual([]);
  expect(doubled(work.started)).toEqual([]);
  expect(work.again).toEqual([]);
  await site.until(async () => (await recyclesEnded()).length >= 12, 'twelve recycles have ended');
  for (const { outcome } of await recyclesEnded()) {
    expect(outcome?.evidence).toMatchObject({ unacknowledged: 0, drainMs: expect.any(Number) as number });
    expect(outcome?.text).toMatch(/^drained in .*, SIGTERM at .*, exited in .*; replaced by pid \d+$/);
  }
});

test('a changed workers.yaml rolls through workers under load: nothing is lost, and no message is given to two', async () => {
  const shop: Shop = { queue: 'reload-gate', workers: 3, maxSleepUs: 20_000, recycle: { maxConcurrent: 1 } };
  const pump = await Pump.start(messages, shop.queue, 500);
  await startShop(shop);
  const pids = async (): Promise<(number | null)[]> => (await site.client.status([])).workers.map(({ pid }) => pid);
  const before = await pids();
  for (const [time, prefetch] of [7, 9].entries()) {
    site.configure(...configOf({ ...shop, amqp: { prefetch }, environment: { ROUND: String(time) } }));
    expect((await site.cli('reload')).code).toBe(0);
    await site.until(async () => {
      const reloads = (await site.client.journal({})).filter(({ reason }) => reason.rule === 'reload');
      return reloads.length === time + 1 && reloads.every(({ outcome }) => outcome?.ok === true);
    }, 'the roll is done');
  }
  expect((await pids()).filter((pid) => before.includes(pid))).toEqual([]);
  await workedOff(shop.queue, await pump.stop());
  const work = readWork(logOf(shop.queue));
  expect(doubled(work.done)).toEqual([]);
  expect(work.again).toEqual([]);
  const recycles = (await site.client.journal({})).filter(({ reason }) => reason.rule === 'config.changed');
  expect(recycles).toHaveLength(6);
  for (const { outcome } of recycles) expect(outcome?.evidence).toMatchObject({ unacknowledged: 0 });
});

test('the same without a gate gives messages to two workers', async () => {
  const queue = 'storm-signal';
  const pump = await Pump.start(messages, queue, 500);
  await startShop({ queue, maxSleepUs: 20_000, recycle: { drain: 'signal' } });
  while (readWork(logOf(queue)).again.length === 0) await recycleAll();
  await pump.stop();
  expect(await site.worker('shop:0')).toMatchObject({ inFlight: null, prefetch: null, delivered: null });
});

const recycleTimes = async (times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) {
    await site.untilStatus(
      ({ workers }) => workers.every(({ pid, state }) => pid !== null && state === 'RUNNING'),
      'up',
    );
    await site.cli('recycle', 'all');
  }
};

test.each([
  ['with a gate nothing is lost', 'gate', {}],
  ['without one the broker drops messages that nobody has seen', 'signal', { recycle: { drain: 'signal' } }],
] as const)('a thousand prefetched from a quorum queue with a delivery limit: %s', async (_, how, changes) => {
  const queue = `limit-${how}`;
  const limit = { 'x-queue-type': 'quorum', 'x-delivery-limit': 2 };
  const pump = await Pump.start(messages, queue, 100, limit);
  await startShop({ queue, workers: 1, prefetch: 1000, maxSleepUs: 20_000, amqp: { prefetch: 10 }, ...changes });
  // More recycles than the limit allows deliveries, each with messages left to lose.
  await recycleTimes(5);
  const count = await pump.stop();
  await site.until(async () => (await messages.channel.checkQueue(queue)).messageCount === 0, 'the queue is empty');
  await site.untilStatus(({ workers }) => (workers[0]?.inFlight ?? 0) === 0, 'nothing is in flight');
  if (how === 'gate') await workedOff(queue, count);
  const { started, done } = readWork(logOf(queue));
  if (how === 'signal') expect(new Set(started).size).toBeLessThan(count);
  else expect(doubled(done)).toEqual([]);
});

test('status tells what each worker holds, has done and may hold', async () => {
  const queue = 'figures';
  await fill(messages, queue, 30);
  await startShop({ queue, workers: 1, maxSleepUs: 2_000_000, amqp: { prefetch: 5 } });
  const isFull = ({ inFlight, delivered, acknowledged }: WorkerStatus): boolean =>
    inFlight === 5 && (delivered ?? 0) - (acknowledged ?? 0) === 5;
  let full: WorkerStatus | null = null;
  await site.until(async () => isFull((full = await site.worker('shop:0'))), 'five are in flight');
  expect(full).toMatchObject({
    prefetch: 5,
    redelivered: 0,
    oldestUnacknowledgedSeconds: expect.any(Number) as number,
  });
});

test('kill -9 of the controller in the middle of a drain: the shim ends it, the next controller knows how', async () => {
  const queue = 'mid-drain';
  await fill(messages, queue, 3);
  await startShop({ queue, workers: 1, prefetch: 1, maxSleepUs: 3_000_000, recycle: { overlap: false } });
  await site.untilStatus(({ workers }) => workers[0]?.inFlight === 1, 'it is at work');
  const { pid } = await site.worker('shop:0');
  expect((await site.cli('recycle', 'shop:0', '--no-wait')).code).toBe(0);
  await site.untilEntry(({ action }) => action === 'recycle', 'it drains');
  run?.process.kill('SIGKILL');
  await run?.exited;
  await site.run();
  const entry = await site.untilEntry(
    ({ action, outcome }) => action === 'recycle' && outcome !== null,
    'the recycle ended',
  );
  expect(entry).toMatchObject({ pid, outcome: { ok: true, evidence: { unacknowledged: 0 } } });
  expect(entry.outcome?.evidence['drainMs']).toBeGreaterThan(0);
  await workedOff(queue, 3);
  expect(readWork(logOf(queue)).again).toEqual([]);
});

test('a drain that cannot end is explained, and a person who stops is obeyed at its deadline', async () => {
  const queue = 'never-drains';
  await fill(messages, queue, 5);
  await startShop({ queue, mode: 'batch', workers: 1, recycle: { drainTimeout: '7s', overlap: false } });
  await site.untilStatus(({ workers }) => workers[0]?.inFlight === 5, 'half a batch is in flight');
  expect((await site.cli('stop', 'shop:0')).code).toBe(0);
  const entries = await site.client.journal({});
  expect(entries.find(({ action }) => action === 'stuck')?.reason.text).toMatch(
    /^shop:0 \(pid \d+\) does not drain: it is still at work, or waits for a batch to fill \(5 in flight, the oldest for \d+ s\)$/,
  );
  expect(entries.find(({ reason }) => reason.rule === 'command.stop')?.outcome).toMatchObject({
    text: expect.stringContaining('5 unacknowledged messages went back to the queue') as string,
    evidence: { unacknowledged: 5, drainMs: null },
  });
  await site.until(async () => (await messages.channel.checkQueue(queue)).messageCount === 5, 'they are back');
});

test('a prefetch below the batch of its worker is undone, said, and not tried again', async () => {
  const queue = 'starved';
  await fill(messages, queue, 100);
  await startShop({ queue, mode: 'batch', workers: 1, prefetch: 50, amqp: { prefetch: 4 } });
  const entry = await site.untilEntry(({ reason }) => reason.rule === 'gate.starved', 'it is said');
  expect(entry).toMatchObject({ action: 'warn', reason: { evidence: { limit: 4, asked: 50, inFlight: 4 } } });
  expect(entry.reason.text).toMatch(
    /^A prefetch of 4 \(workers.yaml:\d+\) starves shop:0 \(pid \d+\): it has held 4 messages for \d.* s and waits for more, .*; it asked for 50, and has that now; write an amqp.prefetch of at least its batch, more than 4$/,
  );
  await workedOff(queue, 100);
  expect(doubled(readWork(logOf(queue)).started)).toEqual([]);
  expect((await site.cli('recycle', 'shop:0')).code).toBe(0);
  await site.untilStatus(({ workers }) => workers[0]?.prefetch === 50, 'the next one has what it asked for at once');
});

test('a stranger at the gate is refused and named', async () => {
  const queue = 'stranger';
  await fill(messages, queue, 1);
  await startShop({ queue, workers: 1 });
  await workedOff(queue, 1);
  const { pid } = await site.worker('shop:0');
  const port = /RABBITMQ_PORT=(\d+)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
  expect(port).not.toBe(String(messages.broker.port));
  const socket = connect(Number(port), '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('close', resolve));
  const entry = await site.untilEntry(({ action }) => action === 'refused', 'the refusal is journaled');
  expect(entry.reason.text).toMatch(/^The gate of shop:0 \(pid \d+\) refused a connection: /);
  await site.untilStatus(
    ({ workers }) => workers[0]?.state === 'RUNNING' && workers[0].acknowledged === 1,
    'it works on',
  );
});
