/** How often a worker's PHP is asked; what it answers is for test/unit/php and test/e2e/php. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PhpExtensions } from '../../../src/controller/php-extensions.ts';
import type { ProgramConfig } from '../../../src/config/types.ts';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let home: string;
let folder: Folder;
let said: string[];
let extensions: PhpExtensions;
beforeEach(() => {
  folder = makeRoot();
  home = mkdtempSync(join(tmpdir(), 'ackwarden php '));
  mkdirSync(join(home, 'conf.d'));
  writeFileSync(join(home, 'conf.d/a.ini'), 'extension=a\n');
  answers(['a'], []);
  said = [];
  extensions = new PhpExtensions(folder.root, (rule, _evidence, { name }) => said.push(`${rule} ${name}`));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
  folder.remove();
});

/** What it loads by itself, and with the private files. */
function answers(usual: string[], inside: string[]): void {
  const answer = (loaded: string[], scan: string): string => {
    const facts = { version: '8', scanFolder: join(home, 'conf.d'), 'scanned[0]': join(scan, 'a.ini') };
    const names = Object.fromEntries(loaded.map((name, at) => [`extensions[${at}]`, name]));
    return `<ackwarden>${new URLSearchParams({ ...facts, ...names }).toString()}</ackwarden>`;
  };
  const lines = [
    '#!/bin/sh',
    `echo asked >>'${home}/asked'`,
    `case "$PHP_INI_SCAN_DIR" in`,
    `*private*) echo '${answer(inside, '/private')}' ;;`,
    `*) echo '${answer(usual, join(home, 'conf.d'))}' ;;`,
    'esac',
  ];
  writeFileSync(join(home, 'php'), lines.join('\n'));
  chmodSync(join(home, 'php'), 0o755);
}

const asked = (): number => readFileSync(join(home, 'asked'), 'utf8').split('\n').length - 1;
const program = (names = ['a']): ProgramConfig => {
  const { shop } = configOf(folder.root, { shop: { command: 'php x', php: { disableExtensions: names } } }).programs;
  if (shop === undefined) throw new Error('no program');
  return shop;
};
const specOf = (worker: string, environment: Record<string, string> = {}): SpawnSpec =>
  ({
    argv: ['php', 'x', worker],
    environment: { PATH: `${home}:/usr/bin:/bin`, WORKER: worker, ...environment },
    directory: home,
    user: null,
    note: { worker },
  }) as unknown as SpawnSpec;

it('leaves a program alone that names none', () => {
  const spec = specOf('shop:0');
  expect(extensions.prepare(spec, program([]))).toBe(spec);
});

it('asks once for all workers of a program, and not again while nothing changes', async () => {
  const first = ['shop:0', 'shop:1'].map(async (worker) => extensions.prepare(specOf(worker), program()));
  const [spec] = await Promise.all(first);
  expect(spec?.environment).toMatchObject({
    WORKER: 'shop:0',
    PHP_INI_SCAN_DIR: join(folder.root, 'php/shop/private/scan-0'),
  });
  // Without the key, and with what it leads to.
  expect(asked()).toBe(2);
  expect(extensions.prepare(specOf('shop:2'), program())).not.toBeInstanceOf(Promise);
});

it.each([
  ['a file', () => writeFileSync(join(home, 'conf.d/a.ini'), 'extension=a\nmore=1\n'), {}],
  ['a folder', () => writeFileSync(join(home, 'conf.d/b.ini'), ''), {}],
  ['its environment', () => undefined, { PHPRC: '/elsewhere' }],
])('asks again when %s changes', async (_what, change, environment) => {
  await extensions.prepare(specOf('shop:0'), program());
  change();
  const second = extensions.prepare(specOf('shop:0', environment), program());
  expect(second).toBeInstanceOf(Promise);
  await second;
});

it('says what does not work once, until it is something else', async () => {
  answers(['a'], ['a']);
  await extensions.prepare(specOf('shop:0'), program());
  writeFileSync(join(home, 'conf.d/b.ini'), '');
  await extensions.prepare(specOf('shop:1'), program());
  expect(said).toEqual(['php.stillLoaded shop:0']);
  answers([], []);
  writeFileSync(join(home, 'conf.d/a.ini'), '');
  await extensions.prepare(specOf('shop:2'), program());
  expect(said.slice(1)).toEqual(['php.notLoaded shop:2']);
});

it('does not ask a PHP that does not answer for each of many workers', async () => {
  writeFileSync(join(home, 'php'), `#!/bin/sh\necho asked >>'${home}/asked'\nexit 1`);
  await Promise.all(
    ['shop:0', 'shop:1', 'shop:2'].map(async (worker) => extensions.prepare(specOf(worker), program())),
  );
  expect([asked(), said]).toEqual([1, ['php.notAsked shop:0']]);
});
