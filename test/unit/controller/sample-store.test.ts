import { describe, expect, test } from 'vitest';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import { encodeGate, encodeRow } from '../../../src/shim/samples.ts';
import type { GateFigures, Sample } from '../../../src/shim/protocol.ts';
import type { SamplesMessage } from '../../../src/shim/samples-message.ts';

const sample = (fields: Partial<Sample>): Sample => ({ ...NO_FIGURES, ...fields });
const NO_MESSAGES: GateFigures = {
  inFlight: 0,
  prefetch: null,
  delivered: 0,
  acknowledged: 0,
  rejected: 0,
  redelivered: 0,
  returned: 0,
  oldestUnacknowledgedAt: null,
  connections: 1,
  draining: 0,
};
const nothingNew = (at: number): SamplesMessage => ({
  type: 'samples',
  at,
  wall: 1_000_000 + at,
  fast: [],
  slow: [],
  slowSame: [],
  unread: [],
});
const tick = (at: number, rssBytes: number, slow: Partial<Sample> | null = null): SamplesMessage => ({
  ...nothingNew(at),
  fast: [4, rssBytes],
  slow: slow === null ? [] : [encodeRow(4, sample({ rssBytes, ...slow }))],
});

describe('what a fresh process takes', () => {
  test('is the least that one had once it was warm, also where there is but one, and it has grown since', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    const needs = (): Record<string, number> => store.needs(() => 'shop');
    for (const [at, bytes] of [
      [0, 5],
      [2_000, 8],
    ] as const)
      store.update(tick(at, bytes, { anonBytes: bytes, swapBytes: 0 }));
    expect(needs()).toEqual({});
    store.update(tick(4_000, 30, { anonBytes: 28, swapBytes: 2 }));
    expect(needs()).toEqual({ shop: 30 });
    store.update(tick(60_000, 3_000, { anonBytes: 3_000, swapBytes: 0 }));
    expect(needs()).toEqual({ shop: 30 });
    store.forget('shop:0#1');
    expect(needs()).toEqual({});
  });
});

describe('sample store', () => {
  test('what a later row does not tell stays as an earlier one told it, but for what is read with every row', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    const all = Object.fromEntries(Object.keys(NO_FIGURES).map((key, index) => [key, index + 1])) as unknown as Sample;
    const of = (): Sample | null | undefined => store.of('shop:0#1')?.sample;
    const told = (at: number, row: Sample): void => void store.update({ ...nothingNew(at), slow: [encodeRow(4, row)] });
    told(1_000, all);
    expect(of()).toEqual({ ...all, at: 1_000 });
    told(2_000, { ...NO_FIGURES, rssBytes: 7 });
    const unknown = { zendHeapBytes: null, zendHeapRealBytes: null, treeJudgedBytes: null };
    expect(of()).toEqual({ ...all, ...unknown, at: 2_000, rssBytes: 7 });
    const more = Object.fromEntries(
      Object.keys(NO_FIGURES).map((key, index) => [key, index + 90]),
    ) as unknown as Sample;
    told(3_000, more);
    expect(of()).toEqual({ ...more, at: 3_000 });
  });

  test('rates come from two slow readings, and a tick between them changes nothing of it', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    store.update(tick(0, 10, { userTicks: 100, systemTicks: 10, voluntarySwitches: 50, involuntarySwitches: 0 }));
    expect(store.of('shop:0#1')?.rates.cpuPercent).toBeNull();
    store.update(tick(250, 11));
    store.update(tick(2000, 12, { userTicks: 180, systemTicks: 30, voluntarySwitches: 250, involuntarySwitches: 2 }));
    expect(store.of('shop:0#1')?.rates).toEqual({
      userPercent: 40,
      systemPercent: 10,
      cpuPercent: 50,
      voluntarySwitchesPerSecond: 100,
      involuntarySwitchesPerSecond: 1,
    });
  });

  test('growth is unknown at first, leaves out what loading takes, then is bytes a minute', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    const growthAt = (at: number): number | null => {
      store.update(tick(at, at < 3_000 ? at * 5_000 : at * 10));
      return store.of('shop:0#1')?.growth?.bytesPerMinute ?? null;
    };
    for (let at = 0; at < 7_000; at += 1_000) expect(growthAt(at)).toBeNull();
    for (let at = 8_000; at <= 90_000; at += 1_000) expect(growthAt(at)).toBe(600_000);
    store.track(4, 'shop:0#2');
    store.update(tick(0, 5));
    expect(store.of('shop:0#2')?.growth).toBeNull();
  });

  test('growth of a helper process is one of its worker', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    for (let at = 0; at <= 90_000; at += 1_000) {
      store.update(tick(at, 1_000, { treeBytes: 5_000 + at * 10 }));
      store.update(tick(at + 500, 1_000));
    }
    expect(store.of('shop:0#1')?.growth?.bytesPerMinute).toBeCloseTo(600_000, -4);
  });

  test('growth for each acknowledged message: null without a gate, and while nothing was acknowledged', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    const perMessage = (at: number, acknowledged: number | null): number | null | undefined => {
      const gates = acknowledged === null ? [] : [encodeGate(4, { ...NO_MESSAGES, acknowledged })];
      store.update({ ...tick(at, at * 10), gates });
      return store.of('shop:0#1')?.growth?.bytesPerMessage;
    };
    for (let at = 0; at < 10_000; at += 1_000) expect(perMessage(at, null) ?? null).toBeNull();
    store.track(4, 'shop:0#1');
    for (let at = 0; at < 10_000; at += 1_000) expect(perMessage(at, 7) ?? null).toBeNull();
    // 10 bytes a millisecond, 4 messages a second.
    store.track(4, 'shop:0#1');
    for (let at = 0; at < 80_000; at += 1_000) perMessage(at, at / 250);
    expect(perMessage(80_000, 320)).toBe(2_500);
  });

  test('a tick that tells nothing new is a reading all the same; one that could not read is none', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    expect(store.update(nothingNew(0))).toEqual([]);
    store.update(tick(0, 10));
    expect(store.update(nothingNew(250))).toHaveLength(1);
    expect(store.of('shop:0#1')).toMatchObject({ wall: 1_000_250, sample: { at: 250, rssBytes: 10 } });
    expect(store.update({ ...nothingNew(500), unread: [4] })).toEqual([]);
    expect(store.of('shop:0#1')).toMatchObject({ wall: 1_000_250, sample: { at: 250 } });
  });

  test('counters that stand still are a rate of 0 since the reading before, unknown ones stay unknown', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    store.update({ ...nothingNew(0), slowSame: [4, 5] });
    store.update(tick(0, 10, { userTicks: 100, systemTicks: 10 }));
    store.update({ ...nothingNew(1_000), slowSame: [4] });
    expect(store.of('shop:0#1')?.rates).toMatchObject({ cpuPercent: 0, voluntarySwitchesPerSecond: null });
    store.update(tick(2_000, 10, { userTicks: 150, systemTicks: 10 }));
    expect(store.of('shop:0#1')?.rates.cpuPercent).toBe(50);
  });

  test('samples of an unknown or forgotten incarnation are ignored', () => {
    const store = new SampleStore();
    expect(store.update(tick(0, 10))).toEqual([]);
    store.track(4, 'shop:0#1');
    store.forget('shop:0#1');
    expect(store.update(tick(0, 10))).toEqual([]);
    expect(store.of('shop:0#1')).toBeNull();
  });

  test('a Zend heap that is not known any more is unknown, not what it was', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    store.update(tick(0, 10, { zendHeapBytes: 7, zendHeapRealBytes: 8 }));
    store.update(tick(1_000, 10, { anonBytes: 3 }));
    expect(store.of('shop:0#1')?.sample).toMatchObject({ zendHeapBytes: null, zendHeapRealBytes: null, anonBytes: 3 });
  });

  test('a figure that a later row does not carry keeps its last known value', () => {
    const store = new SampleStore();
    store.track(4, 'shop:0#1');
    store.update(tick(0, 10, { pssBytes: 7, threads: 1 }));
    store.update(tick(1000, 12, { threads: 2 }));
    expect(store.of('shop:0#1')?.sample).toMatchObject({ rssBytes: 12, pssBytes: 7, threads: 2 });
  });
});
