import { describe, expect, test } from 'vitest';
import { CHUNK_BYTES, HEAD_BYTES, findMainChunk, isCustomHeap, parseMainChunk } from '../../../src/linux/zend-heap.ts';
import { RECORDED } from './recorded-heaps.ts';

const MAIN = 0x7f12_3440_0000;
const MIB = 1024 * 1024;

interface Figures {
  real: 34 | 35;
  used?: number;
  peak?: number;
  realBytes?: number;
  realPeak?: number;
  custom?: number;
  mainChunk?: number;
  heapOf?: number;
}

/** The first bytes of a chunk, as either layout has them. */
const chunk = ({ real, ...given }: Figures): Buffer => {
  const head = Buffer.alloc(HEAD_BYTES);
  const put = (offset: number, value: number): void => void head.writeBigUInt64LE(BigInt(value), offset);
  const heap = (index: number, value: number): void => put(64 + index * 8, value);
  put(0, (given.heapOf ?? MAIN) + 64);
  heap(0, given.custom ?? 0);
  heap(2, given.used ?? 396_280);
  heap(3, given.peak ?? 500_000);
  if (real === 35) heap(4, 0xdead_beef);
  heap(real - 3, MAIN + 0x3000);
  heap(real, given.realBytes ?? 2 * MIB);
  heap(real + 1, given.realPeak ?? 4 * MIB);
  heap(real + 2, 128 * MIB);
  heap(real + 4, given.mainChunk ?? MAIN);
  return head;
};

describe.each([34, 35] as const)('the layout with real_size at word %i', (real) => {
  test('tells what is used and what is taken', () => {
    expect(parseMainChunk(chunk({ real }), MAIN)).toEqual({ usedBytes: 396_280, realBytes: 2 * MIB });
  });

  test.each<[string, Partial<Figures>]>([
    ['an allocator of its own', { custom: 1 }],
    ['more used than taken', { used: 3 * MIB, peak: 3 * MIB }],
    ['more used than at the peak', { peak: 1 }],
    ['taken by no page', { realBytes: 2 * MIB + 1 }],
    ['more taken than at the peak', { realPeak: MIB }],
    ['nothing taken', { realBytes: 0, used: 0 }],
    ['a heap that lies elsewhere', { heapOf: MAIN + CHUNK_BYTES }],
    ['a heap that does not name its chunk', { mainChunk: 5 }],
  ])('%s is no heap', (_, figures) => {
    expect(parseMainChunk(chunk({ real, ...figures }), MAIN)).toBeNull();
  });
});

test.each(RECORDED)('the heap of PHP $version, as it was', ({ address, usedBytes, realBytes, head }) => {
  const bytes = Buffer.from(head, 'base64').subarray(0, HEAD_BYTES);
  expect(bytes.length).toBe(HEAD_BYTES);
  expect(parseMainChunk(bytes, address)).toEqual({ usedBytes, realBytes });
  // It is not taken for the heap of another place.
  expect(parseMainChunk(bytes, address + CHUNK_BYTES)).toBeNull();
});

test('an allocator of its own is told from no heap', () => {
  expect(isCustomHeap(chunk({ real: 34, custom: 1 }), MAIN)).toBe(true);
  expect(isCustomHeap(Buffer.alloc(HEAD_BYTES), MAIN)).toBe(false);
});

describe('the search', () => {
  const line = (from: number, to: number, rest: string): string => `${from.toString(16)}-${to.toString(16)} ${rest}`;
  const memory =
    (chunks: Record<number, Buffer>) =>
    (address: number, into: Buffer): boolean =>
      (chunks[address]?.copy(into) ?? 0) > 0;
  const ANON = 'rw-p 00000000 00:00 0 ';

  test('finds the main chunk in the middle of a mapping that is not aligned', () => {
    const maps = line(MAIN - CHUNK_BYTES - 4096, MAIN + 2 * CHUNK_BYTES, ANON);
    expect(findMainChunk(maps, memory({ [MAIN]: chunk({ real: 34 }) }))).toEqual({ address: MAIN });
  });

  test('any chunk leads to the main one, named mappings too', () => {
    const other = MAIN - 8 * CHUNK_BYTES;
    const maps = line(other, other + CHUNK_BYTES, `${ANON}                     [anon:zend_alloc]`);
    const found = findMainChunk(maps, memory({ [other]: chunk({ real: 35 }), [MAIN]: chunk({ real: 35 }) }));
    expect(found).toEqual({ address: MAIN });
  });

  test.each([
    ['a file', line(MAIN, MAIN + CHUNK_BYTES, 'rw-p 00000000 08:01 77 /usr/lib/x.so')],
    ['the stack', line(MAIN, MAIN + CHUNK_BYTES, `${ANON}                     [stack]`)],
    ['what cannot be written', line(MAIN, MAIN + CHUNK_BYTES, 'r--p 00000000 00:00 0')],
    ['less than a chunk', line(MAIN, MAIN + CHUNK_BYTES - 4096, ANON)],
    ['nothing', ''],
  ])('does not look into %s', (_, maps) => {
    expect(findMainChunk(maps, memory({ [MAIN]: chunk({ real: 34 }) }))).toMatchObject({
      why: expect.stringMatching(/no Zend heap/) as string,
    });
  });

  test('says that the allocator is another', () => {
    const maps = line(MAIN, MAIN + CHUNK_BYTES, ANON);
    const found = findMainChunk(maps, memory({ [MAIN]: chunk({ real: 34, custom: 1 }) }));
    expect(found).toMatchObject({ why: expect.stringMatching(/allocator of its own/) as string });
  });

  test('memory that cannot be read is passed over', () => {
    expect(findMainChunk(line(MAIN, MAIN + CHUNK_BYTES, ANON), () => false)).toMatchObject({
      why: expect.stringMatching(/no Zend heap/) as string,
    });
  });
});
