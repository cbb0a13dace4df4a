import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  alignTable,
  formatAge,
  formatBytes,
  formatBytesOf,
  formatBytesShort,
  formatClock,
  formatDuration,
  formatGrowth,
  formatPercent,
} from '../../../src/cli/format.ts';
import { displayWidth } from '../../../src/cli/width.ts';

const MiB = 1024 ** 2;

test.each([
  [null, '-'],
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [517 * MiB, '517 MiB'],
  [25.1 * MiB, '25.1 MiB'],
  [1023.6 * MiB, '1 GiB'],
  [1.5 * 1024 * MiB, '1.5 GiB'],
  [-3 * MiB, '-3 MiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test('bytes never read with more than four digits before the unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      expect(formatBytes(bytes)).toMatch(/^\d{1,4}(\.\d)? ([KMGTP]i)?B$/);
    }),
  );
});

test('bytes against a ceiling share its unit', () => {
  expect(formatBytesOf(317 * MiB, 512 * MiB)).toBe('317 / 512 MiB');
  expect(formatBytesOf(512 * MiB, 2048 * MiB)).toBe('0.5 / 2 GiB');
  expect(formatBytesOf(null, 512 * MiB)).toBe('-');
  expect(formatBytesOf(317 * MiB, null)).toBe('317 MiB');
});

test.each([
  [null, '-'],
  [0.3123, '0.31 s'],
  [19, '19 s'],
  [252, '4 m 12 s'],
  [3600, '1 h'],
  [11_100, '3 h 5 m'],
  [187_200, '2 d 4 h'],
])('%d seconds read %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [null, '-'],
  [19.9, '19s'],
  [252, '4m12s'],
  [11_100, '3h05m'],
  [187_200, '2d04h'],
])('an age of %d seconds reads %s', (seconds, text) => {
  expect(formatAge(seconds)).toBe(text);
});

describe('narrow columns', () => {
  test('growth', () => {
    expect(formatGrowth(null)).toBe('-');
    expect(formatGrowth(200)).toBe('0');
    expect(formatGrowth(25.1 * MiB)).toBe('+25.1M/m');
    expect(formatGrowth(-2 * MiB)).toBe('-2M/m');
  });

  test('percent and short bytes', () => {
    expect(formatPercent(null)).toBe('-');
    expect(formatPercent(0)).toBe('0%');
    expect(formatPercent(3.25)).toBe('3.3%');
    expect(formatPercent(101.6)).toBe('102%');
    expect(formatBytesShort(517 * MiB)).toBe('517M');
  });
});

test('a time that is none is shown as it is', () => {
  expect(formatClock('yesterday')).toBe('yesterday');
  expect(formatClock('2026-11-22T21:03:11Z')).toMatch(/^\d\d:\d\d:11$/);
});

test('table cells are aligned by display width', () => {
  const lines = alignTable(
    [
      ['処理', '1'],
      ['a', '200'],
    ],
    ['left', 'right'],
  );
  expect(lines).toEqual(['処理   1', 'a    200']);
  expect(lines.map(displayWidth)).toEqual([8, 8]);
});
