import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventStreamReader } from '../../../src/api/event-stream.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

describe('createEventStreamReader', () => {
  test('reads events, several data lines, comments and carriage returns', () => {
    const reader = createEventStreamReader();
    const events = reader.push(bytes(': hello\r\nevent: journal\r\ndata: a\r\ndata:b\r\n\r\ndata: c\n\n\n'));
    expect(events).toEqual([
      { event: 'journal', data: 'a\nb' },
      { event: 'message', data: 'c' },
    ]);
  });

  test('gives the same events wherever the chunks end, also inside a character', () => {
    const text = 'event: status\ndata: {"name":"käse 処理"}\n\nevent: journal\ndata: 2\n\n';
    const whole = createEventStreamReader().push(bytes(text));
    const all = bytes(text);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: all.length })), (cuts) => {
        const reader = createEventStreamReader();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), all.length];
        const events = edges.slice(1).flatMap((edge, index) => reader.push(all.subarray(edges[index], edge)));
        expect(events).toEqual(whole);
      }),
    );
  });

  test('refuses an event without end', () => {
    const reader = createEventStreamReader();
    const block = bytes('x'.repeat(9 * 1024 * 1024));
    reader.push(block);
    expect(() => reader.push(block)).toThrow(/more than/);
  });
});
