/** One driver's workers, recycled one after the other while they work a queue off, and what became of each message. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { JournalEntry } from '../../src/api/types.ts';
import { Site } from '../e2e/controller/site.ts';
import { doubled, fill, readWork } from '../e2e/gate/site.ts';
import type { Site as Messages, Work } from '../e2e/gate/site.ts';
import type { Driver } from './drivers.ts';

const WORKERS = 3;
/** Between the beginnings of two recycles; one that takes longer is followed at once by the next. */
const PERIOD_MS = 300;
const WORK_MS = 40_000;
const execute = promisify(execFile);

export interface Storm {
  driver: Driver;
  directory: string;
  queue: string;
  messages: number;
  /** `recycle:` of workers.yaml. */
  recycle: Record<string, unknown>;
  /** Then the rest is left to be worked off: without a gate, a storm can keep all messages in the prefetch of workers that go. */
  mostRecycles: number;
}

export interface Outcome {
  recycles: number;
  lost: number;
  /** Done more than once, or begun by two workers. */
  twice: number;
  redelivered: number;
  prefetch: number | null;
  /** The most that any worker's gate had counted: 0 where they all went past it. */
  delivered: number;
  journal: JournalEntry[];
}

export async function runStorm(broker: Messages, storm: Storm): Promise<Outcome> {
  const log = join(broker.dir, `${storm.queue}.log`);
  const environment = environmentOf(broker, storm.queue, log);
  if (storm.driver.configCached) await inApplication(storm, environment, ['php', 'artisan', 'config:cache']);
  await publish(broker, storm, environment);
  const site = new Site(
    { shop: programOf(storm, environment) },
    { broker: { url: broker.broker.url }, host: { reserve: 0, maxConcurrent: 16 } },
  );
  try {
    await site.run();
    await site.untilRunning();
    const { recycles, prefetch, delivered } = await recycleUntilDone(site, storm, () => readWork(log));
    const work = readWork(log);
    const journal = await site.client.journal({ limit: 2_000 });
    return { recycles, prefetch, delivered, ...verdictOn(work, storm.messages), journal };
  } finally {
    await site.dispose();
    if (storm.driver.configCached) await inApplication(storm, environment, ['php', 'artisan', 'config:clear']);
  }
}

function environmentOf(broker: Messages, queue: string, log: string): Record<string, string> {
  const { username, password, hostname, port } = new URL(broker.broker.url);
  return {
    RABBITMQ_HOST: hostname,
    RABBITMQ_PORT: port,
    RABBITMQ_USER: username,
    RABBITMQ_PASSWORD: password,
    RABBITMQ_QUEUE: queue,
    // Symfony names exchange and queue by the last part.
    MESSENGER_TRANSPORT_DSN: `amqp://${username}:${password}@${hostname}:${port}/%2f/${queue}`,
    COMPAT_LOG: log,
  };
}

function programOf({ driver, directory, queue, recycle }: Storm, environment: Record<string, string>): unknown {
  return {
    command: driver.command(queue),
    directory,
    workers: WORKERS,
    environment,
    start: { seconds: '100ms' },
    recycle: { overlap: true, ...recycle },
    amqp: driver.amqp,
  };
}

async function publish(broker: Messages, storm: Storm, environment: Record<string, string>): Promise<void> {
  const { driver, queue, messages } = storm;
  if (driver.publish === null) await fill(broker, queue, messages);
  else await inApplication(storm, environment, driver.publish(queue, messages));
}

async function inApplication({ directory }: Storm, environment: Record<string, string>, argv: string[]): Promise<void> {
  const [file = '', ...args] = argv;
  await execute(file, args, { cwd: directory, env: { ...process.env, ...environment } });
}

/** By the product's own command, worker after worker, as long as there is work. */
async function recycleUntilDone(
  site: Site,
  { messages, mostRecycles }: Storm,
  work: () => Work,
): Promise<Pick<Outcome, 'recycles' | 'prefetch' | 'delivered'>> {
  const done = (): number => new Set(work().done).size;
  await site.until(() => done() > 0, 'the first message is done');
  const { workers } = await site.client.status([]);
  let recycles = 0;
  let delivered = 0;
  let prefetch: number | null = null;
  while (done() < messages && recycles < mostRecycles) {
    const next = Date.now() + PERIOD_MS;
    const worker = workers[recycles % workers.length]?.name ?? '';
    const seen = await site.worker(worker);
    // A worker that has just come has no figures yet.
    prefetch = seen.prefetch ?? prefetch;
    delivered = Math.max(delivered, seen.delivered ?? 0);
    const { results } = await site.client.command({ verb: 'recycle', names: [worker] });
    for (const { name, ok, text } of results) if (!ok) throw new Error(`${name}: ${text}`);
    recycles += 1;
    await pause(Math.max(0, next - Date.now()));
  }
  // What is not done by then counts as lost.
  const latest = Date.now() + WORK_MS;
  await site.until(() => done() >= messages || Date.now() > latest, 'the rest is done', 2 * WORK_MS);
  return { recycles, prefetch, delivered };
}

function verdictOn(work: Work, messages: number): Pick<Outcome, 'lost' | 'twice' | 'redelivered'> {
  return {
    lost: messages - new Set(work.done).size,
    twice: new Set([...doubled(work.done), ...doubled(work.started)]).size,
    redelivered: work.again.length,
  };
}
