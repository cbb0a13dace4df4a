import { expect, test } from 'vitest';
import { scanStateDir, stateDirIn } from '../../../src/cli/state-dir.ts';

const ENV = { HOME: '/home/a', EMPTY: '' };

test.each([
  ['plain', 'version: 1\nstateDir: /run/x\n', '/run/x'],
  ['plain with comment', 'stateDir: /run/x   # here\nprograms: {}\n', '/run/x'],
  ['with spaces and a hash in it', 'stateDir: /run/my dir#1\n', '/run/my dir#1'],
  ['single quotes', "stateDir: '/run/x' # here\n", '/run/x'],
  ['double quotes', 'stateDir: "/run/x"\n', '/run/x'],
  ['double quotes with escapes', 'stateDir: "/run/\\x41"\n', '/run/A'],
  ['single quotes with a quote', "stateDir: '/run/it''s'\n", "/run/it's"],
  ['windows line ends and a byte order mark', '\uFEFFversion: 1\r\nstateDir: /run/x\r\n', '/run/x'],
  ['absent', 'version: 1\nprograms: { a: { command: "x stateDir: y" } }\n', null],
  ['only below another key', 'defaults:\n  stateDir: /run/no\n', null],
  ['commented out', '# stateDir: /run/no\n', null],
  ['a variable', 'stateDir: ${HOME}/state\n', '/home/a/state'],
  ['a default', 'stateDir: ${UNSET:-/run/d}/state\n', '/run/d/state'],
  ['a folded scalar', 'stateDir: >-\n  /run/\n  x\n', '/run/ x'],
  ['an anchor', 'stateDir: &dir /run/x\n', '/run/x'],
  ['an alias', 'x: &dir /run/y\nstateDir: *dir\n', '/run/y'],
  ['a plain scalar that goes on', 'stateDir: /run/a\n  b\n', '/run/a b'],
  ['a quoted key', '"stateDir": /run/x\n', '/run/x'],
  ['a flow map', '{ version: 1, stateDir: /run/x }\n', '/run/x'],
  ['empty', 'stateDir:\nversion: 1\n', null],
])('%s', async (_, text, expected) => {
  expect(await stateDirIn(text, '/w.yaml', ENV)).toBe(expected);
});

test('the yaml package is not needed for the usual ways to write it', () => {
  expect(scanStateDir('version: 1\nstateDir: ${HOME}/x # c\nprograms:\n').kind).toBe('plain');
  expect(scanStateDir('# comment\nversion: 1\nprograms:\n').kind).toBe('absent');
});

test.each([
  [
    'an unset variable',
    'stateDir: ${NOPE}/x\n',
    /\/w\.yaml: stateDir: found \$\{NOPE\}, which is not set.*--socket PATH/,
  ],
  ['not a path', 'stateDir: [a, b]\n', /stateDir is not a path but \["a","b"\]/],
  ['broken YAML', 'stateDir: "/run\n', /cannot be read as YAML/],
])('%s is a sentence', async (_, text, expected) => {
  await expect(stateDirIn(text, '/w.yaml', ENV)).rejects.toThrow(expected);
});
