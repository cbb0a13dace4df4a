import { describe, expect, it } from 'vitest';
import { interpreterOf } from '../../../src/php/interpreter.ts';

const GUESS = { words: ['php'], options: [], isGuess: true };
const found = (words: string, options = ''): object => ({
  words: words.split(' '),
  options: options === '' ? [] : options.split(' '),
  isGuess: false,
});

describe('which PHP a command runs', () => {
  it.each([
    ['php artisan queue:work', found('php')],
    ['/usr/bin/php8.2 -d x=y artisan -d later', found('/usr/bin/php8.2', '-d x=y')],
    ['php-8.3-cli x.php', found('php-8.3-cli')],
    [
      'php -c /etc/own.ini -n -q -dfoo=1 --define a=b x.php -n',
      found('php', '-c /etc/own.ini -n -dfoo=1 --define a=b'),
    ],
    ['php -r code -n', found('php')],
    ['php -- -n', found('php')],
    ['php -d', { words: ['php'], options: ['-d', ''], isGuess: false }],
    ['env FOO=1 php x.php', found('env FOO=1 php')],
    ['/usr/bin/env -i nice -n 5 php8.2 -n x.php', found('/usr/bin/env -i nice -n 5 php8.2', '-n')],
    ['env FOO=1 ./run.sh', GUESS],
    ['./run.sh php', GUESS],
    ['phpunit --x', GUESS],
    ['sh -c php', GUESS],
  ])('%s', (command, expected) => expect(interpreterOf(command.split(' '))).toEqual(expected));

  it('is what the first line of a script names', () => {
    const artisan = ['./artisan', '-n'];
    expect(interpreterOf(artisan, ['/usr/bin/env', 'php'])).toEqual(found('/usr/bin/env php'));
    expect(interpreterOf(artisan, ['/usr/bin/php8.1', '-d', 'a=b'])).toEqual(found('/usr/bin/php8.1', '-d a=b'));
    expect(interpreterOf(artisan, ['/bin/sh'])).toEqual(GUESS);
    expect(interpreterOf(['php', 'x'], ['/usr/bin/python'])).toEqual(found('php'));
  });
});
