/** With a PHP that is made up: it tells what it is to load from the ini files that it is led to. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runWithout } from '../../../src/php/disable.ts';
import type { Without } from '../../../src/php/disable.ts';
import { FAKE_PHP } from './fake-php.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ackwarden php '));
  for (const folder of ['bin', 'etc/conf.d', 'own']) mkdirSync(join(home, folder), { recursive: true });
  fake({});
  writeFileSync(join(home, 'bin/php'), FAKE_PHP);
  chmodSync(join(home, 'bin/php'), 0o755);
  file('etc/php.ini', 'memory_limit=1G\n');
  file('etc/conf.d/10-a.ini', 'extension=a\n');
  file('etc/conf.d/20-b.ini', 'extension=b\nb.key=secret\n');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const file = (path: string, text: string): void => writeFileSync(join(home, path), text);
const fake = (how: object): void => file('fake.json', JSON.stringify(how));
const run = (
  names: string[],
  environment: Record<string, string> = {},
  command = ['php', 'artisan'],
): Promise<Without> =>
  runWithout(
    names,
    {
      command,
      environment: { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, ...environment },
      directory: home,
      user: null,
    },
    join(home, 'private'),
  );

describe('a program that is to run without an extension', () => {
  it('is led to links to all ini files and to copies without the line', async () => {
    chmodSync(join(home, 'etc/conf.d/20-b.ini'), 0o640);
    const { variables, troubles, version } = await run(['b']);
    const scan = join(home, 'private/scan-0');
    expect({ variables, troubles, version }).toEqual({
      variables: { PHP_INI_SCAN_DIR: scan },
      troubles: [],
      version: '8.2.0',
    });
    expect(readlinkSync(join(scan, '10-a.ini'))).toBe(join(home, 'etc/conf.d/10-a.ini'));
    expect(readFileSync(join(scan, '20-b.ini'), 'utf8')).toBe('; php.disableExtensions: extension=b\nb.key=secret\n');
    expect(statSync(join(scan, '20-b.ini')).mode & 0o777).toBe(0o640);
  });

  it('keeps the scan directories of its environment, in their order', async () => {
    file('own/50-c.ini', 'extension=c\n');
    const { variables, troubles } = await run(['c'], { PHP_INI_SCAN_DIR: `${join(home, 'own')}:` });
    expect(variables['PHP_INI_SCAN_DIR']).toBe(
      ['scan-0', 'scan-1'].map((name) => join(home, 'private', name)).join(':'),
    );
    expect(readdirSync(join(home, 'private/scan-0'))).toEqual(['50-c.ini']);
    expect(troubles).toEqual([]);
  });

  it('is led to a copy of the main php.ini where that loads it, and to no folder where none is scanned', async () => {
    file('etc/php.ini', 'memory_limit=1G\nextension=main\n');
    const { variables, troubles } = await run(['main'], { PHP_INI_SCAN_DIR: '' });
    expect(variables).toEqual({ PHP_INI_SCAN_DIR: '', PHPRC: join(home, 'private/main') });
    expect(readFileSync(join(home, 'private/main/php.ini'), 'utf8')).toContain('memory_limit=1G\n; php.dis');
    expect(troubles).toEqual([]);
  });

  it('loses what is left of an earlier look', async () => {
    file('etc/php.ini', 'extension=main\n');
    await run(['main', 'b']);
    file('etc/php.ini', '');
    rmSync(join(home, 'etc/conf.d/10-a.ini'));
    await run(['b']);
    expect(readdirSync(join(home, 'private'))).toEqual(['scan-0']);
    expect(readdirSync(join(home, 'private/scan-0'))).toEqual(['20-b.ini']);
    file('etc/conf.d/20-b.ini', '');
    file('etc/conf.d/10-a.ini', 'extension=a\n');
    await run(['a']);
    expect(readlinkSync(join(home, 'private/scan-0/20-b.ini'))).toBe(join(home, 'etc/conf.d/20-b.ini'));
  });
});

describe('what it cannot do', () => {
  it('is told of what is not loaded, and nothing is made for it', async () => {
    const { variables, troubles } = await run(['z']);
    expect({ variables, troubles }).toEqual({
      variables: {},
      troubles: [{ rule: 'php.notLoaded', extensions: ['z'] }],
    });
  });

  it('is told of what is compiled in', async () => {
    fake({ builtIn: ['core'] });
    const { troubles } = await run(['core', 'a']);
    expect(troubles).toEqual([{ rule: 'php.stillLoaded', extensions: ['core'], why: 'compiled into this PHP' }]);
  });

  it('is told of what went with it', async () => {
    fake({ needs: { b: ['a'] } });
    expect((await run(['a'])).troubles).toEqual([{ rule: 'php.alsoGone', extensions: ['b'] }]);
  });

  it('is told where the command names the file that loads it', async () => {
    file('own.ini', 'extension=own\n');
    const own = join(home, 'own.ini');
    expect((await run(['own'], {}, ['php', '-c', own, 'artisan'])).troubles).toEqual([
      {
        rule: 'php.stillLoaded',
        extensions: ['own'],
        why: `loaded by ${own}, which the command names with -c: take the line out of it, or -c out of the command`,
      },
    ]);
  });

  it('is not led to files that PHP cannot read: it would be without all the others, too', async () => {
    fake({ blind: true });
    const { variables, troubles } = await run(['a']);
    expect({ variables, troubles }).toEqual({
      variables: {},
      troubles: [
        {
          rule: 'php.notAsked',
          text: `PHP cannot read the files in ${join(home, 'private')}: check the permissions of the folders above`,
        },
      ],
    });
  });

  it('asks the PHP that the first line of a script names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ackwarden-php-'));
    writeFileSync(join(folder, 'php8.1'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    writeFileSync(join(home, 'artisan'), `#!${join(folder, 'php8.1')}\n<?php\n`, { mode: 0o755 });
    const { troubles } = await run(['a'], {}, ['./artisan', 'queue:work']);
    rmSync(folder, { recursive: true });
    expect(troubles).toEqual([
      { rule: 'php.notAsked', text: `${join(folder, 'php8.1')} exited with status 7 without an answer` },
    ]);
  });

  it('is told why PHP did not answer, and is asked again', async () => {
    file('bin/php', '#!/bin/sh\necho broken >&2\nexit 3\n');
    expect(await run(['a'])).toEqual({
      variables: {},
      version: null,
      paths: null,
      troubles: [{ rule: 'php.notAsked', text: 'php exited with status 3 without an answer (broken)' }],
    });
  });

  it('finds the answer among what extensions print', async () => {
    fake({ prints: '\nWarning: <b>noise</b>\n' });
    expect((await run(['a'])).troubles).toEqual([]);
  });
});

it('names what the answer depends on', async () => {
  const { paths } = await run(['a']);
  expect(paths).toEqual([
    join(home, 'bin/php'),
    join(home, 'etc/php.ini'),
    join(home, 'etc'),
    join(home, 'etc/conf.d'),
    join(home, 'etc/conf.d/10-a.ini'),
    join(home, 'etc/conf.d/20-b.ini'),
    join(home, 'private/scan-0'),
  ]);
});
