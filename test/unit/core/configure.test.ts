import { describe, expect, test } from 'vitest';
import { initialState, step } from '../../../src/core/step.ts';
import type { CoreEvent, ProgramPolicy } from '../../../src/core/types.ts';
import { makePolicy } from '../../sim/scenario.ts';
import { Driven, living, shop } from './driven.ts';

const apply = (core: Driven, ...programs: ProgramPolicy[]): Driven =>
  core.send({ type: 'config', programs, hostMaxConcurrent: 3, reserveBytes: 7 });

test('nothing starts before a shim is attached', () => {
  const event: CoreEvent = {
    type: 'config',
    programs: [shop()],
    hostMaxConcurrent: 1,
    reserveBytes: 0,
    now: 0,
    random: 0,
  };
  const { state, effects } = step(initialState('t'), event);
  expect(effects).toEqual([]);
  expect(state.workers['shop:0']?.life).toEqual({ state: 'STOPPED' });
});

test('new workers appear and start, those of `auto: false` wait', () => {
  const core = apply(Driven.up(), shop({ workers: 2 }), makePolicy('idle', { workers: 1, auto: false }));
  expect(core.orders()).toEqual(['spawn shop:1#1']);
  expect(core.is()).toBe('RUNNING #1');
  expect(core.worker('idle:0')).toMatchObject({ wanted: 'down', life: { state: 'STOPPED' } });
  expect(core.state).toMatchObject({ hostMaxConcurrent: 3, reserveBytes: 7 });
});

test('what a person wants of a worker outlives a configuration', () => {
  const core = apply(Driven.up().command('stop').exits('shop:0#1'), shop());
  expect(core.is()).toBe('STOPPED');
  expect(core.orders()).toEqual([]);
});

test('during a shutdown nothing starts', () => {
  expect(apply(Driven.up().command('shutdown'), shop({ workers: 2 })).orders()).toEqual([]);
});

describe('a worker that is gone from the configuration', () => {
  test('is stopped by the plan it had, also when its whole program is gone', () => {
    const core = apply(Driven.up({ stopTimeoutMs: 1_234 }), makePolicy('other', { workers: 1 }));
    expect(core.effects).toContainEqual({
      type: 'stop',
      incarnation: 'shop:0#1',
      plan: expect.objectContaining({ stopTimeoutMs: 1_234 }),
    });
    expect(core.said()).toContain('stop config.removed');
    expect(core.state.workers['shop:0']).toBeUndefined();
    expect(core.exits('shop:0#1', 0).concluded()).toEqual(['config.removed: stopped ok']);
    expect(core.state.strays).toEqual({});
  });

  test('is stopped by that plan again where the shim did not hear of it, because the controller was another one', () => {
    const core = apply(Driven.up({ stopTimeoutMs: 1_234 }), makePolicy('other', { workers: 1 }));
    core.attach([living('shop:0#1')]);
    expect(core.effects).toContainEqual({
      type: 'stop',
      incarnation: 'shop:0#1',
      plan: expect.objectContaining({ stopTimeoutMs: 1_234 }),
    });
    expect(core.said()).toContain('stop adopt.notConfigured');
  });

  test.each([
    ['STARTING', () => new Driven(), ['start.auto: overtaken failed']],
    ['stopping', () => Driven.up().command('stop'), ['command.stop: overtaken failed']],
    [
      'swapping',
      () => Driven.up().finding('shop:0#1'),
      ['memory.soft: overtaken failed', 'start.recycle: overtaken failed'],
    ],
    [
      'over hard',
      () => Driven.up().ceiling('shop:0#1'),
      ['memory.hard: overtaken failed', 'start.recycle: overtaken failed'],
    ],
    ['RUNNING', () => Driven.up(), []],
  ] as const)('%s: whatever was under way has an outcome', (_where, make, concluded) => {
    const core = apply(make());
    expect(core.concluded()).toEqual(concluded);
    expect(core.state.workers).toEqual({});
  });

  test('comes back with a new number, and late news of the old one does not touch it', () => {
    const core = apply(apply(Driven.up()), shop());
    expect(core.orders()).toEqual(['spawn shop:0#2']);
    core.toRunning().exits('shop:0#1', 0);
    expect(core.is()).toBe('RUNNING #2');
    expect(core.concluded()).toEqual(['config.removed: stopped ok']);
  });

  test('while it waits for its turn to be recycled', () => {
    const core = Driven.up({ workers: 2, overlap: false }).finding('shop:0#1').finding('shop:1#1');
    expect(apply(core, shop({ workers: 1, overlap: false })).said()).toEqual(['stop config.removed']);
    expect(core.exits('shop:0#1').toRunning().is()).toBe('RUNNING #2');
  });

  test('and lives on after an attach is told again to stop', () => {
    expect(
      apply(Driven.up())
        .attach([living('shop:0#1')])
        .orders(),
    ).toEqual(['stop shop:0#1']);
  });
});
