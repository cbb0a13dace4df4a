import { describe, expect, test } from 'vitest';
import { GrowthWatch } from '../../../src/controller/growth-watch.ts';
import type { GrowthNews } from '../../../src/controller/growth-watch.ts';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import type { GrowthPolicy } from '../../../src/core/types.ts';
import { FloorRing } from '../../../src/shim/floor-ring.ts';
import { encodeRow, ownBytes } from '../../../src/shim/samples.ts';
import type { Sample } from '../../../src/shim/protocol.ts';
import { Driven } from '../core/driven.ts';

const MIB = 1024 * 1024;
const CEILINGS = { softBytes: 256 * MIB, hardBytes: null, killBytes: null, metric: 'rss' } as const;

interface Run {
  news: GrowthNews[];
  trend: string | undefined;
}

/** A worker read once a second for `minutes`. */
const run = (growth: GrowthPolicy | null, figures: (second: number) => Partial<Sample>, minutes: number): Run => {
  const { state } = Driven.up({ ceilings: CEILINGS, growth });
  const store = new SampleStore();
  store.track(1, 'shop:0#1');
  const watch = new GrowthWatch();
  const news: GrowthNews[] = [];
  for (let second = 0; second < minutes * 60; second += 1) {
    const sample = { ...NO_FIGURES, ...figures(second) };
    const [tracked] = store.update({
      type: 'samples',
      at: second * 1000,
      wall: 0,
      fast: [],
      slow: [encodeRow(1, sample)],
    });
    if (tracked !== undefined) news.push(watch.judge(state, tracked, second * 1000));
  }
  return { news, trend: store.of('shop:0#1')?.trend };
};

const POLICY: GrowthPolicy = { windowMs: 1_200_000, horizonMs: 600_000, action: 'recycle' };
const leaks = (second: number): Partial<Sample> => {
  const anonBytes = Math.round(30 * MIB + (second / 60) * 5 * MIB);
  return { rssBytes: anonBytes + 20 * MIB, anonBytes, swapBytes: 0 };
};
const findings = ({ news }: Run): unknown[] => news.flatMap(({ finding }) => (finding === null ? [] : [finding]));
const rules = ({ news }: Run): string[] => news.flatMap(({ warning }) => (warning === null ? [] : [warning.rule]));

describe('a leak', () => {
  test('is said once, and shown', () => {
    const seen = run(null, leaks, 35);
    expect(rules(seen)).toEqual(['growth.leaking']);
    expect(seen.trend).toBe('leaking');
  });

  test('leads to a finding when the ceiling is nearer than the horizon, with the numbers', () => {
    const seen = run(POLICY, leaks, 35);
    expect(findings(seen)[0]).toMatchObject({
      incarnation: 'shop:0#1',
      rule: 'memory.growth',
      evidence: { growthBytesPerMinute: expect.closeTo(5 * MIB, -4) as number, ceilingBytes: 256 * MIB },
    });
  });

  test('is only said where the policy is to warn', () => {
    const seen = run({ ...POLICY, action: 'warn' }, leaks, 35);
    expect(findings(seen)).toEqual([]);
    expect(rules(seen)).toEqual(['growth.leaking', 'growth.near']);
  });

  test('of a helper process is one of the worker', () => {
    const flat = { rssBytes: 50 * MIB, anonBytes: 30 * MIB, swapBytes: 0 };
    const seen = run(POLICY, (second) => ({ ...flat, treeBytes: Math.round((60 + second / 12) * MIB) }), 35);
    expect(seen.trend).toBe('leaking');
    const held = seen.news.flatMap(({ warning }) => warning?.evidence['descendantBytes'] ?? []);
    expect(held).toEqual([expect.closeTo(90 * MIB, -7)]);
    expect(run(POLICY, leaks, 35).news.find(({ warning }) => warning !== null)?.warning?.evidence).toMatchObject({
      descendantBytes: null,
    });
  });
});

describe('where it leaks', () => {
  const evidence = (figures: (second: number) => Partial<Sample>): unknown =>
    run(null, figures, 35).news.flatMap(({ warning }) => warning?.evidence['zendBytesPerMinute'] ?? [])[0];

  test('as much in the Zend heap as in all: PHP code', () => {
    const zend = (second: number) => ({ ...leaks(second), zendHeapRealBytes: Math.round((second / 60) * 5 * MIB) });
    expect(evidence(zend)).toBeCloseTo(5 * MIB, -4);
  });

  test('nothing in the Zend heap', () => {
    expect(evidence((second) => ({ ...leaks(second), zendHeapRealBytes: 2 * MIB }))).toBe(0);
  });

  test('unknown where the heap cannot be read', () => {
    expect(evidence(leaks)).toBeUndefined();
  });
});

test('what grows by nothing is flat and leads to nothing', () => {
  const seen = run(POLICY, () => ({ rssBytes: 50 * MIB, anonBytes: 30 * MIB, swapBytes: 0 }), 30);
  expect({ rules: rules(seen), findings: findings(seen), trend: seen.trend }).toEqual({
    rules: [],
    findings: [],
    trend: 'flat',
  });
});

test('while anonymous memory is unknown nothing is judged', () => {
  expect(run(POLICY, () => ({ rssBytes: 50 * MIB }), 5).trend).toBe('unknown');
});

test('the core recycles for it, and a soft ceiling that is too low does not forbid it', () => {
  const core = Driven.up({ overlap: false, growth: POLICY });
  core.send({ type: 'findings', incarnation: 'shop:0#1', rule: 'memory.growth', evidence: { bytes: 1 } });
  expect(core.said()).toContain('recycle memory.growth');
});

describe('a controller that starts anew', () => {
  /** What the shim kept of the first half hour, then a minute that the new controller sees itself. */
  const restart = (
    figures: (second: number) => Partial<Sample>,
    said: boolean | readonly string[],
    growth: GrowthPolicy | null = null,
  ): Run => {
    const ring = new FloorRing();
    for (let second = 0; second < 1_800; second += 1) {
      const sample = { ...NO_FIGURES, ...figures(second) };
      const own = ownBytes(sample) ?? 0;
      const figuresOf = { rssBytes: sample.rssBytes, swapBytes: 0, zendBytes: null, acknowledged: null };
      ring.add(second * 1_000, own, () => ({ at: second * 1_000, ownBytes: own, ...figuresOf }));
    }
    const { state } = Driven.up({ ceilings: CEILINGS, growth });
    const store = new SampleStore();
    store.track(1, 'shop:0#1');
    const watch = new GrowthWatch();
    const saidBefore = (rule: string): boolean => (typeof said === 'boolean' ? said : said.includes(rule));
    watch.recall('shop:0#1', { rows: ring.floors, said: saidBefore });
    const news: GrowthNews[] = [];
    for (let second = 1_800; second < 1_860; second += 1) {
      const slow = [encodeRow(1, { ...NO_FIGURES, ...figures(second) })];
      const [tracked] = store.update({ type: 'samples', at: second * 1_000, wall: 0, fast: [], slow });
      if (tracked !== undefined) news.push(watch.judge(state, tracked, second * 1_000));
    }
    return { news, trend: store.of('shop:0#1')?.trend };
  };

  test('knows of a leak what the shim kept, and does not say again what was said', () => {
    expect(restart(leaks, true)).toMatchObject({ trend: 'leaking' });
    expect(rules(restart(leaks, true))).toEqual([]);
  });

  test('says what began while no controller lived', () => {
    expect(rules(restart(leaks, false))).toEqual(['growth.leaking']);
  });

  test.each([
    [['growth.leaking'], ['growth.near']],
    [['growth.leaking', 'growth.near'], []],
  ])('where the policy is to warn and %j were said: says %j', (said, expected) => {
    const faster = (second: number): Partial<Sample> => leaks(second * 1.3);
    expect(rules(restart(faster, said, { ...POLICY, action: 'warn' }))).toEqual(expected);
  });

  test('knows of a flat one that it is flat', () => {
    expect(restart(() => ({ rssBytes: 50 * MIB, anonBytes: 30 * MIB, swapBytes: 0 }), false).trend).toBe('flat');
  });
});
