import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBudget,
  formatRange,
  formatRate,
  parseBudget,
  parsePercent,
  parseRange,
  parseRate,
} from '../../../src/config/measures.ts';

describe('ranges, rates, percentages, budgets', () => {
  it.each([
    [parseRange, '1s..60s', { minMs: 1000, maxMs: 60_000 }],
    [parseRange, '0..1m', { minMs: 0, maxMs: 60_000 }],
    [parseRate, '20MiB/s', 20_971_520],
    [parseRate, '1KB/10s', 100],
    [parseRate, '60KiB/m', 1024],
    [parsePercent, '20%', 20],
    [parsePercent, '0.5%', 0.5],
    [parseBudget, '10 per 10m', { count: 10, windowMs: 600_000 }],
    [parseBudget, '0 per h', { count: 0, windowMs: 3_600_000 }],
  ] as const)('%o reads %s', (parse, text, value) => expect(parse(text)).toEqual({ ok: true, value }));

  it.each([
    [parseRange, '60s..1s', '1s..60s'],
    [parseRange, '5s', '5s..5s'],
    [parseRange, '1..60', '1s..60s'],
    [parseRange, '1s-60s', null],
    [parseRange, '1s..2s..3s', null],
    [parseRate, '20MiB', '20MiB/s'],
    [parseRate, '20M/s', '20MiB/s'],
    [parseRate, '20MiB/0s', null],
    [parseRate, '20MiB/s/s', null],
    [parsePercent, '20', '20%'],
    [parsePercent, '20 %', '20%'],
    [parsePercent, '-1%', null],
    [parseBudget, '10/10m', '10 per 10m'],
    [parseBudget, '10 per 10', '10 per 10s'],
    [parseBudget, '10 per 0s', null],
    [parseBudget, 'ten per 10m', null],
  ] as const)('%o refuses %j, suggesting %j', (parse, text, suggestion) =>
    expect(parse(text)).toMatchObject({ ok: false, suggestion }),
  );

  it('reads back what it writes', () => {
    const ms = fc.integer({ min: 1, max: 1e12 });
    fc.assert(
      fc.property(ms, ms, fc.nat(999_999_999), (a, b, count) => {
        const range = { minMs: Math.min(a, b), maxMs: Math.max(a, b) };
        expect(parseRange(formatRange(range))).toEqual({ ok: true, value: range });
        expect(parseBudget(formatBudget({ count, windowMs: a }))).toEqual({ ok: true, value: { count, windowMs: a } });
        expect(parseRate(formatRate(a))).toEqual({ ok: true, value: a });
      }),
    );
  });
});
