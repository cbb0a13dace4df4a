import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Config } from '../../../src/config/types.ts';
import { resolveNames } from '../../../src/controller/names.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
let config: Config;
beforeEach(() => {
  folder = makeRoot();
  const program = { command: 'sleep 1', directory: '/' };
  config = configOf(
    folder.root,
    { shop: { ...program, workers: 2 }, mail: program },
    { groups: { team: { programs: ['mail', 'shop'] } } },
  );
});
afterEach(() => folder.remove());

const ALL = ['shop:0', 'shop:1', 'mail:0'];

test.each([
  [['all'], ALL],
  [['shop'], ['shop:0', 'shop:1']],
  [['shop:*'], ['shop:0', 'shop:1']],
  [['shop:1'], ['shop:1']],
  [['team'], ALL],
  [['team:*'], ALL],
  [
    ['mail', 'shop:1', 'mail:0', 'shop:1'],
    ['shop:1', 'mail:0'],
  ],
  [[], []],
])('%j are %j, in the order of workers.yaml, each once', (names, workers) => {
  expect(resolveNames(config, names)).toEqual({ ok: true, workers });
});

test.each(['shop:2', 'shop:', 'shop*', '', 'constructor', '__proto__:*', 'toString', 'hasOwnProperty'])(
  '%j is nobody, and the whole request fails',
  (name) => {
    expect(resolveNames(config, ['mail', name])).toEqual({
      ok: false,
      text: `there is no worker, program or group named "${name}" (programs: shop, mail)`,
    });
  },
);
