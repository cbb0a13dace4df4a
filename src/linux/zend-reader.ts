/** The Zend heap of one process, sample after sample: found once, then one read of a few hundred bytes each time. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { errorCode, isGone } from './proc-file.ts';
import { HEAD_BYTES, findMainChunk, parseMainChunk } from './zend-heap.ts';
import type { ZendHeap } from './zend-heap.ts';

/** A process that has no heap (yet) is searched again after so many readings, each time twice as many: the search costs milliseconds. */
const FIRST_REST = 1;
const LONGEST_REST = 64;

/** `why` where the kernel forbids to look. */
export const ZEND_REFUSED = 'its memory may not be read (ptrace_scope, or another user)';

const head = Buffer.alloc(HEAD_BYTES);

export class ZendReader {
  readonly #folder: string;
  #descriptor: number | null = null;
  #address: number | null = null;
  #rest = FIRST_REST;
  #wait = 0;
  #why: string | null = null;

  constructor(pid: number) {
    this.#folder = `/proc/${pid}`;
  }

  /** Why the last reading was null; a sentence without a full stop. */
  get why(): string | null {
    return this.#why;
  }

  /** Null while it is not known. */
  read(): ZendHeap | null {
    if (this.#address !== null) {
      const heap = this.#readAt(this.#address, head) ? parseMainChunk(head, this.#address) : null;
      if (heap !== null) return heap;
      // Another program runs in this process (exec), or the process ends: what was found is no more.
      this.#forget('its heap is no longer where it was');
    }
    if (this.#wait > 0) {
      this.#wait -= 1;
      return null;
    }
    this.#wait = this.#rest;
    this.#rest = Math.min(LONGEST_REST, this.#rest * 2);
    return this.#find() ? this.read() : null;
  }

  close(): void {
    this.#forget('it is no longer read');
  }

  #find(): boolean {
    try {
      this.#descriptor ??= openSync(`${this.#folder}/mem`, 'r');
      const found = findMainChunk(readFileSync(`${this.#folder}/maps`, 'latin1'), (at, into) => this.#readAt(at, into));
      if ('why' in found) {
        this.#forget(found.why);
        return false;
      }
      this.#address = found.address;
      this.#rest = FIRST_REST;
      this.#wait = 0;
      this.#why = null;
      return true;
    } catch (error) {
      this.#forget(reasonOf(error));
      return false;
    }
  }

  #readAt(address: number, into: Buffer): boolean {
    if (this.#descriptor === null) return false;
    try {
      return readSync(this.#descriptor, into, 0, HEAD_BYTES, address) === HEAD_BYTES;
    } catch (error) {
      // Not mapped (EIO, EFAULT), or the process is gone.
      if (errorCode(error) === 'EIO' || errorCode(error) === 'EFAULT' || isGone(error)) return false;
      throw error;
    }
  }

  /** The descriptor goes as well: one from before an exec shows the memory of before. */
  #forget(why: string): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
    this.#address = null;
    this.#why = why;
  }
}

const reasonOf = (error: unknown): string => {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') return ZEND_REFUSED;
  if (isGone(error)) return 'it is gone';
  return (error as Error).message;
};
