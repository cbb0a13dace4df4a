/** Memory by kind, and what grew between two readings of all mappings. Pure. */
import type { Mapping } from '../linux/proc-smaps.ts';
import type { Region } from '../linux/zend-regions.ts';
import type { GrownMapping, Kind, MemoryByKind } from './types.ts';

/** Growth below this is no news. */
const LEAST_GROWN_BYTES = 64 * 1024;
const MOST_GROWN = 20;
/** A mapping that is Zend's for the greater part is Zend's: the kernel joins neighbours that belong to different owners. */
const ZEND_SHARE = 0.5;

/** Named by its key. */
const SYSTEM_V = /^\/SYSV[0-9a-f]{8}(?: \(deleted\))?$/;
const SPECIAL = /^\[(?:vdso|vvar|vsyscall|vvar_vclock|uprobes)\]$/;

export const kindOf = (mapping: Mapping, zend: readonly Region[]): Kind => {
  const { path, permissions, inode } = mapping;
  if (path === '[heap]') return 'brk';
  if (path.startsWith('[stack')) return 'stack';
  if (SPECIAL.test(path)) return 'other';
  if (permissions.endsWith('s')) return 'shared';
  if (inode !== 0) return 'file';
  return overlap(mapping, zend) >= ZEND_SHARE * (mapping.to - mapping.from) ? 'zend' : 'anonymous';
};

const overlap = ({ from, to }: Region, regions: readonly Region[]): number =>
  regions.reduce((sum, region) => sum + Math.max(0, Math.min(to, region.to) - Math.max(from, region.from)), 0);

export const emptyKinds = (): MemoryByKind => ({
  zend: 0,
  brk: 0,
  anonymous: 0,
  stack: 0,
  file: 0,
  shared: 0,
  other: 0,
});

/** Resident and swapped bytes; of a mapping that is partly Zend's, each part to its kind, Zend's counted as resident first. */
export const byKind = (mappings: readonly Mapping[], zend: readonly Region[]): MemoryByKind => {
  const kinds = emptyKinds();
  for (const mapping of mappings) {
    const bytes = mapping.rssBytes + mapping.swapBytes;
    const kind = kindOf(mapping, zend);
    if (kind !== 'zend' && kind !== 'anonymous') kinds[kind] += bytes;
    else {
      const ours = Math.min(bytes, overlap(mapping, zend));
      kinds.zend += ours;
      kinds.anonymous += bytes - ours;
    }
  }
  return kinds;
};

/** Address space of shared memory, resident or not: what is mapped once and fills has its end. */
export const mappedShared = (mappings: readonly Mapping[]): number =>
  mappings.filter((mapping) => kindOf(mapping, []) === 'shared').reduce((sum, { from, to }) => sum + to - from, 0);

interface Named {
  kind: Kind;
  what: string;
  bytes: number;
}

/** Mappings of one file count as one; anonymous ones are known by where they begin, or where they end (a stack grows downwards). */
const named = (mappings: readonly Mapping[], zend: readonly Region[]): Named[] => {
  const all = new Map<string, Named>();
  for (const mapping of mappings) {
    const kind = kindOf(mapping, zend);
    const what = SYSTEM_V.test(mapping.path)
      ? 'System V shared memory'
      : mapping.path === ''
        ? `${mapping.from.toString(16)}-${mapping.to.toString(16)}`
        : mapping.path;
    const bytes = mapping.rssBytes + mapping.swapBytes;
    const key = `${kind} ${what}`;
    const known = all.get(key);
    if (known === undefined) all.set(key, { kind, what, bytes });
    else known.bytes += bytes;
  }
  return [...all.values()];
};

/** The mapping that this one was before: the same name, or an anonymous one that it overlaps. */
const earlier = (now: Named, before: readonly Named[]): Named[] => {
  const range = rangeOf(now.what);
  if (range === null) return before.filter(({ kind, what }) => kind === now.kind && what === now.what);
  return before.filter(({ what }) => {
    const old = rangeOf(what);
    return old !== null && old.from < range.to && range.from < old.to;
  });
};

const rangeOf = (what: string): Region | null => {
  const match = /^([0-9a-f]+)-([0-9a-f]+)$/.exec(what);
  if (match === null) return null;
  return { from: Number.parseInt(match[1] ?? '', 16), to: Number.parseInt(match[2] ?? '', 16) };
};

export interface MappingReading {
  mappings: readonly Mapping[];
  zend: readonly Region[];
}

/** What grew, largest first. */
export const grownBetween = (before: MappingReading, after: MappingReading): GrownMapping[] => {
  const old = named(before.mappings, before.zend);
  return named(after.mappings, after.zend)
    .map(({ kind, what, bytes }) => {
      const fromBytes = earlier({ kind, what, bytes }, old).reduce((sum, each) => sum + each.bytes, 0);
      return { kind, what, fromBytes, toBytes: bytes };
    })
    .filter(({ fromBytes, toBytes }) => toBytes - fromBytes >= LEAST_GROWN_BYTES)
    .toSorted((a, b) => b.toBytes - b.fromBytes - (a.toBytes - a.fromBytes))
    .slice(0, MOST_GROWN);
};
