import { describe, expect, test } from 'vitest';
import { partsOf, placeOf } from '../../../../src/policy/trend/parts.ts';
import type { PastRow } from '../../../../src/policy/trend/past.ts';

const rows = (count: number, of: (index: number) => Partial<PastRow>): PastRow[] =>
  Array.from({ length: count }, (_, index) => ({
    at: index * 5_000,
    rssBytes: 0,
    ownBytes: 0,
    swapBytes: 0,
    zendBytes: null,
    acknowledged: null,
    ...of(index),
  }));

describe('for each message', () => {
  test('what a message leaves behind, however many come', () => {
    let acknowledged = 0;
    const seen = rows(100, (index) => {
      acknowledged += index % 10 < 5 ? 0 : index % 7;
      return { acknowledged, ownBytes: 1e7 + 4_000 * acknowledged };
    });
    expect((partsOf(seen, null).bytesPerMessage ?? 0) / 4_000).toBeCloseTo(1, 1);
  });

  test('a spike at one of them moves nothing', () => {
    const seen = rows(60, (index) => ({ acknowledged: index, ownBytes: index === 30 ? 9e9 : 1e7 + 100 * index }));
    expect(partsOf(seen, null).bytesPerMessage).toBeCloseTo(100, -1);
  });

  test('a few messages: from the first to the last', () => {
    expect(
      partsOf(
        rows(3, (index) => ({ acknowledged: index, ownBytes: index * 50 })),
        null,
      ).bytesPerMessage,
    ).toBe(50);
  });

  test.each([
    ['nobody counts', rows(40, () => ({ ownBytes: 5 }))],
    ['none came', rows(40, (index) => ({ acknowledged: 7, ownBytes: index }))],
    ['nothing was read', []],
  ])('unknown where %s', (_, seen) => {
    expect(partsOf(seen, null).bytesPerMessage).toBeNull();
  });
});

describe('the Zend heap', () => {
  test('by the minute', () => {
    expect(
      partsOf(
        rows(40, (index) => ({ zendBytes: index * 1_000 })),
        null,
      ).zendBytesPerMinute,
    ).toBe(12_000);
  });

  test('unknown where it was so once', () => {
    expect(
      partsOf(
        rows(40, (index) => ({ zendBytes: index === 20 ? null : 5 })),
        null,
      ).zendBytesPerMinute,
    ).toBeNull();
  });
});

test.each([
  [80, 100, 'php'],
  [50, 100, 'both'],
  [10, 100, 'native'],
  [-5, 100, 'native'],
  [null, 100, null],
  [5, null, null],
  [5, 0, null],
])('%s of %s a minute: %s', (zend, all, place) => {
  expect(placeOf(zend, all)).toBe(place);
});
