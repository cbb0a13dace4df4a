import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_LINE_BYTES, LineAssembler, PIECE_BYTES } from '../../../src/shim/line-assembler.ts';
import type { Block } from '../../../src/shim/line-assembler.ts';
import { LogDrops } from '../../../src/shim/log-drops.ts';
import { LogQueue } from '../../../src/shim/log-queue.ts';

const block = (text: string, end: Block['end'] = text.endsWith('\n') ? 'line' : 'partial'): Block => ({
  bytes: Buffer.from(text),
  end,
});
const drain = (queue: LogQueue, room = Infinity): string => {
  let text = '';
  while (!queue.isEmpty) text += Buffer.concat(queue.take(room, true) ?? []).toString();
  return text;
};

describe('LineAssembler', () => {
  test('passes on whole lines and holds the rest', () => {
    const lines = new LineAssembler();
    expect(lines.push(Buffer.from('a\nb'))).toEqual([block('a\n')]);
    expect(lines.holds).toBe(true);
    expect(lines.push(Buffer.from('c\n'))).toEqual([block('bc\n')]);
    expect(lines.holds).toBe(false);
    lines.push(Buffer.from('end'));
    expect(lines.flush()).toEqual([block('end')]);
    expect(lines.flush()).toEqual([]);
  });

  test('a long line goes on in pieces, an endless one no longer makes others wait', () => {
    const lines = new LineAssembler();
    const part = Buffer.alloc(PIECE_BYTES + 1, 'x');
    const ends = [];
    for (let bytes = 0; bytes <= LONGEST_LINE_BYTES + part.length; bytes += part.length) {
      ends.push(...lines.push(part).map(({ end }) => end));
    }
    expect(ends[0]).toBe('piece');
    expect(ends.at(-1)).toBe('partial');
    expect(lines.push(Buffer.from('\n'))).toEqual([block('\n')]);
  });

  test('a line that stops behind a piece is given up like any other: nobody waits for its end for ever', () => {
    const lines = new LineAssembler();
    expect(lines.push(Buffer.alloc(PIECE_BYTES + 1, 'x')).map(({ end }) => end)).toEqual(['piece']);
    expect(lines.holds).toBe(true);
    expect(lines.flush()).toEqual([]);
    expect(lines.holds).toBe(false);
  });

  test('no byte is lost or changed however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const lines = new LineAssembler();
        const blocks = [...chunks.flatMap((chunk) => lines.push(Buffer.from(chunk))), ...lines.flush()];
        expect(Buffer.concat(blocks.map(({ bytes }) => bytes))).toEqual(Buffer.concat(chunks));
        for (const { bytes, end } of blocks) expect(bytes.at(-1) === 10).toBe(end === 'line');
      }),
    );
  });
});

describe('LogQueue', () => {
  const a = {};
  const b = {};

  test('others wait behind a piece, and come in order when its line ends', () => {
    const queue = new LogQueue();
    queue.push(a, block('long', 'piece'));
    queue.push(b, block('b1\n'));
    queue.push(b, block('b2\n'));
    expect(drain(queue)).toBe('long');
    queue.push(a, block(' end\n'));
    expect(drain(queue)).toBe(' end\nb1\nb2\n');
    expect(queue.bytes).toBe(0);
  });

  test('a partial line is ended for the next writer, and continued by its own', () => {
    const queue = new LogQueue();
    queue.push(a, block('par'));
    queue.push(a, block('tial\n'));
    queue.push(a, block('again'));
    queue.push(b, block('b\n'));
    expect(drain(queue)).toBe('partial\nagain\nb\n');
  });

  test('a released piece no longer makes others wait', () => {
    const queue = new LogQueue();
    queue.push(a, block('piece', 'piece'));
    queue.push(b, block('b\n'));
    queue.release(a);
    expect(drain(queue)).toBe('piece\nb\n');
  });

  test('is cut behind a line to fit, and says when the next line does not', () => {
    const queue = new LogQueue();
    queue.push(a, block('12\n45\n7890\n'));
    expect(Buffer.concat(queue.take(8, false) ?? []).toString()).toBe('12\n45\n');
    expect(queue.take(4, false)).toBeNull();
    expect(Buffer.concat(queue.take(4, true) ?? []).toString()).toBe('7890\n');
    expect(queue.isEmpty).toBe(true);
  });

  test('puts back in front what was not written', () => {
    const queue = new LogQueue();
    queue.push(a, block('one\n'));
    queue.push(a, block('two\n'));
    const [taken] = queue.take(Infinity, true) ?? [];
    queue.putBack(Buffer.from(taken?.subarray(1) ?? ''));
    expect(drain(queue).startsWith('ne\n')).toBe(true);
  });

  test('no line is torn or lost, whoever writes and however it is taken', () => {
    const writes = fc.array(fc.tuple(fc.nat(2), fc.array(fc.constantFrom('x', 'yy', '\n', '\n'), { maxLength: 8 })));
    fc.assert(
      fc.property(writes, fc.integer({ min: 1, max: 20 }), (events, room) => {
        const queue = new LogQueue();
        const writers = [0, 1, 2].map((id) => ({ id, lines: new LineAssembler() }));
        const wanted: string[] = [];
        for (const [id, parts] of events) {
          const writer = writers[id];
          if (writer === undefined) continue;
          const text = parts.map((part) => (part === '\n' ? `${id}\n` : part)).join('');
          for (const done of writer.lines.push(Buffer.from(text))) {
            queue.push(writer, done);
            wanted.push(...done.bytes.toString().split('\n').slice(0, -1));
          }
        }
        expect(drain(queue, room).split('\n').slice(0, -1)).toEqual(wanted);
      }),
    );
  });
});

describe('LogDrops', () => {
  test('counts each line once, and drops the rest of a line whose beginning was dropped', () => {
    const drops = new LogDrops();
    const writer = {};
    drops.drop(writer, block('a\nb\nc'));
    drops.drop(writer, block('c', 'piece'));
    expect(drops.unwritten).toBe(3);
    expect(drops.keep(writer, block('still c', 'piece'))).toBeNull();
    expect(drops.keep(writer, block('end of c\nd\n'))).toEqual(block('d\n'));
    expect(drops.keep(writer, block('e\n'))).toEqual(block('e\n'));
    expect(drops.takeNotice()).toBe('[ackwarden] 3 lines dropped here: this log could not be written.');
    expect(drops.takeNotice()).toBeNull();
    expect(drops.takeUntold()).toBe(3);
    expect(drops.untold).toBe(0);
  });
});
