import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { startEmbeddedBroker } from '../../../src/broker/embedded.ts';
import { Site } from './site.ts';

const DEMO = fileURLToPath(new URL('../../../deploy/demo', import.meta.url));

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test('a broker outage sends no worker to FATAL, and all are back soon after it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'ackwarden-outage-'));
  ends.push(async () => rmSync(dataDir, { recursive: true, force: true }));
  const start = async () => {
    const broker = await startEmbeddedBroker({ dataDir, log: () => undefined });
    ends.push(() => broker.stop());
    return broker;
  };
  // To the controller this one is external: somebody else's broker that goes away and comes back.
  const broker = await start();
  const site = new Site(
    {
      shop: {
        command: ['php', 'artisan', 'task:event', '--queue=outage'],
        directory: DEMO,
        workers: 4,
        environment: {
          ACKWARDEN_BROKER_URL: broker.url,
          RABBITMQ_HOST: broker.host,
          RABBITMQ_PORT: String(broker.port),
          DEMO_STORAGE: dataDir,
        },
        start: { seconds: '500ms', retries: 1 },
        recycle: { drain: 'signal' },
        amqp: { gate: false },
      },
    },
    { broker: { url: broker.url } },
  );
  ends.push(() => site.dispose());
  await site.run();
  await site.untilRunning();

  await broker.stop();
  await site.untilEntry(({ reason }) => reason.rule === 'broker.down', 'the outage is journaled');
  // Long enough for more tries than start.retries allows.
  await site.untilStatus(
    ({ workers }) => workers.every(({ incarnation }) => (incarnation ?? 0) >= 4 || incarnation === null),
    'every worker has tried again and again',
  );
  await site.until(async () => {
    const starts = (await site.client.journal({})).filter(({ reason }) => reason.rule === 'start.brokerRetry');
    return starts.length >= 12;
  }, 'a dozen tries');
  expect((await site.client.journal({})).filter(({ action }) => action === 'fatal')).toEqual([]);

  const again = await start();
  expect(again.port).toBe(broker.port);
  await site.untilEntry(({ reason }) => reason.rule === 'broker.up', 'the end of the outage is journaled');
  await site.untilRunning();
  expect((await site.client.journal({})).filter(({ action }) => action === 'fatal')).toEqual([]);
  expect(
    (await site.client.journal({})).filter(({ reason, worker }) => reason.rule === 'broker.down' && worker === null),
  ).toHaveLength(1);
});
