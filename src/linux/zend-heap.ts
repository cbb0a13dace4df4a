/**
 * The Zend heap of a living PHP process, read from outside (Zend/zend_alloc.c, 64 bit): what `memory_get_usage()` tells inside it.
 * One small read of /proc/PID/mem a sample; no signal, no ptrace stop, no code in the worker. Needs PTRACE_MODE_ATTACH (ptrace(2)).
 *
 * The allocator takes chunks of 2 MiB, aligned to 2 MiB. Each begins with a pointer to the heap, which lies in the first ("main") chunk
 * behind its header of 64 bytes; there the pointer leads to the chunk itself.
 */
export const CHUNK_BYTES = 2 * 1024 * 1024;
const HEADER_BYTES = 64;
const WORD_BYTES = 8;
const PAGE_BYTES = 4096;
/** Words of the heap after `limit` among which `main_chunk` stands, whatever the version. */
const MAIN_CHUNK_WORDS = 16;
/** Enough for the header, the figures of either layout, and `main_chunk`. */
export const HEAD_BYTES = HEADER_BYTES + (38 + MAIN_CHUNK_WORDS) * WORD_BYTES;

/** Word of `real_size`; `real_peak` and `limit` follow. PHP 8.4 put `shadow_key` before the free slots. */
const LAYOUTS = [34, 35] as const;

export interface ZendHeap {
  /** `memory_get_usage()`. */
  usedBytes: number;
  /** `memory_get_usage(true)`. */
  realBytes: number;
}

/** Reads into the start of `buffer`; false where nothing of the process is mapped there. */
export type ReadMemory = (address: number, buffer: Buffer) => boolean;

/** The head of a chunk at `address` → its heap; null where it is not the main chunk of a heap that makes sense. */
export const parseMainChunk = (head: Buffer, address: number): ZendHeap | null => {
  if (word(head, 0) !== address + HEADER_BYTES || heapWord(head, 0) !== 0) return null;
  const real = LAYOUTS.find((index) => makesSense(head, index) && namesItself(head, address, index + 3));
  return real === undefined ? null : { usedBytes: heapWord(head, 2), realBytes: heapWord(head, real) };
};

/** Whether this is a heap with an allocator of its own (`USE_ZEND_ALLOC=0`, some profilers): then nothing is known. */
export const isCustomHeap = (head: Buffer, address: number): boolean =>
  word(head, 0) === address + HEADER_BYTES && heapWord(head, 0) !== 0;

/** A layout is told by what must hold in it, never by a version. */
const makesSense = (head: Buffer, index: number): boolean => {
  const [size, peak] = [heapWord(head, 2), heapWord(head, 3)];
  const [realSize, realPeak, limit] = [heapWord(head, index), heapWord(head, index + 1), heapWord(head, index + 2)];
  if (size <= 0 || realSize < CHUNK_BYTES || realSize % PAGE_BYTES !== 0 || realPeak % PAGE_BYTES !== 0) return false;
  return size <= realSize && realSize <= realPeak && size <= peak && realSize <= limit;
};

const namesItself = (head: Buffer, address: number, from: number): boolean => {
  for (let index = from; index < from + MAIN_CHUNK_WORDS - 1; index += 1)
    if (heapWord(head, index) === address) return true;
  return false;
};

/**
 * The address of the main chunk; null where there is none.
 *
 * @param maps text of /proc/PID/maps
 */
export const findMainChunk = (maps: string, read: ReadMemory): { address: number } | { why: string } => {
  const head = Buffer.alloc(HEAD_BYTES);
  let custom = false;
  for (const { from, to } of anonymousMappings(maps)) {
    for (
      let address = Math.ceil(from / CHUNK_BYTES) * CHUNK_BYTES;
      address + CHUNK_BYTES <= to;
      address += CHUNK_BYTES
    ) {
      if (!read(address, head)) continue;
      if (parseMainChunk(head, address) !== null) return { address };
      custom ||= isCustomHeap(head, address);
      // Every chunk of a heap leads to its main chunk.
      const main = word(head, 0) - HEADER_BYTES;
      if (main !== address && main > 0 && main % CHUNK_BYTES === 0 && read(main, head)) {
        if (parseMainChunk(head, main) !== null) return { address: main };
      }
    }
  }
  return {
    why: custom
      ? 'its heap has an allocator of its own'
      : 'it has no Zend heap (not PHP, not yet, or USE_ZEND_ALLOC=0)',
  };
};

function* anonymousMappings(maps: string): Generator<{ from: number; to: number }> {
  for (const line of maps.split('\n')) {
    const match = /^([0-9a-f]+)-([0-9a-f]+) rw\S* \S+ \S+ 0 *(\S.*)?$/.exec(line);
    if (match === null || (match[3] !== undefined && !match[3].startsWith('[anon'))) continue;
    yield { from: Number.parseInt(match[1] ?? '0', 16), to: Number.parseInt(match[2] ?? '0', 16) };
  }
}

/** User space addresses and sizes are below 2^53: what is not is no figure of ours. */
const word = (head: Buffer, offset: number): number =>
  head.readUInt32LE(offset) + head.readUInt32LE(offset + 4) * 0x1_0000_0000;

const heapWord = (head: Buffer, index: number): number => word(head, HEADER_BYTES + index * WORD_BYTES);
