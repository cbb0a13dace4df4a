import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { specOf } from '../../../src/controller/spawn-spec.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeRoot();
});
afterEach(() => folder.remove());

const endpoint = { url: 'amqp://u:p@127.0.0.1:5999/', host: '127.0.0.1', port: 5999 };
const spawn = {
  type: 'spawn',
  worker: 'shop:0',
  incarnation: 'shop:0#3',
  number: 3,
  role: 'current',
  spec: '1.a',
  cause: 'e-1',
} as const;

const build = (
  program: Record<string, unknown> = {},
  from: {
    inherited?: NodeJS.ProcessEnv;
    iniDirectory?: string | null;
    worker?: string;
    top?: Record<string, unknown>;
  } = {},
): SpawnSpec | null =>
  specOf(
    { ...spawn, worker: from.worker ?? 'shop:0' },
    {
      config: configOf(folder.root, { shop: { command: 'sleep 1000', directory: '/', ...program } }, from.top),
      inherited: from.inherited ?? {},
      endpoint,
      iniDirectory: from.iniDirectory ?? null,
    },
  );

describe('the environment of a worker', () => {
  test.each([
    'NOTIFY_SOCKET',
    'WATCHDOG_USEC',
    'WATCHDOG_PID',
    'LISTEN_FDS',
    'LISTEN_PID',
    'NODE_OPTIONS',
    'NODE_CHANNEL_FD',
    'NODE_V8_COVERAGE',
    'INVOCATION_ID',
    'JOURNAL_STREAM',
    'npm_config_cache',
    'INIT_CWD',
  ])('%s is ours and stays here', (name) => {
    expect(build({}, { inherited: { [name]: '1', KEPT: 'yes' } })?.environment).not.toHaveProperty(name);
  });

  test.each(['PATH', 'KEPT', 'NODE_ENV', 'LISTENER', 'MY_NODE_OPTIONS'])('%s is passed on', (name) => {
    expect(build({}, { inherited: { [name]: 'x' } })?.environment[name]).toBe('x');
  });

  test('workers.yaml wins over what is inherited, our two names over everything', () => {
    const environment = { A: 'file', ACKWARDEN_WORKER: 'lie', SUPERVISOR_ENABLED: '0' };
    expect(build({ environment }, { inherited: { A: 'inherited' } })?.environment).toMatchObject({
      A: 'file',
      ACKWARDEN_WORKER: 'shop:0',
      ACKWARDEN_INCARNATION: 'shop:0#3',
      SUPERVISOR_ENABLED: '0',
    });
  });

  test.each([
    [{}, {}, ':/ini'],
    [{ PHP_INI_SCAN_DIR: '/inherited' }, {}, '/inherited:/ini'],
    [{ PHP_INI_SCAN_DIR: '' }, {}, '/ini'],
    [{ PHP_INI_SCAN_DIR: '/inherited' }, { PHP_INI_SCAN_DIR: '/file' }, '/file:/ini'],
  ])('the ini directory comes after the scan directories of the user: %j %j', (inherited, environment, expected) => {
    expect(build({ environment }, { inherited, iniDirectory: '/ini' })?.environment['PHP_INI_SCAN_DIR']).toBe(expected);
  });

  test('the embedded broker is told to programs that speak AMQP, and to no other', () => {
    expect(build({ amqp: {} })?.environment).toMatchObject({
      RABBITMQ_HOST: '127.0.0.1',
      RABBITMQ_PORT: '5999',
      ACKWARDEN_BROKER_URL: endpoint.url,
    });
    expect(JSON.stringify(build())).not.toContain('5999');
  });
});

test('the note carries the spec that was ordered, so that a later controller can tell whether it is out of date', () => {
  expect(build({ amqp: {} })?.note.specHash).toBe('1.a');
});

test('a worker that is not configured has no spec', () => {
  expect(build({}, { worker: 'shop:7' })).toBeNull();
});

describe('the gate', () => {
  const EMBEDDED = { top: { broker: { embedded: true } } };
  const GATE = {
    upstreams: [{ host: '127.0.0.1', port: 5999, tls: null }],
    hostVariable: 'RABBITMQ_HOST',
    portVariable: 'RABBITMQ_PORT',
    dsn: null,
    poison: { deaths: 3, action: 'warn', exitCodes: [0] },
  };

  test.each([
    ['leads to the embedded broker', { amqp: { prefetch: 5 } }, EMBEDDED, { ...GATE, prefetch: 5 }],
    [
      'rejects a message that kills',
      { amqp: { poison: { deaths: 2, action: 'reject' } }, start: { exitCodes: [0, 12] } },
      EMBEDDED,
      { ...GATE, prefetch: null, poison: { deaths: 2, action: 'reject', exitCodes: [0, 12] } },
    ],
    ['is not asked for', { amqp: { gate: false } }, EMBEDDED, null],
    ['is not there without AMQP', {}, EMBEDDED, null],
    [
      'leads where the environment says',
      { amqp: { host: 'MQ' }, environment: { MQ: 'rabbit', RABBITMQ_PORT: '7' } },
      {},
      { ...GATE, upstreams: [{ host: 'rabbit', port: 7, tls: null }], hostVariable: 'MQ', prefetch: null },
    ],
    [
      'leads where the URL says that the worker reads',
      { amqp: { dsn: 'DSN' }, environment: { DSN: 'amqp://u:p@rabbit/shop' } },
      EMBEDDED,
      {
        ...GATE,
        upstreams: [{ host: 'rabbit', port: 5672, tls: null }],
        dsn: { variable: 'DSN', before: 'amqp://u:p@', after: '/shop' },
        prefetch: null,
      },
    ],
    [
      'is put into a URL of the embedded broker',
      { amqp: { dsn: 'DSN' } },
      EMBEDDED,
      { ...GATE, dsn: { variable: 'DSN', before: 'amqp://u:p@', after: '/%2f' }, prefetch: null },
    ],
  ])('%s', (_, program, from, expected) => {
    const spec = build(program, from);
    expect(spec?.gate).toEqual(expected);
    expect(spec?.hardPlan.quiesce).toBe(expected !== null);
  });

  test.each([
    ['php artisan queue:work', {}, /\/no-cached-config\.php$/],
    ['php /srv/app/artisan queue:work', {}, /\/no-cached-config\.php$/],
    ['php artisan queue:work', { APP_CONFIG_CACHE: '/own.php' }, /^\/own\.php$/],
    ['php artisanal.php', {}, null],
    ['php worker.php', {}, null],
  ])('%s %j is shown no cached configuration with another address in it', (command, environment, expected) => {
    const found = build({ command, environment, amqp: {} }, EMBEDDED)?.environment['APP_CONFIG_CACHE'];
    if (expected === null) expect(found).toBeUndefined();
    else expect(found).toMatch(expected);
    expect(build({ command, amqp: { gate: false } }, EMBEDDED)?.environment).not.toHaveProperty('APP_CONFIG_CACHE');
  });
});
