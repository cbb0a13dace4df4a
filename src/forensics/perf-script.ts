/**
 * The output of `perf script -F period,ip,sym,dso` → who touched new memory: faults by the shared object held responsible, and by call
 * chain. Pure.
 *
 *     (header) 4
 *               15354a __memset_avx2 (/usr/lib/libc.so.6)
 *                 2620 newrelic_trace (/usr/lib/php/20220829/newrelic.so)
 */
import { basename } from 'node:path';
import { extensionFiles } from './extension-files.ts';
import type { FaultChain, FaultsOf } from './types.ts';

interface Frame {
  symbol: string;
  path: string;
}

interface Stack {
  faults: number;
  /** Leaf first. */
  frames: Frame[];
}

const FRAME = /^\s+[0-9a-f]+ (.+) \((.+)\)$/;
/** Everybody allocates through these: who called them is responsible. */
const CARRIERS = /^(?:libc[.-]|ld-|ld\.|libstdc\+\+|libgcc_s|libpthread|libjemalloc|libtcmalloc|libmimalloc|\[)/;
/** Of PHP's own program, what hands on to malloc: memory that lives outside of its heap. */
const PASSES_ON = /^(?:__zend_(?:malloc|calloc|realloc|strdup)|_safe_(?:malloc|realloc)|zend_strndup)\b/;
const MOST_OBJECTS = 8;
const MOST_CHAINS = 5;
const MOST_FRAMES = 12;

const stacksOf = (text: string): Stack[] => {
  const stacks: Stack[] = [];
  let open: Stack | null = null;
  for (const line of text.split('\n')) {
    const frame = FRAME.exec(line);
    if (frame !== null && open !== null) open.frames.push({ symbol: frame[1] ?? '', path: frame[2] ?? '' });
    else if (/^\s*\d+\s*$/.test(line)) {
      open = { faults: Number(line), frames: [] };
      stacks.push(open);
    } else if (line.trim() === '') open = null;
  }
  return stacks;
};

const carries = ({ symbol, path }: Frame): boolean =>
  path === '[unknown]' || CARRIERS.test(basename(path)) || PASSES_ON.test(symbol);

/** The first frame from the leaf up that is no carrier; a stack without one (it could not be unwound) blames its leaf. */
const responsible = ({ frames }: Stack): string =>
  (frames.find((frame) => !carries(frame)) ?? frames[0])?.path ?? '[unknown]';

/** The extension that led there: the responsible object itself, or the nearest one above it. */
const extensionAbove = ({ frames }: Stack): string | null =>
  frames.find(({ path }) => extensionFiles([path]).length > 0)?.path ?? null;

const shown = ({ symbol, path }: Frame): string =>
  `${symbol.replace(/\+0x[0-9a-f]+$/, '')} (${basename(path)})`.replace('[unknown] ([unknown])', '[unknown]');

export interface Faults {
  total: number;
  samples: number;
  objects: FaultsOf[];
  chains: FaultChain[];
}

export const parsePerfScript = (text: string): Faults => {
  const stacks = stacksOf(text);
  const total = stacks.reduce((sum, { faults }) => sum + faults, 0);
  const byObject = sums(stacks, responsible);
  const byChain = sums(stacks, ({ frames }) => frames.slice(0, MOST_FRAMES).map(shown).join('\n'));
  return {
    total,
    samples: stacks.length,
    objects: byObject.slice(0, MOST_OBJECTS).map(([path, faults]) => ({
      object: basename(path),
      path,
      extension: mostOften(stacks.filter((stack) => responsible(stack) === path)),
      faults,
      share: Math.round((1000 * faults) / total) / 1000,
    })),
    chains: byChain.slice(0, MOST_CHAINS).map(([chain, faults]) => ({ faults, frames: chain.split('\n') })),
  };
};

const mostOften = (stacks: readonly Stack[]): string | null => {
  const [first] = sums(stacks, (stack) => extensionAbove(stack) ?? '');
  return first === undefined || first[0] === '' ? null : first[0];
};

const sums = (stacks: readonly Stack[], keyOf: (stack: Stack) => string): [string, number][] => {
  const found = new Map<string, number>();
  for (const stack of stacks) {
    const key = keyOf(stack);
    found.set(key, (found.get(key) ?? 0) + stack.faults);
  }
  return [...found].toSorted((a, b) => b[1] - a[1]);
};
