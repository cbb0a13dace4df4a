import { describe, expect, it } from 'vitest';
import { isSecretName, maskCommand, maskConfig, maskLine, maskUrls, maskValue } from '../../../src/config/mask.ts';
import { configOf, shop } from './files.ts';

describe('secrets', () => {
  it.each([
    'DB_PASSWORD',
    'APP_KEY',
    'AWS_SECRET_ACCESS_KEY',
    'API_TOKEN',
    'apiKey',
    'SENTRY_DSN',
    'DB_PWD',
    'db.pass',
    'MAIL_PASSWD',
  ])('%s is secret', (name) => expect(isSecretName(name)).toBe(true));

  it.each(['PATH', 'PWD', 'KEYBOARD', 'QUEUE', 'APP_ENV', 'MONKEY_NAME', 'tokenFile', 'DB_PASSWORD_FILE', 'COMPASS'])(
    '%s is not',
    (name) => expect(isSecretName(name)).toBe(false),
  );

  it.each([
    ['amqp://guest:guest@h:5672/', 'amqp://guest:***@h:5672/'],
    ['x redis://:pw@h and mysql://u:p@h/db', 'x redis://:***@h and mysql://u:***@h/db'],
    ['https://h/x?token=abc&page=2', 'https://h/x?token=***&page=2'],
    ['https://h:8080/a@b', 'https://h:8080/a@b'],
    ['amqp://h/', 'amqp://h/'],
  ])('%s is shown as %s', (text, shown) => expect(maskUrls(text)).toBe(shown));

  it.each([
    ['APP_KEY', 'base64:x', '***'],
    ['APP_KEY', '', ''],
    ['APP_URL', 'http://u:p@h', 'http://u:***@h'],
    ['APP_ENV', 'local', 'local'],
  ])('%s=%s', (name, value, shown) => expect(maskValue(name, value)).toBe(shown));

  it('hides options of a command', () =>
    expect(
      maskCommand([
        'php',
        '--password=x',
        '--token',
        'y',
        '--queue',
        'z',
        'APP_KEY=q',
        'amqp://a:b@h',
        '--token',
        '-v',
      ]),
    ).toEqual([
      'php',
      '--password=***',
      '--token',
      '***',
      '--queue',
      'z',
      'APP_KEY=***',
      'amqp://a:***@h',
      '--token',
      '-v',
    ]));

  it.each([
    ['  DB_PASSWORD: hunter2', '  DB_PASSWORD: ***'],
    ['  environment: { DB_PASSWORD: hunter2, A: b }', '  environment: { DB_PASSWORD: ***, A: b }'],
    ['  DB_PASSWORD: "hunter2 x" # why', '  DB_PASSWORD: *** # why'],
    ['  DB_PASSWORD: ${DB_PASSWORD}', '  DB_PASSWORD: ${DB_PASSWORD}'],
    ['command: php x --password=hunter2', 'command: php x --password=***'],
    ['hard: 512MiB', 'hard: 512MiB'],
  ])('the line %s is quoted as %s', (line, shown) => expect(maskLine(line)).toBe(shown));

  it('leave no trace in a configuration that is shown', () => {
    const config = configOf(
      `broker: { urls: ["amqp://u:hunter2@a/", "amqp://u:hunter2@b/"] }\n${shop(`environment: { DB_PASSWORD: hunter2, URL: "redis://:hunter2@h" }
broker: { url: "amqp://u:hunter2@c/" }
php: { ini: { redis.auth: hunter2 } }`).replace('php x', 'php x --password=hunter2')}`,
    );
    expect(JSON.stringify(config)).toContain('hunter2');
    expect(JSON.stringify(maskConfig(config))).not.toContain('hunter2');
  });
});
