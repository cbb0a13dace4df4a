import { describe, expect, test } from 'vitest';
import { countRecycle, grantable, takeCensus } from '../../../src/core/budget.ts';
import type { CoreState, WorkerState } from '../../../src/core/types.ts';
import { makePolicy } from '../../sim/scenario.ts';
import { Driven } from './driven.ts';

const asks = (state: CoreState, name: string, rule = 'memory.soft'): WorkerState => {
  const worker = state.workers[name];
  if (worker === undefined) throw new Error(`no worker ${name}`);
  return { ...worker, pending: { rule, reasonText: null, evidence: {}, kill: false, since: 0, hold: null } };
};

const verdict = (core: Driven, name: string, rule?: string): string => {
  const grant = grantable(core.state, takeCensus(core.state), asks(core.state, name, rule), core.now);
  return grant.ok ? 'ok' : grant.because;
};

const fleet = (given = {}, host = 10): Driven => Driven.up({ workers: 3, overlap: false, ...given }, host);

describe('recycle.maxConcurrent', () => {
  test.each([
    ['nobody', (core: Driven) => core, 'ok'],
    ['a sibling is recycled', (core: Driven) => core.finding('shop:1#1'), 'hold.maxConcurrent'],
    ['a sibling is down by itself', (core: Driven) => core.exits('shop:1#1'), 'hold.maxConcurrent'],
    [
      'a sibling runs again but its old one still leaves',
      (core: Driven) => core.ceiling('shop:1#1').toRunning('shop:1'),
      'hold.maxConcurrent',
    ],
    ['a person stopped a sibling', (core: Driven) => core.command('stop', false, ['shop:1']).exits('shop:1#1'), 'ok'],
  ] as const)('%s', (_name, disturb, expected) => {
    expect(verdict(disturb(fleet()), 'shop:0')).toBe(expected);
  });

  test.each([
    [{ overlap: false }, 'hold.maxConcurrent'],
    [{ overlap: true }, 'ok'],
  ] as const)('a sibling that was given up, with %j: %s', (given, expected) => {
    const core = fleet({ ...given, retries: 0 })
      .command('restart', true, ['shop:1'])
      .exits('shop:1#1');
    expect(core.spawned('shop:1#2').exits('shop:1#2').is('shop:1')).toMatch(/^FATAL/);
    expect(verdict(core, 'shop:0')).toBe(expected);
  });

  test.each([
    [{ overlap: false }, 'hold.maxConcurrent'],
    [{ overlap: true }, 'ok'],
  ] as const)('a sibling that waits for a program which a person stopped, with %j: %s', (given, expected) => {
    const core = new Driven([
      makePolicy('db', { workers: 1 }),
      makePolicy('shop', { workers: 2, after: ['db'], ...given }),
    ]);
    for (const name of ['db:0', 'shop:0', 'shop:1']) core.toRunning(name);
    core.command('stop', false, ['db:0', 'shop:1']).exits('db:0#1', 0).exits('shop:1#1', 0);
    expect(core.command('start', false, ['shop:1']).worker('shop:1').life).toMatchObject({ hold: { program: 'db' } });
    expect(verdict(core, 'shop:0')).toBe(expected);
  });

  test('two at once where two are allowed', () => {
    const core = fleet({ maxConcurrent: 2 }).finding('shop:1#1');
    expect(verdict(core, 'shop:0')).toBe('ok');
    expect(verdict(core.finding('shop:2#1'), 'shop:0')).toBe('hold.maxConcurrent');
  });
});

test('host.maxConcurrent counts the recycles of all programs', () => {
  const core = fleet({ maxConcurrent: 3 }, 1).finding('shop:1#1');
  expect(verdict(core, 'shop:0')).toBe('hold.host');
  expect(verdict(core, 'shop:0', 'command')).toBe('hold.host');
});

describe('recycle.budget', () => {
  const spent = (): Driven => {
    const core = fleet({ budget: { count: 1, windowMs: 60_000 } });
    return core.finding('shop:1#1').exits('shop:1#1').toRunning('shop:1');
  };

  test('holds a rule back until the window has passed', () => {
    const core = spent();
    const since = core.state.granted['shop']?.[0] ?? 0;
    core.now = since + 59_999;
    expect(verdict(core, 'shop:0')).toBe('hold.budget');
    core.now = since + 60_000;
    expect(verdict(core, 'shop:0')).toBe('ok');
  });

  test('exempts a person', () => {
    expect(verdict(spent(), 'shop:0', 'command')).toBe('ok');
  });
});

test('the census follows a recycle that has just been granted', () => {
  const core = fleet();
  const census = takeCensus(core.state);
  expect(census).toEqual({ recycles: 0, disrupted: new Map(), failing: new Set() });
  countRecycle(census, 'shop');
  expect(census).toEqual({ recycles: 1, disrupted: new Map([['shop', 1]]), failing: new Set() });
});

test('what is unknown or asks for nothing is never granted', () => {
  const core = fleet();
  const census = takeCensus(core.state);
  expect(grantable(core.state, census, core.worker(), core.now).ok).toBe(false);
  expect(grantable({ ...core.state, programs: {} }, census, asks(core.state, 'shop:0'), core.now).ok).toBe(false);
});
