/** A message that kills each worker it is given to, on a real broker: named, told from its neighbours, and ended if the user wants that. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { openSite, readWork } from '../gate/site.ts';
import type { Site as Messages } from '../gate/site.ts';
import { Site } from './site.ts';
import { wipeAfterFailures } from '../gate/wiped.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');
const OTHERS = 50;

let messages: Messages;
let site: Site;
beforeAll(async () => {
  messages = await openSite();
});
wipeAfterFailures(() => messages);
afterAll(() => messages.close());
afterEach(() => site.dispose());

interface Row {
  queue: string;
  type?: 'classic' | 'quorum';
  mode?: 'consume' | 'get';
  body: 'kill' | 'exit';
  action: 'warn' | 'reject';
}

const logOf = (queue: string): string => join(messages.dir, `${queue}.log`);

/** The message that kills, and others behind it; what is dead-lettered goes to a queue of its own. */
const fillWith = async ({ queue, type = 'classic', body }: Row): Promise<void> => {
  const { channel } = messages;
  const deadLetters = { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': `${queue}-dead` };
  await channel.assertQueue(`${queue}-dead`, { durable: true });
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': type, ...deadLetters } });
  channel.sendToQueue(queue, Buffer.from(body), { contentType: 'text/plain', messageId: 'm-1' });
  for (let id = 0; id < OTHERS; id += 1) channel.sendToQueue(queue, Buffer.from(String(id)));
  await channel.waitForConfirms();
};

const start = async ({ queue, mode = 'consume', action }: Row): Promise<void> => {
  const { username, password, hostname, port } = new URL(messages.broker.url);
  site = new Site(
    {
      shop: {
        command: ['php', WORKER, ...[username, password, queue, mode, 10, 2_000, logOf(queue)].map(String)],
        environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port },
        start: { backoff: '100ms..1s' },
        amqp: { poison: { deaths: 3, action } },
      },
    },
    { broker: { url: messages.broker.url }, host: { reserve: 0 } },
  );
  await site.run();
};

const rows: Row[] = [
  { queue: 'poison-classic', body: 'kill', action: 'reject' },
  { queue: 'poison-quorum', type: 'quorum', body: 'kill', action: 'reject' },
  { queue: 'poison-get', mode: 'get', body: 'kill', action: 'reject' },
  { queue: 'poison-exit', body: 'exit', action: 'reject' },
];

test.each(rows)('ends in the dead-letter queue, and the program works on: $queue', async (row) => {
  const { queue } = row;
  await fillWith(row);
  await start(row);
  await site.until(() => new Set(readWork(logOf(queue)).done).size >= OTHERS, 'all the others are done', 60_000);
  await site.until(
    async () => (await messages.channel.checkQueue(`${queue}-dead`)).messageCount === 1,
    'it is dead-lettered',
  );
  const dead = await messages.channel.get(`${queue}-dead`, { noAck: true });
  expect(dead === false ? null : dead.content.toString()).toBe(row.body);
  expect(readWork(logOf(queue)).started.filter((id) => id === row.body)).toHaveLength(3);
  await site.untilRunning();
  const poisoned = ({ action }: JournalEntry): boolean => action === 'poison';
  await site.until(async () => (await site.client.journal({})).filter(poisoned).length >= 2, 'the rejection is said');
  const entries = await site.client.journal({});
  const said = entries.filter(poisoned);
  const how = row.body === 'kill' ? 'was ended by SIGKILL' : 'exited with status 255';
  const size = `${queue} \\(message-id m-1, text/plain, 4 bytes, fingerprint [\\w-]{12}\\)`;
  expect(said.map(({ reason }) => reason.text)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^3 workers of shop died working on a message of ${size} \\(workers.yaml:\\d+\\), the last of them shop:0 \\(pid \\d+\\), which ${how}; it is rejected when it comes again$`,
      ),
    ),
    expect.stringMatching(
      new RegExp(
        `^Rejected a message of ${size}, which 3 workers of shop had died on \\(workers.yaml:\\d+\\): the broker dead-letters it`,
      ),
    ),
  ]);
  expect(entries.some(({ action }) => action === 'fatal')).toBe(false);
});

test('is named and stays, unless the user says otherwise', async () => {
  const row: Row = { queue: 'poison-warn', body: 'exit', action: 'warn' };
  await fillWith(row);
  await start(row);
  const entry = await site.untilEntry(({ action }) => action === 'poison', 'it is named');
  expect(entry.reason.evidence).toMatchObject({ deaths: 3, messageId: 'm-1', queue: 'poison-warn', action: 'warn' });
  expect(entry.reason.text).toMatch(/which exited with status 255; it goes back to its queue$/);
  await site.untilEntry(({ action }) => action === 'fatal', 'nobody stops the crash loop');
  expect((await messages.channel.checkQueue('poison-warn-dead')).messageCount).toBe(0);
  await site.until(
    async () => (await messages.channel.checkQueue('poison-warn')).messageCount === OTHERS + 1,
    'all are in the queue',
  );
});
