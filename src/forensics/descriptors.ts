/** Open descriptors by what they are on, and what there is more of at the end of the window than at its begin. */
import { dirname } from 'node:path';
import { listDescriptors } from '../linux/proc-fd.ts';
import type { SocketEnds } from '../linux/proc-net.ts';
import { attempt } from './target.ts';
import type { Read } from './target.ts';
import type { DescriptorFacts, DescriptorKind, MoreDescriptors } from './types.ts';

/** One open descriptor. */
export interface Descriptor {
  kind: DescriptorKind;
  /** Alike ones have the same text. */
  what: string;
  halfClosed: boolean;
}

const MOST_KINDS_OF_MORE = 8;
const LEAST_MORE_SOCKETS = 10;
const SOCKET = /^socket:\[(\d+)\]$/;
const DELETED = / \(deleted\)$/;

export const readTargets = (pid: number): Read<string[]> => attempt(() => listDescriptors(pid));

/** @param target as readlink(2) of /proc/PID/fd/N tells it */
export const descriptorOf = (target: string, ends: SocketEnds): Descriptor => {
  const inode = SOCKET.exec(target)?.[1];
  if (inode !== undefined) {
    // A socket that is not connected yet, or of another family, is in no table.
    const end = ends.get(inode) ?? { what: 'socket', halfClosed: false };
    return { kind: 'socket', ...end };
  }
  if (target.startsWith('pipe:')) return { kind: 'pipe', what: 'pipe', halfClosed: false };
  const anonymous = /^anon_inode:\[?([^\]]+)\]?$/.exec(target)?.[1];
  if (anonymous !== undefined) return { kind: 'other', what: anonymous, halfClosed: false };
  return { kind: 'file', what: target.replace(DELETED, ''), halfClosed: false };
};

/**
 * @param limit the most that it may have; null: not known
 * @param socketEnds asked for only where there are so many sockets more that somebody wants to know: the tables are those of the whole host
 */
export const descriptorFacts = (
  [before, after]: readonly [Read<string[]>, Read<string[]>],
  limit: number | null,
  socketEnds: () => SocketEnds,
): DescriptorFacts => {
  if ('why' in before) return { why: before.why, limit, open: null, more: [] };
  // Gone meanwhile: what it had at the begin is all there is.
  if ('why' in after) return { why: after.why, limit, open: byKind(describe(before.value)), more: [] };
  const moreSockets = countSockets(after.value) - countSockets(before.value);
  const ends: SocketEnds = moreSockets >= LEAST_MORE_SOCKETS ? socketEnds() : new Map();
  const [old, now] = [describe(before.value, ends), describe(after.value, ends)];
  return { why: null, limit, open: byKind(now), more: moreBetween(old, now) };
};

const countSockets = (targets: readonly string[]): number => targets.filter((target) => SOCKET.test(target)).length;

const describe = (targets: readonly string[], ends: SocketEnds = new Map()): Descriptor[] =>
  targets.map((target) => descriptorOf(target, ends));

const byKind = (all: readonly Descriptor[]): Record<DescriptorKind, number> => {
  const count = { socket: 0, pipe: 0, file: 0, other: 0 };
  for (const { kind } of all) count[kind] += 1;
  return count;
};

interface Group extends MoreDescriptors {
  halfClosed: number;
}

const groupsOf = (all: readonly Descriptor[]): Map<string, Group> => {
  const groups = new Map<string, Group>();
  for (const { kind, what, halfClosed } of all) {
    const group = groups.get(what) ?? { kind, what, count: 0, halfClosed: 0 };
    group.count += 1;
    group.halfClosed += halfClosed ? 1 : 0;
    groups.set(what, group);
  }
  return groups;
};

/** Most first. Files of which there is one more each are counted by their folder. */
export const moreBetween = (before: readonly Descriptor[], after: readonly Descriptor[]): MoreDescriptors[] => {
  const old = groupsOf(before);
  const more = [...groupsOf(after).values()]
    .map((group) => {
      const was = old.get(group.what);
      return {
        ...group,
        count: group.count - (was?.count ?? 0),
        halfClosed: Math.max(0, group.halfClosed - (was?.halfClosed ?? 0)),
      };
    })
    .filter(({ count }) => count > 0);
  return byFolder(more)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, MOST_KINDS_OF_MORE);
};

const byFolder = (groups: readonly Group[]): Group[] => {
  const single = groups.filter(({ kind, count, what }) => kind === 'file' && count === 1 && what.startsWith('/'));
  const folders = groupsOf(
    single.map(({ kind, what }) => ({ kind, what: `files in ${dirname(what)}`, halfClosed: false })),
  );
  return [...groups.filter((group) => !single.includes(group)), ...folders.values()];
};
