import { expect, test } from 'vitest';
import { allGone } from '../../../src/core/find.ts';
import { makePolicy } from '../../sim/scenario.ts';
import { Driven } from './driven.ts';

/** mail after web after db; idle stands alone. */
const fleet = (): Driven => {
  const one = (name: string, after: string[]) => makePolicy(name, { workers: 1, after });
  const core = new Driven([one('db', []), one('web', ['db']), one('mail', ['web']), one('idle', [])]);
  for (const name of ['db:0', 'web:0', 'mail:0', 'idle:0']) core.toRunning(name);
  return core;
};

const stopped = (core: Driven): string[] =>
  core.effects.flatMap((effect) => (effect.type === 'stop' ? [effect.incarnation] : []));

test('who stands on others ends first, and all else at once', () => {
  const core = fleet().command('shutdown');
  expect(stopped(core)).toEqual(['mail:0#1', 'idle:0#1']);
  expect(core.said().filter((said) => said.startsWith('hold'))).toEqual(['hold shutdown.after', 'hold shutdown.after']);
  expect(stopped(core.exits('idle:0#1', 0))).toEqual([]);
  expect(stopped(core.exits('mail:0#1', 0))).toEqual(['web:0#1']);
  expect(stopped(core.exits('web:0#1', 0))).toEqual(['db:0#1']);
  expect(allGone(core.exits('db:0#1', 0).state)).toBe(true);
});

test('a second one says nothing twice and changes nothing', () => {
  expect(fleet().command('shutdown').command('shutdown').effects).toEqual([]);
});

test('--now waits for nobody', () => {
  const core = fleet().command('shutdown').command('shutdown', true);
  expect(stopped(core).toSorted()).toEqual(['db:0#1', 'idle:0#1', 'mail:0#1', 'web:0#1']);
});

test('who crashes while it waits to be stopped is not started again', () => {
  const core = fleet().command('shutdown').exits('db:0#1', 1, 60_000);
  expect(core.worker('db:0')).toMatchObject({ wanted: 'up', life: { state: 'STOPPED' } });
});

test('who passes its hard ceiling while it waits to be stopped is not replaced', () => {
  const core = fleet().command('shutdown').ceiling('db:0#1');
  expect(core.worker('db:0').life.state).toBe('STOPPED');
  expect(core.effects.filter(({ type }) => type === 'spawn')).toEqual([]);
});
