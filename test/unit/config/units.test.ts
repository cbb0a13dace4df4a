import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../../src/config/units.ts';

const valueOf = (parsed: ReturnType<typeof parseSize>) => (parsed.ok ? parsed.value : null);

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['1KiB', 1024],
    ['256MiB', 268_435_456],
    ['1GiB', 1_073_741_824],
    ['2TiB', 2_199_023_255_552],
    ['1KB', 1000],
    ['128MB', 128_000_000],
    ['3GB', 3_000_000_000],
    ['1TB', 1_000_000_000_000],
    ['1.5GiB', 1_610_612_736],
    ['0.5KiB', 512],
    ['0.001KB', 1],
    ['1024B', 1024],
    ['252544931B', 252_544_931],
  ])('%s', (text, bytes) => expect(parseSize(text)).toEqual({ ok: true, value: bytes }));

  it.each([
    ['128M', '128MiB'],
    ['128m', '128MiB'],
    ['1.5G', '1.5GiB'],
    ['512mb', '512MB'],
    ['512mib', '512MiB'],
    ['512Mi', '512MiB'],
    ['512 MiB', '512MiB'],
    ['256', '256MiB'],
    ['268435456', '256MiB'],
    ['1024b', '1KiB'],
    ['252544931', '252544931B'],
    ['0.5B', null],
    ['12 foo', null],
    ['', null],
    ['MiB', null],
    ['-1MiB', null],
    ['1e3MiB', null],
    ['0x10MiB', null],
    ['1,5GiB', null],
    ['.5GiB', null],
    ['1.0000000001KiB', null],
    ['99999999TiB', null],
    ['Infinity', null],
  ])('%j is refused, suggesting %j', (text, suggestion) =>
    expect(parseSize(text)).toMatchObject({ ok: false, suggestion }),
  );

  it('reads back what it writes', () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(valueOf(parseSize(formatSize(bytes)))).toBe(bytes);
      }),
    ));

  it.each([
    [268_435_456, '256MiB'],
    [671_088_640, '640MiB'],
    [1_610_612_736, '1.5GiB'],
    [50_000_000, '50MB'],
    [1, '1B'],
  ])('%d is %s', (bytes, text) => expect(formatSize(bytes)).toBe(text));
});

describe('durations', () => {
  it.each([
    ['0', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['10m', 600_000],
    ['12h', 43_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1m500ms', 60_500],
    ['1d2h3m4s5ms', 93_784_005],
    ['1.5h', 5_400_000],
    ['0.5s', 500],
  ])('%s', (text, ms) => expect(parseDuration(text)).toEqual({ ok: true, value: ms }));

  it.each([
    ['90', '90s'],
    ['10sec', '10s'],
    ['5 min', '5m'],
    ['2 hours', '2h'],
    ['5S', '5s'],
    ['', null],
    ['-5s', null],
    ['30m1h', null],
    ['1h1h', null],
    ['1.5h30m', null],
    ['0.5ms', null],
    ['1w', null],
    ['forever', null],
  ])('%j is refused, suggesting %j', (text, suggestion) =>
    expect(parseDuration(text)).toMatchObject({ ok: false, suggestion }),
  );

  it('reads back what it writes', () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), (ms) => {
        expect(valueOf(parseDuration(formatDuration(ms)))).toBe(ms);
      }),
    ));

  it('suggests only what can be read', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,3}\.?\d{0,2} ?[A-Za-z]{0,3}$/), (text) => {
        for (const parse of [parseSize, parseDuration]) {
          const parsed = parse(text);
          if (!parsed.ok && parsed.suggestion !== null) expect(parse(parsed.suggestion).ok).toBe(true);
        }
      }),
    ));
});
