import { describe, expect, test } from 'vitest';
import { Driven } from './driven.ts';

test('an open recycle knows its entry, its reason, whom it replaces and since when', () => {
  const core = Driven.up().finding('shop:0#1');
  const { recycle, bornOf, recycles } = core.worker();
  expect(recycle).toEqual({
    entry: recycle?.entry,
    rule: 'memory.soft',
    from: 'shop:0#1',
    beganAt: core.now,
    gone: null,
  });
  expect(core.ruleOf(recycle?.entry ?? '')).toBe('memory.soft');
  expect({ bornOf, recycles }).toEqual({ bornOf: 'memory.soft', recycles: 1 });
});

describe('its outcome tells what became of the successor', () => {
  const recycled = (): Driven => Driven.up({ overlap: false }).finding('shop:0#1');
  test.each([
    ['runs', () => recycled().exits('shop:0#1').spawned('shop:0#2'), { replacedBy: 102 }],
    ['was told to rest', () => recycled().command('stop').exits('shop:0#1'), { replacedBy: null }],
    ['waits', () => recycled().exits('shop:0#1').spawnFailed('shop:0#2'), { startsInMs: 800, because: 'spawn.failed' }],
    ['waits for memory', () => recycled().memory(1).exits('shop:0#1'), { startsInMs: 1_000, because: 'host.reserve' }],
  ] as const)('%s', (_what, make, evidence) => {
    const core = make();
    const outcome = core.outcomes().find(({ rule }) => rule === 'recycled');
    expect(outcome).toMatchObject({ ok: true, evidence });
    expect(core.worker().recycle).toBeNull();
  });

  test('is given up on', () => {
    const core = Driven.up({ overlap: false, retries: 0 })
      .finding('shop:0#1')
      .exits('shop:0#1')
      .spawnFailed('shop:0#2');
    expect(core.is()).toBe('FATAL fatal.retries');
    expect(core.outcomes().at(-1)).toMatchObject({ rule: 'recycled', evidence: { replacedBy: null } });
  });
});
