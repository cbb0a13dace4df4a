import { mkdirSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keeper } from '../../../src/controller/keeper.ts';
import { initialState } from '../../../src/core/step.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
beforeEach(() => (folder = makeRoot()));
afterEach(() => folder.remove());

const keeperOf = (): Keeper => new Keeper(configOf(folder.root, { shop: { command: 'sleep 1', directory: '/' } }));

test('what was noted is due once a second, and no longer once it is written', () => {
  const keeper = keeperOf();
  expect(keeper.isDue(10_000)).toBe(false);
  keeper.note();
  expect(keeper.isDue(10_000)).toBe(true);
  expect(keeper.save(initialState('t'), 10_000)).toBe(true);
  expect(keeper.isDue(20_000)).toBe(false);
  keeper.note();
  expect([keeper.isDue(10_999), keeper.isDue(11_000)]).toEqual([false, true]);
});

test('the next one reads what was written; a state that nobody wrote is empty', () => {
  expect(keeperOf().read()).toEqual({ stopped: {} });
  keeperOf().save({ ...initialState('t'), retiredNumbers: { 'old:0': 7 } }, 0);
  expect(keeperOf().read()).toMatchObject({ retiredNumbers: { 'old:0': 7 }, stopped: {} });
});

test('what cannot be written stays due, and is said', () => {
  const config = configOf(folder.root, { shop: { command: 'sleep 1', directory: '/' } });
  const keeper = new Keeper(config);
  // A folder in the place of the file stops root as well.
  rmSync(`${config.stateDir}/core.json`, { force: true });
  mkdirSync(`${config.stateDir}/core.json/x`, { recursive: true });
  expect(keeper.save(initialState('t'), 0)).toBe(false);
  expect(keeper.troubles.join()).toContain('core.json cannot be written');
  expect(keeper.isDue(5_000)).toBe(true);
});
