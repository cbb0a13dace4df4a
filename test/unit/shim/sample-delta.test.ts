import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import type { Sample } from '../../../src/shim/protocol.ts';
import type { SamplesMessage } from '../../../src/shim/samples-message.ts';
import { SampleDelta } from '../../../src/shim/sample-delta.ts';

const sample = (rssBytes: number, threads: number | null): Sample => ({
  at: 0,
  rssBytes,
  virtualBytes: null,
  anonBytes: null,
  swapBytes: null,
  pssBytes: null,
  treeBytes: rssBytes,
  userTicks: null,
  systemTicks: null,
  voluntarySwitches: null,
  involuntarySwitches: null,
  threads,
  oomScore: null,
  oomScoreAdj: null,
  zendHeapBytes: null,
  zendHeapRealBytes: null,
  treeUserTicks: null,
  treeSystemTicks: null,
  treeJudgedBytes: null,
});
const message = (at = 0): SamplesMessage => ({
  type: 'samples',
  at,
  wall: at,
  fast: [],
  slow: [],
  slowSame: [],
  unread: [],
});

test('the first tick tells everything, the next one only what changed', () => {
  const delta = new SampleDelta();
  const first = message();
  delta.add(first, 1, 10, { sample: sample(10, 1), zendWhy: null });
  delta.add(first, 2, 20, null);
  expect(first.fast).toEqual([1, 10, 2, 20]);
  const second = message();
  delta.add(second, 1, 10, { sample: sample(10, 1), zendWhy: null });
  delta.add(second, 2, 21, { sample: sample(21, 1), zendWhy: null });
  expect(second.fast).toEqual([2, 21]);
  expect(second.slow).toHaveLength(1);
  expect(second.slowSame).toEqual([1]);
});

test.each(['forget', 'reset'] as const)('after %s all is told again', (what) => {
  const delta = new SampleDelta();
  delta.add(message(), 1, 10, { sample: sample(10, 1), zendWhy: null });
  delta[what](1);
  const next = message();
  delta.add(next, 1, 10, { sample: sample(10, 1), zendWhy: null });
  expect(next).toMatchObject({ fast: [1, 10], slow: [expect.arrayContaining([1, 10])], slowSame: [] });
});

test('what has not moved is told as the same once it was told in full', () => {
  const delta = new SampleDelta();
  delta.add(message(), 1, 10, null);
  expect(delta.addSame(message(), 1)).toBe(false);
  delta.add(message(), 1, 10, { sample: sample(10, 1), zendWhy: null });
  const next = message();
  expect(delta.addSame(next, 1)).toBe(true);
  expect(next).toMatchObject({ slow: [], slowSame: [1] });
  delta.reset();
  expect(delta.addSame(message(), 1)).toBe(false);
});

test('whatever is read and lost on the way, the controller knows what the shim knows', () => {
  const reading = fc.record({
    handle: fc.integer({ min: 1, max: 3 }),
    rss: fc.integer({ min: 1, max: 3 }),
    threads: fc.integer({ min: 1, max: 2 }),
    full: fc.boolean(),
  });
  const tick = fc.record({
    readings: fc.uniqueArray(reading, { selector: ({ handle }) => handle }),
    lost: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(tick, { minLength: 1 }), (ticks) => {
      const delta = new SampleDelta();
      const store = new SampleStore();
      for (const handle of [1, 2, 3]) store.track(handle, `w:${handle}#1`);
      ticks.forEach(({ readings, lost }, at) => {
        const told = message(at);
        for (const { handle, rss, threads, full } of readings)
          delta.add(told, handle, rss, full ? { sample: sample(rss, threads), zendWhy: null } : null);
        if (lost) {
          delta.reset();
          return;
        }
        store.update(told);
        for (const { handle, rss, threads, full } of readings) {
          const known = store.of(`w:${handle}#1`)?.sample;
          expect(known?.rssBytes).toBe(rss);
          if (full) expect(known?.threads).toBe(threads);
        }
      });
    }),
  );
});

test('why a Zend heap is not known is told when it changes, and the store keeps it', () => {
  const [delta, store] = [new SampleDelta(), new SampleStore()];
  store.track(1, 'shop:0#1');
  const tick = (why: string | null): unknown => {
    const sent: SamplesMessage = { ...message(), zendWhy: [] };
    delta.add(sent, 1, 5, { sample: sample(5, 1), zendWhy: why });
    store.update(sent);
    return sent.zendWhy;
  };
  expect(tick(null)).toEqual([]);
  expect(tick('no PHP')).toEqual([[1, 'no PHP']]);
  expect(tick('no PHP')).toEqual([]);
  expect(store.of('shop:0#1')?.zendWhy).toBe('no PHP');
  expect(tick(null)).toEqual([[1, null]]);
  expect(store.of('shop:0#1')?.zendWhy).toBeNull();
});
