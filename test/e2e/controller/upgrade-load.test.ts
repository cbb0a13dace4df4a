/** An upgrade under load: gated PHP workers on a real broker move into a new shim, and no message is lost or comes twice. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Pump } from '../gate/pump.ts';
import { doubled, openSite, readWork } from '../gate/site.ts';
import type { Site as Messages } from '../gate/site.ts';
import { buildNext, untilMoved, upgradeTo } from './next-version.ts';
import type { NextVersion } from './next-version.ts';
import { Site } from './site.ts';
import type { Run } from './site.ts';
import { wipeAfterFailures } from '../gate/wiped.ts';

const WORKER = join(import.meta.dirname, '../../fixtures/gate/worker-from-environment.php');
/** So many wait for the workers for as long as they move. */
const DEPTH = 500;

let messages: Messages;
let next: NextVersion;
let site: Site | null = null;
beforeAll(async () => {
  next = buildNext();
  messages = await openSite();
});
wipeAfterFailures(() => messages);
afterAll(async () => {
  await messages.close();
  next.remove();
});
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const logOf = (queue: string): string => join(messages.dir, `${queue}.log`);
const doneOf = (queue: string): number => new Set(readWork(logOf(queue)).done).size;

const startShop = async (queue: string): Promise<{ here: Site; run: Run; pump: Pump }> => {
  const pump = await Pump.start(messages, queue, DEPTH);
  const { username, password, hostname, port } = new URL(messages.broker.url);
  const argv = [username, password, queue, 'consume', 10, 20_000, logOf(queue)].map(String);
  const shop = {
    command: ['php', WORKER, ...argv],
    workers: 4,
    environment: { RABBITMQ_HOST: hostname, RABBITMQ_PORT: port },
    start: { seconds: '100ms' },
    recycle: { maxConcurrent: 1, stopTimeout: '10s', settle: '10ms' },
    amqp: {},
  };
  const here = (site = new Site({ shop }, { broker: { url: messages.broker.url } }));
  const run = await here.run();
  await here.untilRunning();
  await here.until(() => doneOf(queue) > 100, 'they work');
  return { here, run, pump };
};

/** All messages, which came all the while, are worked off, each by one worker, once. */
const expectExactlyOnce = async (here: Site, queue: string, pump: Pump): Promise<void> => {
  const count = await pump.stop();
  await here.until(() => doneOf(queue) >= count, 'all messages are done');
  const { started, done, again } = readWork(logOf(queue));
  expect({ doubled: doubled(done), twice: doubled(started), again, done: done.length }).toEqual({
    doubled: [],
    twice: [],
    again: [],
    done: count,
  });
};

test('every worker moves, drained; nothing is lost and nothing comes twice', async () => {
  const queue = 'upgrade';
  const { here, run, pump } = await startShop(queue);
  const old = (await here.client.status([])).controller.shimPid ?? 0;
  await upgradeTo(next, here, run);
  await untilMoved(here, old, 90_000);
  const moves = (await here.client.journal({})).filter(({ reason }) => reason.rule === 'shim.outdated');
  const moved = moves.map(({ worker }) => worker ?? '');
  expect(moved.toSorted((a, b) => a.localeCompare(b))).toEqual(['shop:0', 'shop:1', 'shop:2', 'shop:3']);
  for (const { outcome } of moves) expect(outcome?.evidence).toMatchObject({ unacknowledged: 0 });
  await expectExactlyOnce(here, queue, pump);
});

test('nor when the controller is killed in the middle of it', async () => {
  const queue = 'upgrade-killed';
  const { here, run, pump } = await startShop(queue);
  const old = (await here.client.status([])).controller.shimPid ?? 0;
  const second = await upgradeTo(next, here, run);
  await here.untilEntry(({ reason }) => reason.rule === 'shim.outdated', 'the first moves');
  second.process.kill('SIGKILL');
  await second.exited;
  await here.run();
  await untilMoved(here, old, 90_000);
  await expectExactlyOnce(here, queue, pump);
});
