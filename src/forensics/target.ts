/** Reading another process's /proc files: what is refused or gone is null with its reason, never an exception. */
import { closeSync, openSync, readFileSync, readSync, readlinkSync } from 'node:fs';
import { errorCode, isGone } from '../linux/proc-file.ts';
import { findMainChunk } from '../linux/zend-heap.ts';
import type { ReadMemory } from '../linux/zend-heap.ts';
import { parseSmaps } from '../linux/proc-smaps.ts';
import { zendRegions } from '../linux/zend-regions.ts';
import type { MappingReading } from './mappings.ts';

export type Read<T> = { value: T } | { why: string };

export const reasonOf = (error: unknown): string => {
  const code = errorCode(error);
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied: run diagnose as root, or as the same user';
  return isGone(error) ? 'the process is gone' : (error as Error).message;
};

export const attempt = <T>(work: () => T): Read<T> => {
  try {
    return { value: work() };
  } catch (error) {
    return { why: reasonOf(error) };
  }
};

export const readProc = (pid: number, name: string): Read<string> =>
  attempt(() => readFileSync(`/proc/${pid}/${name}`, 'utf8'));

export const textOf = (pid: number, name: string): string | null => {
  const read = readProc(pid, name);
  return 'value' in read ? read.value : null;
};

export const linkOf = (pid: number, name: string): string | null => {
  const read = attempt(() => readlinkSync(`/proc/${pid}/${name}`));
  return 'value' in read ? read.value : null;
};

/** All mappings, with the Zend heap's regions where its memory may be read. `tookMs`: how long its mmap lock was contended at most. */
export const readMappings = (pid: number): Read<MappingReading> & { tookMs: number } => {
  const began = performance.now();
  const text = readProc(pid, 'smaps');
  const tookMs = performance.now() - began;
  if ('why' in text) return { why: text.why, tookMs };
  // A kernel thread, a zombie: no memory of its own.
  if (text.value === '') return { why: 'it has no memory of its own', tookMs };
  return { value: { mappings: parseSmaps(text.value), zend: readRegions(pid) }, tookMs };
};

/** Empty where the heap cannot be read: the reader of the heap says why. */
const readRegions = (pid: number): MappingReading['zend'] => {
  const found = attempt(() => {
    const descriptor = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const read: ReadMemory = (address, buffer) => readAt(descriptor, address, buffer);
      const main = findMainChunk(readFileSync(`/proc/${pid}/maps`, 'latin1'), read);
      return 'address' in main ? zendRegions(main.address, read) : null;
    } finally {
      closeSync(descriptor);
    }
  });
  return 'value' in found ? (found.value ?? []) : [];
};

const readAt = (descriptor: number, address: number, buffer: Buffer): boolean => {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, address) === buffer.length;
  } catch (error) {
    if (errorCode(error) === 'EIO' || errorCode(error) === 'EFAULT' || isGone(error)) return false;
    throw error;
  }
};
