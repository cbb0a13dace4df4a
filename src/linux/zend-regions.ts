/**
 * Where the Zend heap of a process lies: its chunks, which form a ring from the main chunk, and its huge blocks, which form a list
 * (Zend/zend_alloc.c). A few bytes are read of each.
 */
import { CHUNK_BYTES, HEAD_BYTES } from './zend-heap.ts';
import type { ReadMemory } from './zend-heap.ts';

export interface Region {
  from: number;
  to: number;
}

const HEADER_WORDS = 8;
const WORD_BYTES = 8;
/** Header of a chunk that is not the main one: heap, next, prev. A huge block's node: address, size, next. */
const NODE_BYTES = 3 * WORD_BYTES;
/** 128 GiB of chunks; a ring that does not close is no ring. */
const MOST_NODES = 65_536;
const MAX_ADDRESS = 2 ** 47;
/** `main_chunk` stands somewhere behind `real_size` (word 34 or 35), `huge_list` right before it. */
const FIRST_CANDIDATE = 37;

/** Regions in no order; null where the lists make no sense (the process changes them while they are read). */
export const zendRegions = (mainChunk: number, read: ReadMemory): Region[] | null => {
  const head = Buffer.alloc(HEAD_BYTES);
  if (!read(mainChunk, head)) return null;
  const chunks = ring(mainChunk, word(head, 1), read);
  const hugeList = hugeListOf(head, mainChunk);
  const huge = chunks === null || hugeList === null ? null : list(hugeList, read);
  return chunks === null || huge === null ? null : [...chunks, ...huge];
};

const ring = (main: number, first: number, read: ReadMemory): Region[] | null => {
  const node = Buffer.alloc(NODE_BYTES);
  const chunks = [{ from: main, to: main + CHUNK_BYTES }];
  for (let at = first; at !== main; at = word(node, 1)) {
    if (at % CHUNK_BYTES !== 0 || chunks.length > MOST_NODES || !readable(at) || !read(at, node)) return null;
    chunks.push({ from: at, to: at + CHUNK_BYTES });
  }
  return chunks;
};

const list = (first: number, read: ReadMemory): Region[] | null => {
  const node = Buffer.alloc(NODE_BYTES);
  const blocks: Region[] = [];
  for (let at = first; at !== 0; at = word(node, 2)) {
    if (blocks.length > MOST_NODES || !readable(at) || !read(at, node)) return null;
    const from = word(node, 0);
    const size = word(node, 1);
    if (from % CHUNK_BYTES !== 0 || size === 0 || !readable(from + size)) return null;
    blocks.push({ from, to: from + size });
  }
  return blocks;
};

const hugeListOf = (head: Buffer, main: number): number | null => {
  for (let index = HEADER_WORDS + FIRST_CANDIDATE; (index + 1) * WORD_BYTES <= HEAD_BYTES; index += 1)
    if (word(head, index) === main) return word(head, index - 1);
  return null;
};

const readable = (address: number): boolean => address > 0 && address < MAX_ADDRESS;

const word = (buffer: Buffer, index: number): number =>
  buffer.readUInt32LE(index * WORD_BYTES) + buffer.readUInt32LE(index * WORD_BYTES + 4) * 0x1_0000_0000;
