/** With a PHP that is made up: what is chosen of what it loads, and what cannot be. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { suspectsFor } from '../../../../src/controller/bisect/suspects.ts';
import type { Suspects } from '../../../../src/controller/bisect/suspects.ts';
import { FAKE_PHP } from '../../php/fake-php.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ackwarden suspects '));
  for (const folder of ['bin', 'etc/conf.d', 'data']) mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, 'bin/php'), FAKE_PHP);
  chmodSync(join(home, 'bin/php'), 0o755);
  leaks({ extension: 'ddtrace', affected: '=0.99.0' });
});
afterEach(() => rmSync(home, { recursive: true }));

const leaks = (...entries: object[]): void => {
  const common = { symptom: 's', zend: 'no', remedy: 'upgrade', link: 'https://x.example/1' };
  const advisories = entries.map((entry, at) => ({ id: `id-${at}`, ...common, ...entry }));
  writeFileSync(join(home, 'leaks.yaml'), JSON.stringify({ advisories }));
};
const loads = (names: string[], how: object = {}): void => {
  writeFileSync(join(home, 'fake.json'), JSON.stringify(how));
  for (const [at, name] of names.entries())
    writeFileSync(join(home, `etc/conf.d/${at}-${name}.ini`), `extension=${name}\n`);
};
const ask = (asked: string[] | null = null, atOnce = 4): Promise<Suspects> => {
  const place = {
    command: ['php', 'artisan'],
    environment: { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}` },
    directory: home,
    user: null,
  };
  const advisories = [join(home, 'leaks.yaml')];
  return suspectsFor({ asked, program: 'shop', place, dataDir: join(home, 'data'), advisories, atOnce });
};
const namesOf = ({ suspects }: Suspects): string[] => suspects.map(({ extension }) => extension);

test('the known leak, the onlooker, and of the rest as many as there is room for', async () => {
  loads(['own', 'xdebug', 'ddtrace', 'pdo', 'calendar'], { versions: { ddtrace: '0.99.0', own: '1.0' } });
  const found = await ask(null, 3);
  expect(found.suspects).toEqual([
    { extension: 'ddtrace', why: '0.99.0 is known to leak: s (id-0)' },
    { extension: 'xdebug', why: 'it looks on from inside PHP, as agents, profilers and debuggers do' },
    { extension: 'own', why: 'it is loaded, and code is not known to call it' },
  ]);
  expect(namesOf(await ask(null, 1))).toEqual(['ddtrace', 'xdebug']);
  expect(existsSync(join(home, 'data/php/shop.bisect'))).toBe(false);
});

test('a version that does not leak, or is not told, is no known leak', async () => {
  loads(['ddtrace'], { versions: { ddtrace: '1.0.0' } });
  expect((await ask()).suspects[0]?.why).toContain('looks on');
  loads(['ddtrace']);
  expect((await ask()).suspects[0]?.why).toContain('looks on');
});

test('what is compiled in, and what others need, is left out', async () => {
  loads(['own', 'base', 'user'], { builtIn: ['newrelic'], needs: { user: ['base'] } });
  expect(namesOf(await ask())).toEqual(['own', 'user']);
});

test('what composer.json asks for is left out; a known leak of it is told with its remedy', async () => {
  loads(['own', 'other'], { versions: { own: '1' } });
  leaks({ extension: 'own', affected: '*' });
  writeFileSync(join(home, 'composer.json'), JSON.stringify({ require: { 'ext-own': '*' } }));
  const { suspects, spared } = await ask();
  expect(suspects.map(({ extension }) => extension)).toEqual(['other']);
  expect(spared).toEqual([
    { extension: 'own', text: 'own 1 is known to leak (id-0: s), and is not tried because code calls it; upgrade' },
  ]);
});

test('a leak of a helper process is none that a canary would show', async () => {
  loads(['ddtrace'], { versions: { ddtrace: '0.99.0' } });
  leaks({ extension: 'ddtrace', affected: '*', helper: 'datadog-ipc-helper' });
  expect((await ask()).suspects[0]?.why).toContain('looks on');
});

test.each<[string, string[], string[] | null, RegExp]>([
  [
    'none of them can go',
    ['pdo'],
    null,
    /^shop loads no extension that .*name those to be tried: --suspects a,b \(loaded: pdo\)/,
  ],
  [
    'one that was named is not there',
    ['own'],
    ['own', 'nothing'],
    /^nothing cannot be taken away from shop: its PHP does not load it/,
  ],
])('%s: nothing is begun', async (_, loaded, asked, text) => {
  loads(loaded);
  await expect(ask(asked)).rejects.toThrow(text);
});

test('those that are named are tried whatever they are, each once', async () => {
  loads(['own', 'redis']);
  expect((await ask(['redis', 'Redis.so'])).suspects).toEqual([{ extension: 'Redis.so', why: 'it was named' }]);
});

test('a list of leaks that cannot be used says so', async () => {
  loads(['own']);
  writeFileSync(join(home, 'leaks.yaml'), 'advisories: 3');
  await expect(ask()).rejects.toThrow(/leaks\.yaml: advisories: /);
});
