import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnsiStripper } from '../../../src/shim/ansi.ts';
import { LineAssembler, PIECE_BYTES } from '../../../src/shim/line-assembler.ts';
import { formatOf, ownLine } from '../../../src/shim/log-format.ts';
import type { LineSource } from '../../../src/shim/log-format.ts';
import type { LogStyle } from '../../../src/shim/spawn-spec.ts';

const RAW: LogStyle = { format: 'text', timestamps: false, prefix: false, stripAnsi: false };
const SOURCE: LineSource = { worker: 'shop:0', program: 'shop', stream: 'stdout', pid: () => 7 };
const WALL = Date.UTC(2026, 10, 25, 23, 30, 0, 5);

/** What a stream in these chunks becomes; `gap`: after that chunk a second passes. */
function written(style: LogStyle, chunks: readonly Buffer[], gap = -1): Buffer {
  const format = formatOf(style, SOURCE);
  const lines = new LineAssembler();
  const out: Buffer[] = [];
  const take = (blocks: ReturnType<LineAssembler['push']>): void => {
    for (const block of blocks) out.push(...(format?.format(block, WALL) ?? [block]).map(({ bytes }) => bytes));
  };
  const giveUp = (isLast: boolean): void => {
    take(lines.flush());
    out.push(...(format?.giveUp(isLast, WALL) ?? []).map(({ bytes }) => bytes));
  };
  for (const [index, chunk] of chunks.entries()) {
    take(lines.push(chunk));
    if (index === gap) giveUp(false);
  }
  giveUp(true);
  return Buffer.concat(out);
}

/** Bytes with many newlines, escapes and halves of characters. */
const byte = fc.oneof(fc.constantFrom(10, 10, 27, 91, 49, 109, 0xe4, 0xbd, 0xa0, 0xff, 34), fc.nat(255));
const stream = fc.array(byte, { maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const cuts = fc.array(fc.nat(200), { maxLength: 8 });

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const ends = [...at.map((end) => Math.min(end, bytes.length)).toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

interface Line {
  time: string;
  line: string;
  partial?: boolean;
}
const objects = (bytes: Buffer): Line[] =>
  bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as Line);
const joined = (lines: readonly Line[]): string =>
  lines.map(({ line, partial }) => (partial === true ? line : `${line}\n`)).join('');

describe('json', () => {
  test('is one object a line', () => {
    const [line, ...rest] = objects(written({ ...RAW, format: 'json' }, [Buffer.from('a "b"\n')]));
    const names = { worker: 'shop:0', program: 'shop', stream: 'stdout', pid: 7 };
    expect(line).toEqual({ time: '2026-11-25T23:30:00.005Z', ...names, line: 'a "b"' });
    expect(rest).toEqual([]);
  });

  test('whatever the bytes and however they come: objects, and in them the same text', () => {
    fc.assert(
      fc.property(stream, cuts, fc.integer({ min: -1, max: 8 }), (bytes, at, gap) => {
        const lines = objects(written({ ...RAW, format: 'json' }, cut(bytes, at), gap));
        expect(joined(lines)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
      }),
    );
  });

  test('a line of megabytes comes in parts, no character of it torn', () => {
    const text = '你'.repeat(PIECE_BYTES);
    const chunks = cut(Buffer.from(`${text}\nnext\n`), [65_000, 70_001, 130_000, 140_003]);
    const lines = objects(written({ ...RAW, format: 'json' }, chunks));
    expect(lines.length).toBeGreaterThan(2);
    expect(joined(lines) === `${text}\nnext\n`).toBe(true);
  });
});

describe('text', () => {
  test('as it comes, it is not touched', () => {
    fc.assert(fc.property(stream, cuts, (bytes, at) => written(RAW, cut(bytes, at)).equals(bytes)));
  });

  test.each([
    [{ ...RAW, prefix: true }, /^shop:0 \| a\nshop:0 \| b\n$/],
    [{ ...RAW, timestamps: true }, /^2026-11-2[56]T\d\d:\d\d:00\.005[+-]\d\d:\d\d a\n2026-[^ ]+ b\n$/],
    [{ ...RAW, timestamps: true, prefix: true }, /^2026-[^ ]+ shop:0 \| a\n2026-[^ ]+ shop:0 \| b\n$/],
  ])('%o', (style, form) => expect(written(style, [Buffer.from('a\nb')]).toString()).toMatch(form));

  test('the time is the time', () => {
    const [shown = ''] = written({ ...RAW, timestamps: true }, [Buffer.from('a\n')])
      .toString()
      .split(' ');
    expect(Date.parse(shown)).toBe(WALL);
  });

  test('however it comes, each line has one prefix and its own bytes', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const shown = written({ ...RAW, prefix: true }, cut(bytes, at)).toString('latin1');
        const text = bytes.toString('latin1');
        const lines = text.endsWith('\n') ? text.slice(0, -1).split('\n') : text.split('\n');
        expect(shown).toBe(text === '' ? '' : lines.map((line) => `shop:0 | ${line}\n`).join(''));
      }),
    );
  });

  test('what follows a line that was given up begins with a prefix, too', () => {
    const chunks = [Buffer.from('begin'), Buffer.from(' end\n')];
    expect(written({ ...RAW, prefix: true }, chunks, 0).toString()).toBe('shop:0 | begin\nshop:0 |  end\n');
    const long = [Buffer.alloc(PIECE_BYTES + 1, 'x'), Buffer.from('end\n')];
    const lines = written({ ...RAW, prefix: true }, long, 0)
      .toString()
      .split('\n');
    expect(lines.map((line) => line.slice(0, 10))).toEqual(['shop:0 | x', 'shop:0 | e', '']);
  });
});

test('a line of our own is JSON where the others are', () => {
  expect(ownLine('text', 'text').toString()).toBe('text\n');
  expect(JSON.parse(ownLine('a "b"', 'json').toString())).toMatchObject({ worker: null, line: 'a "b"' });
});

describe('AnsiStripper', () => {
  test.each([
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['a title and a link', '\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b', 'ab'],
    ['two characters', '\x1bMa\x1b(Bb', 'ab'],
    ['a broken one', '\x1b[31\nnext', '\nnext'],
    ['one begun and never ended', 'a\x1b]0;title\nb', 'a\nb'],
    ['one that another one cuts off', '\x1b[3\x1b[31mred', 'red'],
    ['bytes of UTF-8 stay', '\x1b[1m你', '你'],
    ['none', 'plain', 'plain'],
  ])('%s', (_, text, expected) => {
    expect(new AnsiStripper().push(Buffer.from(text)).toString()).toBe(expected);
  });

  test('does the same however the stream is cut, and takes away no newline', () => {
    const escapes = fc.constantFrom('\x1b', '\x1b[', '\x1b]', '\x1b\\', '1;2', 'm', 'x', '\n', '\x07', '你');
    fc.assert(
      fc.property(fc.array(escapes), cuts, (parts, at) => {
        const bytes = Buffer.from(parts.join(''));
        const whole = new AnsiStripper().push(bytes);
        const stripper = new AnsiStripper();
        const chunks = cut(bytes, at).map((chunk) => stripper.push(chunk));
        expect(Buffer.concat(chunks)).toEqual(whole);
        expect(whole.toString().split('\n').length).toBe(bytes.toString().split('\n').length);
      }),
    );
  });
});
