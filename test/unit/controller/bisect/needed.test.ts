import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { neededExtensions } from '../../../../src/controller/bisect/needed.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'ackwarden needed '))));
afterEach(() => rmSync(root, { recursive: true }));

const write = (path: string, content: unknown): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
};
const needed = async (command: string[], directory = root): Promise<string[]> =>
  [...(await neededExtensions({ command, directory, environment: {}, user: null }))].toSorted();

test('what composer.json asks for, and what its packages ask for', async () => {
  write('composer.json', { require: { php: '^8.2', 'ext-Redis': '*', 'laravel/framework': '^11' } });
  write('composer.lock', {
    platform: { 'ext-redis': '*' },
    packages: [{ name: 'a', require: { 'ext-imagick': '*' } }, { name: 'b' }],
    'packages-dev': [{ name: 'c', require: { 'ext-xdebug': '*' } }],
  });
  expect(await needed(['php', 'artisan'])).toEqual(['imagick', 'redis']);
});

test.each([
  ['beside the script', ['php', 'app/artisan']],
  ['above the folder of the script', ['php', '-d', 'x=y', 'app/bin/console', 'messenger:consume']],
])('it is found %s', async (_, command) => {
  write('app/composer.json', { require: { 'ext-gd': '*' } });
  expect(await needed(command)).toEqual(['gd']);
  const absolute = command.map((word) => (word.startsWith('app/') ? join(root, word) : word));
  expect(await needed(absolute, '/')).toEqual(['gd']);
});

test('where there is no composer, or one that cannot be read, nothing is known', async () => {
  expect(await needed(['php', 'artisan'])).toEqual([]);
  write('composer.json', 'no json');
  write('composer.lock', { packages: [{ require: { 'ext-gd': '*' } }] });
  expect(await needed(['php', 'artisan'])).toEqual(['gd']);
});
