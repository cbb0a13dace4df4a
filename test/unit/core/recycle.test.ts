import { describe, expect, test } from 'vitest';
import { Driven } from './driven.ts';

describe('with overlap', () => {
  test('the replacement starts beside current, runs, takes over, and only then the old one is stopped', () => {
    const core = Driven.up().finding('shop:0#1');
    expect(core.is()).toBe('RUNNING #1 +#2');
    expect(core.said()).toEqual(['recycle memory.soft', 'start start.recycle']);
    expect(core.effects).toContainEqual(expect.objectContaining({ type: 'spawn', role: 'replacement', number: 2 }));
    expect(core.spawned('shop:0#2').orders()).toEqual([]);
    core.timer();
    expect(core.is()).toBe('RUNNING #2 -#1');
    expect(core.orders()).toEqual(['stop shop:0#1']);
    expect(core.said()).toEqual(['stop recycle.swapped']);
    expect(core.concluded()).toEqual(['start.recycle: running ok']);
    expect(core.exits('shop:0#1', 0).concluded()).toEqual(['recycle.swapped: stopped ok', 'memory.soft: recycled ok']);
    expect(core.worker()).toMatchObject({ recycles: 1, restarts: 0, leaving: [], recycle: null });
  });

  test('is skipped where the host has no memory for one more', () => {
    const core = Driven.up().memory(100).finding('shop:0#1');
    expect(core.is()).toBe('STOPPING #1 then start');
    expect(core.effects.find((effect) => effect.type === 'journal')?.entry.evidence).toEqual({
      bytes: 300,
      overlap: false,
    });
  });
});

test('without overlap the old one goes first', () => {
  const core = Driven.up({ overlap: false }).finding('shop:0#1');
  expect(core.is()).toBe('STOPPING #1 then start');
  expect(core.orders()).toEqual(['stop shop:0#1']);
  core.exits('shop:0#1', 0);
  expect(core.is()).toBe('STARTING #2');
  expect(core.said()).toEqual(['start start.again']);
  expect(core.concluded()).toEqual([]);
  expect(core.spawned('shop:0#2').concluded()).toEqual(['memory.soft: recycled ok']);
});

describe('a recycle that must wait', () => {
  test('says so once, and begins when its turn comes, caused by what was said', () => {
    const core = Driven.up({ workers: 2, overlap: false }).finding('shop:0#1').finding('shop:1#1', 10);
    expect(core.said()).toEqual(['hold hold.maxConcurrent']);
    expect(core.finding('shop:1#1', 10).said()).toEqual([]);
    expect(core.worker('shop:1').pending).toMatchObject({ since: core.now - 10, rule: 'memory.soft' });
    core.exits('shop:0#1').toRunning('shop:0');
    expect(core.is('shop:1')).toBe('STOPPING #1 then start');
    const entry = core.effects.flatMap((effect) => (effect.type === 'journal' ? effect.entry : [])).at(-1);
    expect(core.ruleOf(entry?.cause ?? '')).toBe('hold.maxConcurrent');
  });

  test('goes before those that wait for a shorter time', () => {
    const core = Driven.up({ workers: 3, overlap: false }).finding('shop:1#1');
    core.finding('shop:2#1', 10).finding('shop:0#1', 10).exits('shop:1#1').toRunning('shop:1');
    expect(core.orders()).toEqual(['stop shop:2#1']);
  });

  test('is forgotten when the worker stops running for another reason', () => {
    const core = Driven.up({ workers: 2, overlap: false }).finding('shop:0#1').finding('shop:1#1').exits('shop:1#1');
    expect(core.worker('shop:1').pending).toBeNull();
  });

  test("a person's wish replaces a rule's and --now a person's, not the other way round", () => {
    const core = Driven.up({ workers: 2, overlap: false }).finding('shop:0#1').finding('shop:1#1');
    core.command('recycle', false, ['shop:1']);
    expect(core.worker('shop:1').pending).toMatchObject({ rule: 'command', kill: false });
    core.command('recycle', true, ['shop:1']);
    expect(core.worker('shop:1').pending).toMatchObject({ rule: 'command', kill: true });
    core.command('recycle', false, ['shop:1']).finding('shop:1#1');
    expect(core.worker('shop:1').pending).toMatchObject({ rule: 'command', kill: true });
  });
});

test('granted recycles are remembered, as many as the budget can need', () => {
  const core = Driven.up({ budget: { count: 2, windowMs: 60_000 }, overlap: false });
  for (let number = 1; number <= 3; number++)
    core.finding(`shop:0#${number}`, 70_000).exits(`shop:0#${number}`).toRunning();
  expect(core.state.granted['shop']).toHaveLength(2);
});

test("a person's recycle takes nothing from the budget", () => {
  expect(Driven.up().command('recycle').state.granted).toEqual({});
});
