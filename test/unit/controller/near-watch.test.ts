import { expect, test } from 'vitest';
import type { Recalled } from '../../../src/controller/growth-watch.ts';
import { NearWatch } from '../../../src/controller/near-watch.ts';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import { Driven } from '../core/driven.ts';

const MIB = 1024 * 1024;
const CEILINGS = { softBytes: 200 * MIB, hardBytes: 400 * MIB, killBytes: null, metric: 'rss' } as const;

/** Readings of shop:0, one a second, with these ceilings; at which of them it is to be looked into. */
const lookedAt = (
  mib: readonly number[],
  ceilings: Partial<typeof CEILINGS> | Record<string, unknown> = {},
  recalled: Recalled | null = null,
): number[] => {
  const core = Driven.up({ ceilings: { ...CEILINGS, ...ceilings } });
  const store = new SampleStore();
  store.track(1, 'shop:0#1');
  const watch = new NearWatch();
  if (recalled !== null) watch.recall('shop:0#1', recalled);
  return mib.flatMap((size, index) => {
    const at = index * 1_000;
    const [tracked] = store.update({ type: 'samples', at, wall: 0, fast: [1, size * MIB], slow: [] });
    if (tracked === undefined) throw new Error('nothing was read');
    return watch.judge(core.state, tracked, at) ? [index] : [];
  });
};

const climb = (from: number, to: number, step: number): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);

test.each([
  { what: 'one that climbs is looked into at three quarters, once', mib: climb(40, 260, 5), at: [22] },
  { what: 'one that is large from the start is not', mib: [155, 160, 165, 170, 180], at: [] },
  { what: 'but is once it has grown', mib: [155, 170, 195, 199], at: [2] },
  { what: 'one that stays below is not', mib: climb(40, 149, 1), at: [] },
])('$what', ({ mib, at }) => {
  expect(lookedAt(mib)).toEqual(at);
});

test('without a soft ceiling the hard one counts; without any nothing does', () => {
  expect(lookedAt(climb(40, 400, 10), { softBytes: null })).toEqual([26]);
  expect(lookedAt(climb(40, 400, 10), { softBytes: null, hardBytes: null })).toEqual([]);
});

test.each([
  { what: 'knows how small it was once', rows: [60], said: [], at: [0] },
  { what: 'takes what it sees first for the beginning where nothing was kept', rows: [], said: [], at: [3] },
  { what: 'does not look again where an earlier one had it looked into', rows: [60], said: ['diagnose.begun'], at: [] },
] as const)('a controller that starts anew $what', ({ rows, said, at }) => {
  const recalled: Recalled = {
    rows: rows.map((mib) => ({
      at: 0,
      rssBytes: mib * MIB,
      ownBytes: mib * MIB,
      swapBytes: 0,
      zendBytes: null,
      acknowledged: null,
    })),
    said: (rule) => said.some((each) => each === rule),
  };
  expect(lookedAt([155, 170, 180, 196], {}, recalled)).toEqual(at);
});

test('of a program one a minute; a process that is gone is forgotten', () => {
  const core = Driven.up({ workers: 2, ceilings: CEILINGS });
  const watch = new NearWatch();
  const judge = (handle: number, incarnation: string, mib: number, at: number): boolean => {
    const store = new SampleStore();
    store.track(handle, incarnation);
    const [tracked] = store.update({ type: 'samples', at, wall: 0, fast: [handle, mib * MIB], slow: [] });
    return tracked !== undefined && watch.judge(core.state, tracked, at);
  };
  judge(1, 'shop:0#1', 40, 0);
  judge(2, 'shop:1#1', 40, 0);
  expect(judge(1, 'shop:0#1', 160, 1_000)).toBe(true);
  expect(judge(2, 'shop:1#1', 160, 2_000)).toBe(false);
  expect(judge(2, 'shop:1#1', 160, 60_999)).toBe(false);
  expect(judge(2, 'shop:1#1', 160, 61_000)).toBe(true);
  watch.forget('shop:1#1');
  expect(judge(2, 'shop:1#1', 160, 200_000)).toBe(false);
});
