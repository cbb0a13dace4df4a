/**
 * A YAML document → a plain tree of maps, lists and texts, and the place of everything in it.
 *
 * Every scalar becomes its text as written (`022` stays "022", `1.10` stays "1.10", `no` stays "no"): the schema knows which key holds
 * a number, so YAML's guesses are not needed. A plain `null` or `~` is null; nothing at all is EMPTY. `${VAR}` is filled in here;
 * anchors, aliases and `<<` are followed.
 */
import type { Alias, Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import { interpolate } from './interpolate.ts';
import type { Environment } from './interpolate.ts';
import { quote } from './problem.ts';
import type { Fault, Path, Position } from './problem.ts';

/** A key with nothing after its colon. */
export const EMPTY: unique symbol = Symbol('empty');

export type Raw = string | null | typeof EMPTY | Raw[] | RawMap;
export interface RawMap {
  [key: string]: Raw;
}

export interface Place {
  /** Of the key; of the value for an item of a list. */
  key: Position;
  value: Position;
  /** The text as written, where a variable was filled in. */
  template: string | null;
}

export class Places {
  readonly #places = new Map<string, Place>();

  set(path: Path, place: Place): void {
    this.#places.set(JSON.stringify(path.map(String)), place);
  }

  get(path: Path): Place | null {
    return this.#places.get(JSON.stringify(path.map(String))) ?? null;
  }

  /** The nearest place: of the path itself, else of what contains it. */
  near(path: Path): Place {
    for (let length = path.length; length >= 0; length--) {
      const place = this.get(path.slice(0, length));
      if (place !== null) return place;
    }
    const start = { line: 1, column: 1 };
    return { key: start, value: start, template: null };
  }
}

export interface Tree {
  root: Raw;
  places: Places;
  faults: Fault[];
  /** The reading was given up: the tree is not whole. */
  isCut: boolean;
}

/** More than any real file needs; stops an alias that doubles itself a hundred times. */
const MOST_NODES = 100_000;

export function isRawMap(raw: Raw | undefined): raw is RawMap {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}

class TreeReader {
  readonly places = new Places();
  readonly faults: Fault[] = [];
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #source: string;
  readonly #env: Environment;
  /** Aliases being followed, to notice one that contains itself. */
  readonly #following = new Set<Node>();
  /** Finding an anchor walks the document. */
  readonly #targets = new Map<Alias, Node | null>();
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter, source: string, env: Environment) {
    this.#document = document;
    this.#lines = lines;
    this.#source = source;
    this.#env = env;
  }

  get isCut(): boolean {
    return this.#nodes > MOST_NODES;
  }

  #targetOf(alias: Alias): Node | null {
    const known = this.#targets.get(alias);
    if (known !== undefined) return known;
    const target = alias.resolve(this.#document) ?? null;
    this.#targets.set(alias, target);
    return target;
  }

  #at(node: Node): Position {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { line, column: col };
  }

  read(node: Node | null, path: Path, key: Position | null): Raw {
    this.#nodes++;
    const value = node === null || this.#isEmpty(node) ? key : this.#at(node);
    const position = value ?? { line: 1, column: 1 };
    this.places.set(path, { key: key ?? position, value: position, template: null });
    if (node === null) return EMPTY;
    if (this.#nodes > MOST_NODES) return this.#tooLarge(path, position);
    if (isAlias(node)) return this.#readAlias(node, path, key);
    if (isMap(node)) return this.#readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.read(toNode(item), [...path, index], null));
    return isScalar(node) ? this.#readScalar(node, path) : EMPTY;
  }

  #isEmpty(node: Node): boolean {
    return isScalar(node) && node.type === 'PLAIN' && (node.source ?? '') === '';
  }

  #tooLarge(path: Path, position: Position): Raw {
    if (this.#nodes === MOST_NODES + 1) {
      this.faults.push({
        path,
        position,
        found: `more than ${MOST_NODES} values`,
        expected: 'fewer (do aliases repeat themselves?)',
      });
    }
    return null;
  }

  #readScalar(node: Scalar, path: Path): Raw {
    if (this.#isEmpty(node)) return EMPTY;
    const text = typeof node.value === 'string' ? node.value : (node.source ?? '');
    if (node.value === null) return null;
    const filled = interpolate(text, this.#env);
    for (const { offset, reference, ...fault } of filled.faults) {
      this.faults.push({ path, position: this.#within(node, reference, offset), ...fault, spoils: true });
    }
    if (filled.changed) this.places.set(path, { ...this.places.near(path), template: text });
    return filled.text;
  }

  /** Where the reference stands in the file: quotes and folding shift it against the text. */
  #within(node: Scalar, reference: string, offset: number): Position {
    const start = node.range?.[0] ?? 0;
    const exact = this.#source.startsWith(reference, start + offset) ? start + offset : -1;
    const found = exact >= 0 ? exact : this.#source.slice(0, node.range?.[1] ?? start).indexOf(reference, start);
    const { line, col } = this.#lines.linePos(Math.max(found, start));
    return { line, column: col };
  }

  #readAlias(node: Alias, path: Path, key: Position | null): Raw {
    const target = this.#targetOf(node);
    const position = this.#at(node);
    if (target === null) {
      this.faults.push({
        path,
        position,
        found: `*${node.source}`,
        expected: `an anchor &${node.source} before it`,
        spoils: true,
      });
      return null;
    }
    if (this.#following.has(target)) {
      this.faults.push({
        path,
        position,
        found: `*${node.source} inside &${node.source}`,
        expected: 'an alias that does not contain itself',
        spoils: true,
      });
      return null;
    }
    this.#following.add(target);
    const raw = this.read(target, path, key);
    this.#following.delete(target);
    this.places.set(path, { ...this.places.near(path), key: key ?? position, value: position });
    return raw;
  }

  #readMap(node: YAMLMap, path: Path): RawMap {
    this.#following.add(node);
    const map: RawMap = {};
    const lines = new Map<string, number>();
    for (const pair of node.items) {
      const key = this.#readKey(pair, path);
      if (key === null || key.name === '<<') continue;
      const first = lines.get(key.name);
      if (first === undefined) {
        lines.set(key.name, key.position.line);
        map[key.name] = this.read(toNode(pair.value), [...path, key.name], key.position);
      } else {
        this.#duplicate([...path, key.name], key.position, first);
      }
    }
    this.#mergeInto(map, node, path);
    this.#following.delete(node);
    return map;
  }

  #duplicate(path: Path, position: Position, firstLine: number): void {
    const name = String(path.at(-1));
    this.faults.push({
      path,
      position,
      found: `the key ${quote(name)} a second time`,
      expected: `it once; it is already on line ${firstLine}`,
    });
  }

  #readKey(pair: Pair, path: Path): { name: string; position: Position } | null {
    const node = toNode(pair.key);
    const position = node === null ? this.places.near(path).value : this.#at(node);
    if (!isScalar(node) || node.value === null) {
      const found = isScalar(node) || node === null ? 'an empty key' : 'a key that is not a word';
      this.faults.push({ path, position, found, expected: '`key: value`' });
      return null;
    }
    const name = typeof node.value === 'string' ? node.value : (node.source ?? '');
    // A plain object with such a key is not one to those who look at it.
    if (name !== '__proto__' && name !== 'constructor') return { name, position };
    this.faults.push({ path, position, found: quote(name), expected: 'another key' });
    return null;
  }

  /** `<<: *anchor` (or a list of them): keys that the map itself does not have; earlier maps win. */
  #mergeInto(map: RawMap, node: YAMLMap, path: Path): void {
    for (const pair of node.items) {
      const keyNode = toNode(pair.key);
      if (!isScalar(keyNode) || keyNode.value !== '<<') continue;
      const value = toNode(pair.value);
      const sources = isSeq(value) ? value.items.map(toNode) : [value];
      for (const source of sources) this.#mergeOne(map, source, path, this.#at(keyNode));
    }
  }

  #mergeOne(map: RawMap, source: Node | null, path: Path, position: Position): void {
    const target = isAlias(source) ? this.#targetOf(source) : source;
    if (!isMap(target) || this.#following.has(target)) {
      this.faults.push({
        path: [...path, '<<'],
        position,
        found: 'something else after <<',
        expected: 'an alias of a map, such as *base',
      });
      return;
    }
    for (const pair of target.items) {
      const key = this.#readKey(pair, path);
      if (key === null || key.name === '<<' || Object.hasOwn(map, key.name)) continue;
      map[key.name] = this.read(toNode(pair.value), [...path, key.name], key.position);
    }
    this.#following.add(target);
    this.#mergeInto(map, target, path);
    this.#following.delete(target);
  }
}

/** The yaml package types the children of a parsed map as unknown; they are nodes or null. */
function toNode(child: unknown): Node | null {
  return isAlias(child) || isMap(child) || isSeq(child) || isScalar(child) ? child : null;
}

/** Reads the whole document; `faults` hold what is wrong with it as a document (duplicate keys, aliases, variables). */
export function readTree(document: Document.Parsed, lines: LineCounter, source: string, env: Environment): Tree {
  const reader = new TreeReader(document, lines, source, env);
  const root = reader.read(document.contents, [], null);
  return { root, places: reader.places, faults: reader.faults, isCut: reader.isCut };
}
