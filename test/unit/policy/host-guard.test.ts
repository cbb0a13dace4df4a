/** For each rule of the host, what is a shortage and what is none. */
import { describe, expect, test } from 'vitest';
import { HostWindow } from '../../../src/policy/host-guard.ts';
import type { HostReading, HostRules } from '../../../src/policy/host-guard.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const RULES: HostRules = {
  reserveBytes: GIB,
  swapInBytesPerSecond: 20 * MIB,
  pressurePercent: 20,
  forMs: 10_000,
};
const FINE: HostReading = {
  at: 0,
  totalBytes: 16 * GIB,
  availableBytes: 8 * GIB,
  swapInBytesPerSecond: 0,
  swapOutBytesPerSecond: 0,
  stallPercent: 0,
};

/** A reading a second; what is judged after the last. */
const judge = (readingAt: (second: number) => Partial<HostReading>, seconds = 30, rules = RULES): string => {
  const window = new HostWindow();
  for (let second = 0; second <= seconds; second += 1)
    window.add({ ...FINE, ...readingAt(second), at: second * 1_000 }, rules.forMs);
  const verdict = window.judge(rules);
  return verdict.state === 'short' ? verdict.rule : verdict.state;
};

const LOW = { availableBytes: 900 * MIB };
const STALL = { stallPercent: 45 };

describe('below the reserve', () => {
  test.each<[string, (second: number) => Partial<HostReading>, string]>([
    ['all the time', () => LOW, 'host.low'],
    ['in nine readings of ten', (second) => (second % 10 === 5 ? {} : LOW), 'host.low'],
    ['just above', () => ({ availableBytes: GIB }), 'fine'],
    ['in every other reading', (second) => (second % 2 === 0 ? LOW : {}), 'fine'],
    ['until a moment ago', (second) => (second === 30 ? {} : LOW), 'fine'],
    ['unknown', () => ({ availableBytes: null }), 'fine'],
    ['and rising by itself', (second) => ({ availableBytes: (500 + second * 15) * MIB }), 'easing'],
  ])('%s', (_, readingAt, verdict) => expect(judge(readingAt)).toBe(verdict));

  test('for two seconds, by readings that come a little late', () => {
    const window = new HostWindow();
    const rules = { ...RULES, forMs: 2_000 };
    const verdicts = Array.from({ length: 6 }, (_, second) => {
      window.add({ ...FINE, ...LOW, at: second * 1_004 }, rules.forMs);
      return window.judge(rules).state;
    });
    expect(verdicts).toEqual(['fine', 'fine', 'short', 'short', 'short', 'short']);
  });

  test('for less than `for`', () => expect(judge(() => LOW, 8)).toBe('fine'));
  test('with a reserve of nothing', () => expect(judge(() => LOW, 30, { ...RULES, reserveBytes: 0 })).toBe('fine'));
});

describe('swap traffic', () => {
  const swaps = (mib: number) => ({ swapInBytesPerSecond: mib * MIB });
  test.each<[string, (second: number) => Partial<HostReading>, string]>([
    ['above the limit', () => swaps(25), 'host.swapIn'],
    ['below the limit', () => swaps(19), 'fine'],
    ['a burst', (second) => swaps(second > 20 && second < 24 ? 300 : 0), 'fine'],
    ['unknown', () => ({ swapInBytesPerSecond: null }), 'fine'],
    ['that goes away', (second) => swaps(200 - second * 5), 'easing'],
  ])('%s', (_, readingAt, verdict) => expect(judge(readingAt)).toBe(verdict));

  test('nobody asked for it', () =>
    expect(judge(() => swaps(500), 30, { ...RULES, swapInBytesPerSecond: null })).toBe('fine'));
});

describe('stall', () => {
  test.each<[string, (second: number) => Partial<HostReading>, string]>([
    ['alone says nothing', () => STALL, 'stallAlone'],
    ['with little memory', () => ({ ...STALL, availableBytes: 1_500 * MIB }), 'host.pressure'],
    ['with swap traffic in or out', () => ({ ...STALL, swapOutBytesPerSecond: 5 * MIB }), 'host.pressure'],
    ['with a little swap traffic', () => ({ ...STALL, swapOutBytesPerSecond: MIB }), 'stallAlone'],
    ['below the limit', () => ({ stallPercent: 19, availableBytes: 1_500 * MIB }), 'fine'],
    ['that just ended', (second) => ({ stallPercent: second === 30 ? 0 : 45, availableBytes: 1_500 * MIB }), 'fine'],
    ['that falls', (second) => ({ stallPercent: 95 - second * 2, availableBytes: 1_500 * MIB }), 'easing'],
    ['unknown', () => ({ stallPercent: null, availableBytes: 1_500 * MIB }), 'fine'],
    ['and memory unknown', () => ({ ...STALL, availableBytes: null, swapInBytesPerSecond: null }), 'stallAlone'],
  ])('%s', (_, readingAt, verdict) => expect(judge(readingAt)).toBe(verdict));

  test('nobody asked for it', () =>
    expect(judge(() => ({ ...STALL, availableBytes: 1_500 * MIB }), 30, { ...RULES, pressurePercent: null })).toBe(
      'fine',
    ));
});

test('after an action all is read anew', () => {
  const window = new HostWindow();
  for (let second = 0; second <= 30; second += 1) window.add({ ...FINE, ...LOW, at: second * 1_000 }, RULES.forMs);
  window.clear();
  window.add({ ...FINE, ...LOW, at: 31_000 }, RULES.forMs);
  expect(window.judge(RULES)).toEqual({ state: 'fine' });
});
