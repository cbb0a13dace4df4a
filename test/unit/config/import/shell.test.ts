import { describe, expect, it } from 'vitest';
import { endsInExec, isRabbitConsumer, plainCommand, shellScript } from '../../../../src/config/import/shell.ts';

describe('shells', () => {
  it.each([
    [['sh', '-c', 'a b'], 'a b'],
    [['/bin/bash', '-lc', 'a'], 'a'],
    [['bash', '-e', '-c', 'a'], 'a'],
    [['bash', '/srv/run.sh', '-c', 'a'], null],
    [['php', '-c', 'php.ini'], null],
    [['sh', '-c'], null],
  ])('%j runs %j', (argv, script) => expect(shellScript(argv)).toBe(script));

  it.each([
    ['exec php a', true],
    ['cd /srv && exec php a', true],
    ['cd /srv; exec php a', true],
    ['exec php a && php b', false],
    ['php a', false],
    ['echo exec', false],
  ])('%j gives its place away: %s', (script, expected) => expect(endsInExec(script)).toBe(expected));

  it.each([
    ["php artisan x --q='a b'", ['php', 'artisan', 'x', '--q=a b']],
    ['php a && php b', null],
    ['cd /srv', null],
    ['php a > /log', null],
    ['php $X', null],
    ['ls *.php', null],
    ['A=1 php a', null],
  ])('%j as a plain command: %j', (script, words) => expect(plainCommand(script)).toEqual(words));
});

describe('consumers', () => {
  it.each([
    ['php artisan rabbitmq:consume --queue=a', true],
    ['php artisan queue:work rabbitmq', true],
    ['php bin/console messenger:consume amqp_orders', true],
    ['php artisan queue:work redis', false],
    ['rabbitmq-server', false],
    ['php artisan queue:work', false],
  ])('%s: %s', (command, expected) => expect(isRabbitConsumer(command.split(' '))).toBe(expected));
});
