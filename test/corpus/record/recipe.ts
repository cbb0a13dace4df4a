/** What is recorded: which kinds of worker, for how long, under which load, made from a seed. */
import { anyLoad } from '../load.ts';
import type { Series } from '../generate.ts';
import { seeded } from '../random.ts';
import type { Random } from '../random.ts';

/** Names of healthy.php, leaks.php and handles.php. */
const STATIONARY = ['steady', 'heavyTail', 'batches', 'spikes', 'fork', 'documents', 'inFlight'];
/** Those that fill up once. What the garbage collector frees PHP keeps, so that `cycles` is a plateau to the kernel. */
const GROWING = ['cycles', 'warmUp', 'cache', 'classes', 'steps', 'fragments', 'bigThenSmall'];
const LEAKS = [
  'static',
  'bursts',
  'listeners',
  'identityMap',
  'uncollected',
  'late',
  'idle',
  'twoSlopes',
  'nativeMalloc',
  'nativeDocuments',
  'helper',
];
/** Recorded later, after all others, so that those stay what they are: how many of each. */
const ADDED = { requests: 8, extension: 8, curl: 6, streams: 6 };
const ADDED_LEAKS = ['extension', 'curl', 'streams'];
const MB = 1e6;

export interface Recipe {
  name: string;
  /** One of them, or a leak and what lies under it. */
  parts: string[];
  kind: string;
  label: Series['label'];
  seed: number;
  intervalSeconds: number;
  /** Messages of each sample. */
  messages: number[];
  /** What a leak keeps of each message. */
  leakBytes: number;
}

/** `each` recordings of every healthy kind; of leaks as many in all; then what was added. */
export const recipes = (each: number): Recipe[] => {
  const healthy = [...STATIONARY, ...GROWING];
  const leaking = Array.from({ length: healthy.length * each }, (_, index) => LEAKS[index % LEAKS.length] ?? '');
  const added = Object.entries(ADDED).flatMap(([kind, count]) => times(count, kind));
  return [...healthy.flatMap((kind) => times(each, kind)), ...leaking, ...added].map(recipeOf);
};

const times = (count: number, kind: string): string[] => Array.from({ length: count }, () => kind);
const isLeak = (kind: string): boolean => LEAKS.includes(kind) || ADDED_LEAKS.includes(kind);

const recipeOf = (first: string, index: number): Recipe => {
  const random = seeded(900_000 + index);
  const parts = partsOf(random, first);
  const messages = messagesOf(random, Math.round(random.logBetween(60, 3_600)));
  const handled = messages.reduce((sum, count) => sum + count, 1);
  return {
    name: `recorded/${parts.join('+')}-${index}`,
    parts,
    kind: `recorded/${first}`,
    label: isLeak(first) ? 'leak' : parts.some((part) => GROWING.includes(part)) ? 'growing' : 'stationary',
    seed: random.integer(1, 1_000_000),
    intervalSeconds: random.pick([5, 5, 5, 5, 1, 2, 10, 30]),
    messages,
    leakBytes: Math.max(1, Math.round((random.logBetween(40, 400) * MB) / handled)),
  };
};

const partsOf = (random: Random, first: string): string[] => {
  if (random.chance(0.5)) return [first];
  const others = isLeak(first) ? [...STATIONARY, ...GROWING] : STATIONARY;
  // A process a sample would take most of the time of a recording.
  return [first, random.pick(others.filter((kind) => kind !== first && kind !== 'fork'))];
};

/** A worker that handles nothing at all says nothing: then the next load. */
const messagesOf = (random: Random, length: number): number[] => {
  const load = anyLoad(random);
  const messages = Array.from({ length }, (_, sample) => Math.min(60, load(sample)));
  return messages.reduce((sum, count) => sum + count, 0) > length / 10 ? messages : messagesOf(random, length);
};
