import { describe, expect, test } from 'vitest';
import { judgeSoft, judgedBytes } from '../../../src/policy/soft.ts';
import type { Sample } from '../../../src/shim/protocol.ts';

const run = (samples: string): boolean[] => {
  let bits = 0;
  return samples.split('').map((sample) => {
    const judged = judgeSoft(bits, sample === '#');
    bits = judged.bits;
    return judged.passed;
  });
};

describe('soft ceiling', () => {
  test.each([
    ['#####', 4],
    ['####.#', 5],
    ['#.#####', 5],
    ['.....#####', 9],
  ])('%s passes first at sample %i', (samples, at) => {
    expect(run(samples).indexOf(true)).toBe(at);
  });

  test.each(['####', '###..###', '##.##.##.##.', '......'])('%s never passes', (samples) => {
    expect(run(samples)).not.toContain(true);
  });
});

test('judged bytes are the metric plus swap; an unknown metric is unknown', () => {
  const sample = { rssBytes: 100, anonBytes: 60, pssBytes: null, swapBytes: 7, treeJudgedBytes: null } as Sample;
  expect(judgedBytes(sample, 'rss')).toBe(107);
  expect(judgedBytes(sample, 'anon')).toBe(67);
  expect(judgedBytes(sample, 'pss')).toBeNull();
  expect(judgedBytes({ ...sample, swapBytes: null }, 'rss')).toBe(100);
  expect(judgedBytes({ ...sample, treeJudgedBytes: 150 }, 'rss')).toBe(150);
});
