import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readWindow, tailWindow } from '../../../../src/api/rpc/log-window.ts';

const of = (text: string | Buffer) => {
  const all = Buffer.from(text);
  return { size: all.length, read: (from: number, to: number) => Promise.resolve(all.subarray(from, to)) };
};

test.each([
  [-4, 0, 'orld'],
  [-100, 0, 'hello world'],
  [0, 0, 'hello world'],
  [6, 0, 'world'],
  [2, 3, 'llo'],
  [9, 50, 'ld'],
  [50, 5, ''],
])('read(%i, %i)', async (offset, length, text) => {
  expect(await readWindow(of('hello world'), offset, length)).toBe(text);
});

test('windows one after the other tell every character once, wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9 }), async (raw, width) => {
      const text = raw.replaceAll('\u001B', '');
      const bytes = of(text);
      let told = '';
      for (let at = 0; at < bytes.size; at += width) told += await readWindow(bytes, at, width);
      expect(told).toBe(text);
    }),
  );
});

test('the end of a log begins with a whole character, and what is no UTF-8 harms nobody', async () => {
  expect(await readWindow(of('a€b'), -2, 0)).toBe('b');
  expect(await readWindow(of(Buffer.from([0x61, 0xff, 0x80, 0x62])), 0, 0)).toBe('a\uFFFD\uFFFDb');
  expect(await readWindow(of(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80])), -4, 0)).toBe('\uFFFD');
  expect(await readWindow(of('\u001B[31mred\u001B[0m'), 0, 0)).toBe('red');
});

test.each([
  [0, 5, ['world', 11, true]],
  [11, 5, ['', 11, false]],
  [8, 5, ['world', 11, false]],
  [0, 100, ['hello world', 11, false]],
  [0, 0, ['', 11, true]],
  [0, -3, ['', 11, true]],
])('tail(%i, %i)', async (offset, length, result) => {
  expect(await tailWindow(of('hello world'), offset, length)).toEqual(result);
});
