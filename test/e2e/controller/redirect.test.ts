/** How workers find their gate and gates find their broker: TLS, several nodes, one variable with the whole URL. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { sign } from '../../certificates.ts';
import { fill, readWork } from '../gate/site.ts';
import { openTlsSite } from '../gate/tls-site.ts';
import type { TlsSite } from '../gate/tls-site.ts';
import { Site } from './site.ts';
import { wipeAfterFailures } from '../gate/wiped.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/gate');

let broker: TlsSite;
let site: Site;
beforeAll(async () => {
  broker = await openTlsSite();
});
wipeAfterFailures(() => broker);
afterAll(() => broker.close());
afterEach(() => site.dispose());

const logOf = (queue: string): string => join(broker.dir, `${queue}.log`);
const login = (): string => `${new URL(broker.broker.url).username}:${broker.password}`;

interface Shop {
  queue: string;

  worker: 'worker-from-environment.php' | 'worker-from-dsn.php';
  program?: Record<string, unknown>;
  broker?: Record<string, unknown>;
}

const start = async (shop: Shop): Promise<void> => {
  const from = shop.worker === 'worker-from-dsn.php' ? [] : login().split(':');
  const argv = [...from, shop.queue, 'consume', '5', '3000', logOf(shop.queue)];
  const program = {
    command: ['php', join(FIXTURES, shop.worker), ...argv],
    start: { seconds: '100ms', backoff: '100ms..200ms' },
    recycle: { settle: '10ms' },
    amqp: {},
    ...shop.program,
  };
  site = new Site({ shop: program }, shop.broker === undefined ? {} : { broker: shop.broker });
  await site.run();
};

const environmentOf = async (name: string): Promise<Record<string, string>> => {
  const { pid } = await site.worker(name);
  const pairs = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
};

const workedOff = (queue: string, count: number): Promise<void> =>
  site.until(() => new Set(readWork(logOf(queue)).done).size >= count, `all of ${queue}`);

const drainsWhenStopped = async (): Promise<void> => {
  expect((await site.cli('stop', 'all')).code).toBe(0);
  const stop = await site.untilEntry(
    ({ reason, outcome }) => reason.rule === 'command.stop' && outcome !== null,
    'it ends',
  );
  expect(stop.outcome?.evidence).toMatchObject({ unacknowledged: 0, drainMs: expect.any(Number) as number });
};

/** Everything that was written below the installation, but for workers.yaml itself. */
const written = (): string =>
  readdirSync(site.root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'workers.yaml')
    .map((entry) => readIfThere(join(entry.parentPath, entry.name)))
    .join('\n');

/** A checkpoint is written beside its name first, and may have taken it while we look. */
const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
};

test('TLS with a client certificate: plain for the worker, drained as ever, and the key is written nowhere', async () => {
  await fill(broker, 'mtls', 200);
  const { cert, key } = broker.client;
  const url = `amqps://${login()}@127.0.0.1:${broker.tlsPort}/`;
  const tls = { ca: broker.authority.cert, cert, key, serverName: 'rabbit.test' };
  await start({ queue: 'mtls', worker: 'worker-from-environment.php', broker: { url, tls } });
  await workedOff('mtls', 200);
  expect((await environmentOf('shop:0'))['RABBITMQ_PORT']).not.toBe(String(broker.tlsPort));
  const secret = readFileSync(key, 'utf8').split('\n')[1] ?? '';
  expect(secret.length).toBeGreaterThan(20);
  const check = await site.cli('check');
  expect(check.stdout).toContain(`key: ${key}`);
  expect(check.stdout + written()).not.toContain(secret);
  await drainsWhenStopped();
});

test('a broker that shows the wrong certificate is an outage with a sentence, and not a failure of the workers', async () => {
  const url = `amqps://${login()}@127.0.0.1:${broker.tlsPort}/`;
  const tls = { ca: broker.stranger.cert, serverName: 'rabbit.test' };
  await start({ queue: 'none', worker: 'worker-from-environment.php', broker: { url, tls } });
  const entry = await site.untilEntry(({ reason }) => reason.rule === 'broker.down', 'the outage is known');
  expect(entry.reason.text).toMatch(/shows a certificate that was not signed by an authority in .*stranger\.pem/);
  expect((await site.worker('shop:0')).state).not.toBe('FATAL');
});

test('a client certificate that has expired keeps the worker from starting, with a sentence', async () => {
  const { cert, key } = sign(broker.dir, broker.authority, { name: 'expired', days: -1 });
  const url = `amqps://${login()}@127.0.0.1:${broker.tlsPort}/`;
  const tls = { ca: broker.authority.cert, cert, key, serverName: 'rabbit.test' };
  await start({ queue: 'none', worker: 'worker-from-environment.php', broker: { url, tls } });
  await site.untilEntry(({ reason }) => /expired\.pem expired at /.test(reason.text), 'it is said');
});

test('the first node refuses: the gate takes the second, and nothing speaks of an outage', async () => {
  await fill(broker, 'nodes', 100);
  const { port } = broker.broker;
  const urls = [`amqp://${login()}@127.0.0.1:1/`, `amqp://${login()}@127.0.0.1:${port}/`];
  await start({ queue: 'nodes', worker: 'worker-from-environment.php', broker: { urls } });
  await workedOff('nodes', 100);
  expect((await site.client.journal({})).filter(({ action }) => action === 'broker')).toEqual([]);
  await drainsWhenStopped();
});

test('one variable holds the whole URL: it leads to the gate, the gate to its address, through its TLS', async () => {
  await fill(broker, 'dsn', 200);
  const own = `amqps://${login()}@localhost:${broker.tlsPort}/%2f/messages?cacert=${broker.authority.cert}&heartbeat=7`;
  const environment = { MESSENGER_TRANSPORT_DSN: own };
  const amqp = { dsn: 'MESSENGER_TRANSPORT_DSN' };
  await start({ queue: 'dsn', worker: 'worker-from-dsn.php', program: { environment, amqp } });
  await workedOff('dsn', 200);
  const { MESSENGER_TRANSPORT_DSN: seen, RABBITMQ_PORT: gate } = await environmentOf('shop:0');
  expect(seen).toBe(`amqp://${login()}@127.0.0.1:${gate}/%2f/messages?heartbeat=7`);
  await drainsWhenStopped();
  const journal = site.log('journal.jsonl') + site.log('shim.log');
  expect(journal).not.toContain(broker.password);
  expect((await site.cli('check')).stdout).not.toContain(broker.password);
});

test('the broker of the URL is asked whether it answers, as every other', async () => {
  const own = `amqps://${login()}@localhost:${broker.tlsPort}/%2f?cacert=${broker.stranger.cert}`;
  const program = { environment: { MESSENGER_TRANSPORT_DSN: own }, amqp: { dsn: 'MESSENGER_TRANSPORT_DSN' } };
  await start({ queue: 'none', worker: 'worker-from-dsn.php', program });
  const entry = await site.untilEntry(({ reason }) => reason.rule === 'broker.down', 'the outage is known');
  expect(entry.reason.text).toMatch(
    /localhost:\d+ \(virtual host \/\) shows a certificate that was not signed by an authority in .*stranger\.pem/,
  );
});

test('a broker that nobody can ask, having no login: the gate says itself what it finds', async () => {
  const environment = { RABBITMQ_HOST: '127.0.0.1', RABBITMQ_PORT: '1' };
  await start({ queue: 'none', worker: 'worker-from-environment.php', program: { environment } });
  const entry = await site.untilEntry(({ reason }) => reason.rule === 'gate.unreachable', 'it is journaled');
  expect(entry.action).toBe('broker');
  expect(entry.reason.text).toBe(
    `The gate of shop:0 (pid ${entry.pid}) finds no way to its broker: The broker at 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1`,
  );
});
