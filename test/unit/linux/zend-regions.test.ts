import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES } from '../../../src/linux/zend-heap.ts';
import { zendRegions } from '../../../src/linux/zend-regions.ts';

const MAIN = 16 * CHUNK_BYTES;
const SECOND = 40 * CHUNK_BYTES;
const NODE = MAIN + 70_000;
const HUGE = 80 * CHUNK_BYTES;

/** Memory as words by address; what is not in it is not mapped. */
class Memory {
  readonly words = new Map<number, number>();

  put(address: number, ...values: number[]): this {
    for (const [index, value] of values.entries()) this.words.set(address + index * 8, value);
    return this;
  }

  readonly read = (address: number, buffer: Buffer): boolean => {
    if (!this.words.has(address)) return false;
    buffer.fill(0);
    for (let at = 0; at + 8 <= buffer.length; at += 8)
      buffer.writeBigUInt64LE(BigInt(this.words.get(address + at) ?? 0), at);
    return true;
  };
}

/** @param mainWord where `main_chunk` stands in the heap: 39 up to PHP 8.3, 40 from 8.4 on */
const heapOf = (mainWord: number, next = SECOND): Memory =>
  new Memory()
    .put(MAIN, MAIN + 64, next, SECOND)
    .put(MAIN + 64 + (mainWord - 1) * 8, NODE, MAIN)
    .put(SECOND, MAIN + 64, MAIN, MAIN)
    .put(NODE, HUGE, 3 * CHUNK_BYTES, 0);

describe('the regions of a heap', () => {
  test.each([39, 40])('are its ring of chunks and its list of huge blocks, main_chunk at word %s', (mainWord) => {
    const { read } = heapOf(mainWord);
    expect(zendRegions(MAIN, read)).toEqual([
      { from: MAIN, to: MAIN + CHUNK_BYTES },
      { from: SECOND, to: SECOND + CHUNK_BYTES },
      { from: HUGE, to: HUGE + 3 * CHUNK_BYTES },
    ]);
  });

  test('of one chunk and no huge block', () => {
    const memory = heapOf(39, MAIN);
    memory.put(MAIN + 64 + 38 * 8, 0);
    expect(zendRegions(MAIN, memory.read)).toEqual([{ from: MAIN, to: MAIN + CHUNK_BYTES }]);
  });

  test.each<[string, (memory: Memory) => unknown]>([
    ['the main chunk is gone', (memory) => memory.words.clear()],
    ['the ring leads to where nothing is', (memory) => memory.put(MAIN + 8, 44 * CHUNK_BYTES)],
    ['the ring leads to no chunk', (memory) => memory.put(MAIN + 8, SECOND + 16)],
    ['the ring never comes back', (memory) => memory.put(SECOND + 8, SECOND)],
    ['the list never ends', (memory) => memory.put(NODE + 16, NODE)],
    ['a huge block has no size', (memory) => memory.put(NODE + 8, 0)],
    ['a huge block lies beyond user space', (memory) => memory.put(NODE, 2 ** 47)],
    ['nothing names the main chunk', (memory) => memory.put(MAIN + 64 + 39 * 8, 0)],
  ])('are unknown where %s', (_, spoil) => {
    const memory = heapOf(39);
    spoil(memory);
    expect(zendRegions(MAIN, memory.read)).toBeNull();
  });
});
