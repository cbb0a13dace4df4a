import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { doubled, fill, openSite, readWork } from '../gate/site.ts';
import { Site } from './site.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const SLEEPER = { command: 'sleep 1000', start: { seconds: '100ms' } };

test('workers of age are recycled, one after the other, and the journal says why', async () => {
  const here = (site = new Site({ shop: { ...SLEEPER, workers: 2, lifetime: { age: '2s', jitter: '50%' } } }));
  await here.run();
  await here.untilRunning();
  const isOld = (worker: string) => (entry: { worker: string | null; reason: { rule: string } }) =>
    entry.worker === worker && entry.reason.rule === 'lifetime.age';
  const [one, other] = [
    await here.untilEntry(isOld('shop:0'), 'the first is recycled'),
    await here.untilEntry(isOld('shop:1'), 'the second is recycled'),
  ];
  expect(one.reason.text).toMatch(
    /^Recycled shop:0 \(pid \d+\): it is [\d.]+ s old, and lifetime\.age is 2\.0 s, less its part of the jitter \(workers\.yaml:\d+\)$/,
  );
  await here.until(async () => {
    const entries = await here.client.journal({});
    return [one, other].every(({ id }) => entries.find((entry) => entry.id === id)?.outcome?.ok === true);
  }, 'both are replaced');
});

test('behind a gate: a worker is RUNNING once it consumes, and recycled after so many acknowledged messages', async () => {
  const queue = 'lifetime';
  const messages = await openSite();
  try {
    await fill(messages, queue, 300);
    const { username, password, hostname, port } = new URL(messages.broker.url);
    const log = join(messages.dir, 'lifetime.log');
    const argv = [username, password, queue, 'consume', '5', '2000', log];
    const shop = {
      command: ['php', WORKER, ...argv],
      environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port },
      start: { seconds: '0s' },
      ready: { consuming: true, timeout: '30s' },
      lifetime: { messages: 100, jitter: '0%' },
      amqp: {},
    };
    const here = (site = new Site({ shop }, { broker: { url: messages.broker.url } }));
    await here.run();
    await here.untilRunning();
    await here.until(async () => (await here.worker('shop:0')).prefetch === 5, 'a sample has its prefetch');
    const entry = await here.untilEntry(({ reason }) => reason.rule === 'lifetime.messages', 'it has done enough');
    expect(entry.reason.text).toMatch(/it has acknowledged \d{3} messages, and lifetime\.messages is 100/);
    await here.until(() => new Set(readWork(log).done).size === 300, 'all is done', 60_000);
    expect(doubled(readWork(log).done)).toEqual([]);
    await here.until(
      async () => (await here.client.journal({})).find(({ id }) => id === entry.id)?.outcome?.ok === true,
      'it is replaced',
    );
  } finally {
    await site?.dispose();
    await messages.close();
  }
});
