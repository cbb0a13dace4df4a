/** The decision, on growth that is made up: what each canary takes per message, and how noisy it is. */
import { describe, expect, it } from 'vitest';
import { isClear, judge } from '../../../../src/policy/bisect/judge.ts';
import type { Judgement } from '../../../../src/policy/bisect/judge.ts';
import { withReading } from '../../../../src/policy/bisect/slope.ts';
import type { Reading } from '../../../../src/policy/bisect/slope.ts';

/** A reproducible source of numbers in [0, 1) (mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed * 0x9e3779b1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

interface Nature {
  perMessage: number;
  /** What a message takes for a moment, at most; a steps' worth that stays for good, now and then; a warm-up. */
  burst?: number;
  step?: number;
  warmUp?: number;
}

/** About 40 messages a reading, unevenly. */
const grow = (nature: Nature, messages: number, random: () => number): Reading[] => {
  const { perMessage, burst = 0, step = 0, warmUp = 0 } = nature;
  const readings: Reading[] = [];
  let [done, kept] = [0, 0];
  while (done < messages) {
    done += Math.floor(random() * 80);
    if (random() < 0.02) kept += random() * step;
    const warm = warmUp * (1 - Math.exp(-done / (messages / 20)));
    readings.push({ messages: done, bytes: 30e6 + done * perMessage + random() * burst + kept + warm });
  }
  return readings;
};

const KiB = 1024;
const noise = { burst: 2_000 * KiB, step: 200 * KiB, warmUp: 20_000 * KiB };

const trial = (seed: number, perMessage: Record<string, number>, messages = 4_000): Judgement => {
  const random = randomOf(seed);
  const lives = (nature: number): Reading[][] => [grow({ perMessage: nature, ...noise }, messages, random)];
  const { control = 0, ...suspects } = perMessage;
  const grown = Object.entries(suspects).map(([name, nature]) => [name, lives(nature)] as const);
  return judge(lives(control), Object.fromEntries(grown));
};

const seeds = Array.from({ length: 200 }, (_, at) => at + 1);

describe('in two hundred noisy worlds', () => {
  it('the extension that leaks is named, and no other', () => {
    const judged = seeds.map((seed) => trial(seed, { control: 8 * KiB, leaky: 0, innocent: 8 * KiB }));
    expect(judged.filter(({ culprit }) => culprit === 'leaky').length).toBeGreaterThanOrEqual(198);
    expect(judged.filter(({ culprit }) => culprit === 'innocent')).toEqual([]);
    expect(judged.filter(({ suspects }) => suspects['innocent']?.verdict === 'leaks')).toEqual([]);
    const shares = judged.map(({ suspects }) => suspects['leaky']?.share?.bytesPerMessage ?? 0);
    expect(shares.filter((share) => Math.abs(share - 8 * KiB) < 1.5 * KiB).length).toBeGreaterThanOrEqual(190);
  });

  it('PHP code that leaks is put on no extension', () => {
    const judged = seeds.map((seed) => trial(seed, { control: 8 * KiB, a: 8 * KiB, b: 8 * KiB }));
    expect(judged.filter(({ culprit }) => culprit !== null)).toEqual([]);
    expect(judged.filter(({ suspects }) => suspects['a']?.verdict === 'innocent').length).toBeGreaterThanOrEqual(180);
  });

  it('where nothing leaks, nothing is found', () => {
    const judged = seeds.map((seed) => trial(seed, { control: 0, a: 0, b: 0 }));
    expect(judged.filter(({ suspects }) => Object.values(suspects).some(({ verdict }) => verdict === 'leaks'))).toEqual(
      [],
    );
    expect(judged.filter((judgement) => isClear(judgement))).toEqual([]);
  });

  it('of two that leak, neither explains it all', () => {
    const judged = seeds.map((seed) => trial(seed, { control: 16 * KiB, a: 8 * KiB, b: 8 * KiB, c: 16 * KiB }));
    const named = (name: string): number => judged.filter(({ suspects }) => suspects[name]?.verdict === 'leaks').length;
    expect([named('a') >= 195, named('b') >= 195, named('c')]).toEqual([true, true, 0]);
    expect(judged.filter(({ culprit }) => culprit !== null)).toEqual([]);
  });
});

it('a look at every step of the way is wrong in no world', () => {
  for (const seed of seeds.slice(0, 40)) {
    const random = randomOf(seed);
    const [control = [], a = [], b = []] = [8 * KiB, 0, 8 * KiB].map((perMessage) =>
      grow({ perMessage, ...noise }, 3_000, random),
    );
    const looks = Array.from({ length: 60 }, (_, at) => (at + 1) / 60).map((part) => {
      const until = (all: Reading[]): Reading[][] => [all.slice(0, Math.floor(all.length * part))];
      return judge(until(control), { a: until(a), b: until(b) });
    });
    expect(looks.filter(({ suspects }) => suspects['b']?.verdict === 'leaks')).toEqual([]);
    expect(looks.filter(({ suspects }) => suspects['a']?.verdict === 'innocent')).toEqual([]);
  }
});

it('few readings decide nothing', () => {
  const few = [{ messages: 1, bytes: 1 }];
  const judged = judge([few], { a: [few], b: [] });
  expect(judged).toEqual({
    control: null,
    controlGrows: false,
    culprit: null,
    suspects: {
      a: { verdict: 'undecided', without: null, share: null },
      b: { verdict: 'undecided', without: null, share: null },
    },
  });
  expect(isClear(judged)).toBe(false);
});

it('a recycled canary is judged by its longest life', () => {
  const random = randomOf(7);
  const lives = [2_000, 200].map((messages) => grow({ perMessage: 4 * KiB }, messages, random));
  expect(judge(lives, {}).control?.messages).toBeGreaterThan(1_400);
});

it('what is kept of a canary is bounded, and keeps the floors', () => {
  let readings: Reading[] = [];
  for (let at = 1; at <= 10_000; at += 1)
    readings = withReading(readings, { messages: at, bytes: at % 2 === 0 ? 10 : 99 });
  expect(readings.length).toBeLessThanOrEqual(2_000);
  expect(new Set(readings.slice(0, 900).map(({ bytes }) => bytes))).toEqual(new Set([10]));
  expect(withReading([{ messages: 3, bytes: 5 }], { messages: 3, bytes: 9 })).toEqual([{ messages: 3, bytes: 5 }]);
});
