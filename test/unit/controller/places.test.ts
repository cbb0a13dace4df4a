import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/config/types.ts';
import { StartError, preparePlaces } from '../../../src/controller/places.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
const config = (extra: Record<string, unknown> = {}): Config =>
  configOf(folder.root, { shop: { command: 'sleep 1', directory: '/' } }, extra);
const modeOf = (name: string): string => (statSync(join(folder.root, name)).mode & 0o777).toString(8);
beforeEach(() => {
  folder = makeRoot();
  for (const name of ['state', 'data', 'log']) rmSync(join(folder.root, name), { recursive: true });
});
afterEach(() => folder.remove());

test('what is missing is made: the state for nobody else, data to pass through, logs to be found', () => {
  expect(preparePlaces(config())).toBeNull();
  expect(['state', 'data', 'log'].map(modeOf)).toEqual(['700', '711', '755']);
});

describe('a stateDir that is not safely ours is refused, with what to do', () => {
  const state = (): string => join(folder.root, 'state');

  test.each<[string, () => void, RegExp]>([
    ['is a file', () => writeFileSync(state(), ''), /stateDir .* is not a directory/],
    [
      'can be written by others',
      () => {
        mkdirSync(state());
        chmodSync(state(), 0o777);
      },
      /can be written by others \(mode 777\); chmod go-w /,
    ],
  ])('%s', (_what, make, text) => {
    make();
    expect(() => preparePlaces(config())).toThrow(text);
  });

  test.runIf(process.getuid?.() === 0)('belongs to somebody else', () => {
    mkdirSync(state(), { mode: 0o700 });
    chownSync(state(), 65_534, 65_534);
    expect(() => preparePlaces(config())).toThrow(/belongs to uid 65534, expected our own uid 0; remove it or set/);
  });
});

test('a folder that cannot be made is named', () => {
  writeFileSync(join(folder.root, 'log'), '');
  expect(() => preparePlaces(config({ logDir: 'log/below' }))).toThrow(StartError);
  expect(() => preparePlaces(config({ logDir: 'log/below' }))).toThrow(/log\/below cannot be created: ENOTDIR/);
});

describe('socket.group', () => {
  test('lets the group to the socket, and no further', () => {
    const own = process.getgid?.() ?? 0;
    const name = groupNames().get(own);
    if (name === undefined) throw new Error(`gid ${own} has no name in /etc/group`);
    expect(preparePlaces(config({ socket: { mode: '0660', group: name } }))).toBe(own);
    expect(modeOf('state')).toBe('710');
    chmodSync(join(folder.root, 'state'), 0o711);
    preparePlaces(config({ socket: { mode: '0660', group: name } }));
    expect(modeOf('state')).toBe('711');
  });

  test('that does not exist is a sentence', () => {
    expect(() => preparePlaces(config({ socket: { group: 'no-such-group' } }))).toThrow(
      'socket.group: there is no group named "no-such-group" in /etc/group',
    );
  });
});

const groupNames = (): Map<number, string> =>
  new Map(
    readFileSync('/etc/group', 'utf8')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => line.split(':'))
      .map(([name = '', , gid = '']) => [Number(gid), name]),
  );
