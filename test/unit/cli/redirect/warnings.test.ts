import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRedirects } from '../../../../src/cli/doctor/redirect.ts';
import { readIfThere, redirectWarnings } from '../../../../src/cli/redirect/warnings.ts';
import type { Warning } from '../../../../src/cli/redirect/warnings.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import type { Config } from '../../../../src/config/types.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden-redirect-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};

const load = (
  program: Record<string, unknown>,
  broker: Record<string, unknown> = { url: 'amqp://u:hush@h/' },
): Config => {
  const shop = { command: 'php artisan queue:work', amqp: {}, ...program };
  write('workers.yaml', JSON.stringify({ version: 1, broker, programs: { shop } }));
  const loaded = loadConfig(join(folder, 'workers.yaml'), {}, { uid: 0, home: '/root' });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ text }) => text).join('\n'));
  return loaded.config;
};

const warned = (program: Record<string, unknown> = {}, broker?: Record<string, unknown>): Warning[] =>
  redirectWarnings(load(program, broker), readIfThere);

describe('a command that goes elsewhere', () => {
  it('is named with what to write instead', () =>
    expect(warned({ command: 'docker exec app php artisan queue:work' })).toEqual([
      {
        path: ['programs', 'shop', 'command'],
        text: 'docker starts the worker in a container or another network namespace',
        consequence: 'it cannot reach its gate on 127.0.0.1, and the variables do not arrive',
        remedy: 'write recycle: { drain: signal }, or run ackwarden where the worker runs',
      },
    ]));

  it.each([{ recycle: { drain: 'signal' } }, { amqp: { gate: false } }, { amqp: null }])('is fine with %j', (program) =>
    expect(warned({ command: 'docker exec app php artisan', ...program })).toEqual([]),
  );
});

describe('a certificate that nobody verifies', () => {
  it.each([
    [{ url: 'amqps://h/', tls: { verify: false } }, {}, 'broker.tls.verify'],
    [undefined, { broker: { url: 'amqps://h/', tls: { verify: false } } }, 'programs.shop.broker.tls.verify'],
    [
      undefined,
      { amqp: { dsn: 'DSN' }, environment: { DSN: 'amqps://u:hush@h/?verify=0' } },
      'programs.shop.environment.DSN',
    ],
  ])('is said: %j %j', (broker, program, path) => {
    const found = warned(program, broker);
    expect(found.map((warning) => warning.path.join('.'))).toEqual([path]);
    expect(JSON.stringify(found)).not.toContain('hush');
  });

  it('is said once of the broker at the top, whose TLS a URL takes', () =>
    expect(
      warned(
        { amqp: { dsn: 'DSN' }, environment: { DSN: 'amqps://u:p@other/' } },
        { url: 'amqps://h/', tls: { verify: false } },
      ).map(({ path }) => path.join('.')),
    ).toEqual(['broker.tls.verify']));

  it('is not said of one that is', () => expect(warned({}, { url: 'amqps://h/', tls: {} })).toEqual([]));
});

const connection = (inner: string): string => `<?php
// 'driver' => 'rabbitmq', 'host' => env('COMMENTED')
return ['default' => env('QUEUE_CONNECTION', 'sync'), 'connections' => [
  'redis' => ['driver' => 'redis', 'host' => env('REDIS_HOST')],
  'rabbitmq' => ['driver' => 'rabbitmq', 'queue' => env('RABBITMQ_QUEUE', 'a]b'), ${inner}],
]];
`;
const OWN =
  "'host' => env('RABBITMQ_HOST', '127.0.0.1'), 'port' => env('RABBITMQ_PORT', 5672), 'user' => env('RABBITMQ_USER')";

describe('a config/queue.php that reads other variables', () => {
  it.each([
    [
      "'hosts' => [['host' => env('MQ_HOST', 'h'), 'port' => env('RABBITMQ_PORT')]]",
      'reads the host of its rabbitmq connection from MQ_HOST, not from RABBITMQ_HOST',
      'write amqp: { host: MQ_HOST }',
    ],
    [
      "'host' => env('RABBITMQ_HOST'), 'port' => env('MQ_PORT', 5672)",
      'reads the port of its rabbitmq connection from MQ_PORT, not from RABBITMQ_PORT',
      'write amqp: { port: MQ_PORT }',
    ],
    [
      "'host' => 'rabbit.internal', # env('RABBITMQ_HOST')\n'port' => 5672",
      'gives its rabbitmq connection the fixed host rabbit.internal',
      "write env('RABBITMQ_HOST', 'rabbit.internal') there",
    ],
    [
      "'host' => env('RABBITMQ_HOST'), 'port' => 5672",
      'gives its rabbitmq connection the fixed port 5672',
      "write env('RABBITMQ_PORT', '5672') there",
    ],
    [
      `'hosts' => [[${OWN}], ['host' => env('SECOND_HOST'), 'port' => 1]]`,
      'reads the host of its rabbitmq connection from SECOND_HOST, not from RABBITMQ_HOST',
      'write amqp: { host: SECOND_HOST }',
    ],
  ])('%s', (inner, text, remedy) => {
    write('config/queue.php', connection(inner));
    const consequence = 'the worker goes past its gate';
    expect(warned()).toEqual([
      { path: ['programs', 'shop', 'amqp'], text: `${join(folder, 'config/queue.php')} ${text}`, consequence, remedy },
    ]);
  });

  it('is not read for a worker that is elsewhere', () => {
    write('config/queue.php', connection("'host' => 'x', 'port' => 1"));
    expect(warned({ command: 'ssh h php artisan queue:work' }).map(({ path }) => path.at(-1))).toEqual(['command']);
  });

  it.each([
    ['the defaults', OWN, {}],
    ['hosts of its own', `'hosts' => [[${OWN}]]`, {}],
    ['the variables of amqp', "'host' => env('MQ'), 'port' => getenv('MQP')", { amqp: { host: 'MQ', port: 'MQP' } }],
    ['what is not understood', "'host' => config('services.mq.host'), 'port' => $port", {}],
    ['no host at all', "'dsn' => env('RABBITMQ_DSN')", {}],
    ['a URL', "'url' => env('MQ_URL'), 'host' => 'x'", { amqp: { dsn: 'MQ_URL' } }],
    ['no artisan', "'host' => 'x'", { command: 'php worker.php' }],
    ['no gate', "'host' => 'x'", { amqp: { gate: false } }],
    ['one of two connections', `'host' => 'x'], 'other' => ['driver' => "rabbitmq", ${OWN}`, {}],
  ])('nothing is said of %s', (_, inner, program) => {
    write('config/queue.php', connection(inner));
    expect(warned(program)).toEqual([]);
  });

  it.each(['', '<?php', "<?php return ['driver' => 'rabbitmq'", "'driver' => 'rabbitmq', 'host' =>"])(
    'nor of %j',
    (php) => {
      write('config/queue.php', php);
      expect(warned()).toEqual([]);
    },
  );

  it('is looked for beside artisan', () => {
    write('app/config/queue.php', connection("'host' => 'x', 'port' => 1"));
    expect(warned({ command: 'php app/artisan queue:work' })).toHaveLength(1);
    expect(warned({ directory: 'app' })).toHaveLength(1);
  });
});

describe('doctor, of a cached configuration', () => {
  const checks = (program: Record<string, unknown> = {}) =>
    checkRedirects(load(program), readIfThere).map(({ id, level, text, consequence }) => [
      id,
      level,
      consequence ?? text,
    ]);

  it.each([
    ['with .env', {}, 'ok', /its workers read config\/\*\.php and \.env instead, to find their gates$/],
    [
      'with a cache of its own',
      { environment: { APP_CONFIG_CACHE: '/c.php' } },
      'note',
      /its APP_CONFIG_CACHE is \/c\.php/,
    ],
  ])('%s', (_, program, level, text) => {
    write('bootstrap/cache/config.php', '<?php');
    write('.env', 'A=b');
    expect(checks(program)).toEqual([['cachedConfig', level, expect.stringMatching(text) as string]]);
  });

  it('without .env', () => {
    write('bootstrap/cache/config.php', '<?php');
    expect(checks()).toEqual([['cachedConfig', 'note', expect.stringContaining('there is no .env here') as string]]);
    expect(checks({ amqp: { gate: false } })).toEqual([]);
  });

  it('and without a cache', () => expect(checks()).toEqual([]));

  it('says what check warns of', () =>
    expect(checks({ command: 'ssh h php artisan' })[0]?.slice(0, 2)).toEqual(['redirect', 'note']));
});
