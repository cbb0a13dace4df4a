/** `defaults` under a program: maps merge deeply, everything else replaces. And where each value was written. */
import type { Path } from './problem.ts';
import { rawAt } from './raw-at.ts';
import { isRawMap } from './tree.ts';
import type { Places, Raw, RawMap } from './tree.ts';
import type { Origin } from './types.ts';

/** Maps whose keys exclude each other, so that a program's map replaces the one of `defaults`. */
const WHOLE_MAPS = new Set(['broker']);

/** Ways that exclude each other: the program's one takes the place of the other. */
const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = {
  oom: ['scoreAdj', 'adj'],
  ready: ['log', 'file', 'consuming', 'command'],
};

function withoutAlternatives(name: string, base: RawMap, over: RawMap): RawMap {
  const words = ALTERNATIVES[name] ?? [];
  if (!words.some((word) => Object.hasOwn(over, word))) return base;
  return Object.fromEntries(Object.entries(base).filter(([word]) => !words.includes(word)));
}

/** A new map; `over` wins. */
export function mergeRaw(base: RawMap, over: RawMap): RawMap {
  const merged: RawMap = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, name) ? base[name] : undefined;
    const deep = isRawMap(below) && isRawMap(value) && !WHOLE_MAPS.has(name);
    merged[name] = deep ? mergeRaw(withoutAlternatives(name, below, value), value) : value;
  }
  return merged;
}

/** A program as written: what came from where. */
export class Written {
  readonly name: string;
  readonly #own: RawMap;
  readonly #places: Places;

  constructor(name: string, own: RawMap, places: Places) {
    this.name = name;
    this.#own = own;
    this.#places = places;
  }

  /** Whether the program itself wrote this key (else `defaults` did, or nobody). */
  isOwn(relative: Path): boolean {
    return rawAt(this.#own, relative) !== undefined;
  }

  /** From the root: `programs.NAME.…` or `defaults.…`. */
  path(relative: Path): Path {
    const inDefaults = !this.isOwn(relative) && this.#places.get(['defaults', ...relative]) !== null;
    return inDefaults ? ['defaults', ...relative] : ['programs', this.name, ...relative];
  }

  /** Where its value was written. */
  origin(relative: Path): Origin {
    const path = this.path(relative);
    return { key: path.join('.'), line: this.#places.near(path).key.line };
  }
}

function leafPaths(raw: Raw, path: Path): Path[] {
  if (!isRawMap(raw)) return [path];
  return Object.entries(raw).flatMap(([name, value]) => leafPaths(value, [...path, name]));
}

/** Each leaf of the merged program to where it was written. */
export function originsOf(merged: RawMap, written: Written): Record<string, Origin> {
  return Object.fromEntries(leafPaths(merged, []).map((path) => [path.join('.'), written.origin(path)]));
}
