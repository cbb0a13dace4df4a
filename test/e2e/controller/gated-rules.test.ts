/** What is found out about gated workers, most of it after half a minute: one fleet, whose workers are watched all at once. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { doubled, fill, openSite, readWork } from '../gate/site.ts';
import type { Site as Messages } from '../gate/site.ts';
import { Site } from './site.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');

let messages: Messages;
let site: Site;
/** Of the worker that is to lose its queue. */
let deafPid: number | null = null;

const logOf = (queue: string): string => join(messages.dir, `${queue}.log`);
const doneOf = (queue: string): number => new Set(readWork(logOf(queue)).done).size;

/** A program with a queue of its own name. */
const program = (
  queue: string,
  { mode = 'consume', prefetch = 10, sleepUs = 2_000 },
  more: Record<string, unknown>,
): Record<string, unknown> => {
  const { username, password, hostname, port } = new URL(messages.broker.url);
  return {
    command: ['php', WORKER, ...[username, password, queue, mode, prefetch, sleepUs, logOf(queue)].map(String)],
    environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port },
    start: { seconds: '100ms' },
    amqp: {},
    ...more,
  };
};

beforeAll(async () => {
  messages = await openSite();
  for (const [queue, count] of Object.entries({ past: 3, deaf: 3, stuck: 1, old: 300 }))
    await fill(messages, queue, count);
  site = new Site(
    {
      past: program('past', {}, { amqp: { host: 'OTHER_HOST', port: 'OTHER_PORT' } }),
      deaf: program('deaf', { mode: 'zombie' }, {}),
      stuck: program(
        'stuck',
        { prefetch: 1, sleepUs: 600_000_000 },
        { stuck: { inFlight: '2s', action: 'recycle' }, recycle: { drainTimeout: '1s', stopTimeout: '1s' } },
      ),
      old: program(
        'old',
        { prefetch: 5 },
        {
          start: { seconds: '0s' },
          ready: { consuming: true, timeout: '60s' },
          lifetime: { messages: 100, jitter: '0%' },
        },
      ),
    },
    { broker: { url: messages.broker.url }, host: { reserve: 0, maxConcurrent: 16 } },
  );
  await site.run();
  await site.untilRunning('past:0', 'deaf:0');
  await site.until(() => doneOf('deaf') === 3, 'the one to be deaf has worked');
  deafPid = (await site.worker('deaf:0')).pid;
  await messages.channel.deleteQueue('deaf');
  await site.untilEntry(({ action }) => action === 'deaf', 'its loss is said');
  await fill(messages, 'deaf', 1);
});
afterAll(async () => {
  await site.dispose();
  await messages.close();
});

const untilEnded = (worker: string, rule: string): Promise<JournalEntry> =>
  site.untilEntry(
    (entry) => entry.worker === worker && entry.reason.rule === rule && entry.outcome !== null,
    `${rule} of ${worker} has ended`,
  );

test('a worker is RUNNING once it consumes, and recycled after so many acknowledged messages', async () => {
  await site.until(async () => (await site.worker('old:0')).prefetch === 5, 'a sample has its prefetch');
  const entry = await untilEnded('old:0', 'lifetime.messages');
  expect(entry.reason.text).toMatch(/it has acknowledged \d{3} messages, and lifetime\.messages is 100/);
  expect(entry.outcome?.ok).toBe(true);
  await site.until(() => doneOf('old') === 300, 'all is done');
  expect(doubled(readWork(logOf('old')).done)).toEqual([]);
});

test('a worker that holds a message for too long is recycled, and the message goes back to the queue', async () => {
  const entry = await untilEnded('stuck:0', 'stuck.inFlight');
  expect(entry.reason.text).toMatch(
    /^Recycled stuck:0 \(pid \d+\): it holds a message for [\d.]+ s, and stuck\.inFlight is 2\.0 s \(workers\.yaml:\d+\), has used [\d.]+ s of CPU since and is now (in |sleeping)/,
  );
  expect(entry.outcome?.text).toMatch(/1 unacknowledged message went back to the queue; replaced by pid \d+$/);
});

test('a worker that goes past its gate is noticed, and drained by signal', async () => {
  const entry = await site.untilEntry(({ action }) => action === 'bypassed', 'it is journaled');
  expect(entry.reason.text).toMatch(
    /^past:0 \(pid \d+\) has not come to its gate: it does not read OTHER_HOST and OTHER_PORT, or has a cached/,
  );
  expect((await site.cli('stop', 'past')).code).toBe(0);
  const stop = await untilEnded('past:0', 'command.stop');
  expect(stop.outcome?.evidence).toMatchObject({ drainMs: null, unacknowledged: null });
});

test('a worker that swallows the loss of its queue is replaced, and its successor consumes again', async () => {
  const said = await site.untilEntry(({ action }) => action === 'deaf', 'it is said');
  expect(said.reason.text).toMatch(
    /cancelled its consumer .*; if it does not consume again by itself, it is recycled$/,
  );
  const entry = await untilEnded('deaf:0', 'deaf');
  expect(entry).toMatchObject({
    action: 'recycle',
    pid: deafPid,
    reason: { evidence: { reason: 'consumerCancelled' } },
  });
  expect(entry.reason.text).toMatch(
    /^Recycled deaf:0 \(pid \d+\): the broker has cancelled its consumer .*, and it has consumed nothing for [\d.]+ s since$/,
  );
  expect(entry.outcome?.evidence).toMatchObject({ unacknowledged: 0 });
  await site.until(() => readWork(logOf('deaf')).done.length === 4, 'the new one consumes');
});
