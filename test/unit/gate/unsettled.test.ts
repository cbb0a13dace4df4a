/** The rows of tags and times against a plain map. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Unsettled } from '../../../src/gate/unsettled.ts';

type Step = ['add', number] | ['take', number] | ['takeFirst', number] | ['giveBack', number] | ['clear', number];

/** Mostly in order, as workers settle; `pick` chooses. */
const step = fc.oneof(
  { weight: 10, arbitrary: fc.tuple(fc.constant('add' as const), fc.integer({ min: 1, max: 3 })) },
  { weight: 5, arbitrary: fc.tuple(fc.constant('takeFirst' as const), fc.nat(1)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('take' as const), fc.nat(200)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('giveBack' as const), fc.nat(5)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('clear' as const), fc.nat(0)) },
);

class Model {
  readonly rows = new Unsettled();
  map = new Map<number, number>();
  #taken: [number, number][] = [];
  #last = 0;
  #now = 0;

  do([what, amount]: Step): void {
    this.#now += 1;
    if (what === 'add') this.#add((this.#last += amount));
    if (what === 'take') this.#take([...this.map.keys()][amount % Math.max(1, this.map.size)] ?? amount);
    if (what === 'takeFirst') this.#take(this.rows.first ?? 0);
    if (what === 'giveBack') this.#giveBack(amount);
    if (what !== 'clear') return;
    this.rows.clear();
    this.map.clear();
  }

  #add(tag: number): void {
    this.rows.add(tag, this.#now);
    this.map.set(tag, this.#now);
  }

  #take(tag: number): void {
    const at = this.map.get(tag) ?? null;
    expect(this.rows.take(tag)).toBe(at);
    // A second time it is not there.
    expect(this.rows.take(tag)).toBeNull();
    this.map.delete(tag);
    if (at !== null) this.#taken.push([tag, at]);
  }

  #giveBack(count: number): void {
    const back = this.#taken.splice(-count, count);
    this.rows.giveBack(back);
    this.map = new Map([...this.map, ...back].toSorted(([a], [b]) => a - b));
  }
}

it('knows what a map of tags would know', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
      const model = new Model();
      for (const one of steps) {
        model.do(one);
        const { rows, map } = model;
        const [first = [null, null]] = map;
        const near = (rows.first ?? 0) + 5;
        const known = [rows.size, rows.first, rows.firstAt, rows.last, rows.has(near)];
        expect(known).toEqual([map.size, ...first, [...map.keys()].at(-1) ?? null, map.has(near)]);
      }
    }),
    { numRuns: 150 },
  );
});

it('a tag that comes again, or too late, finds its place', () => {
  const rows = new Unsettled();
  for (const [tag, at] of [
    [5, 1],
    [9, 2],
    [5, 3],
    [7, 4],
  ] as const)
    rows.add(tag, at);
  expect([rows.size, rows.take(5), rows.first, rows.take(7), rows.first, rows.last]).toEqual([3, 3, 7, 4, 9, 9]);
});

it('one that is never settled holds up nothing', () => {
  const rows = new Unsettled();
  rows.add(1, 1);
  for (let tag = 2; tag < 100_000; tag += 1) {
    rows.add(tag, tag);
    rows.take(tag);
  }
  expect([rows.size, rows.first, rows.firstAt, rows.last]).toEqual([1, 1, 1, 1]);
});

it('holds as many as there are', () => {
  const rows = new Unsettled();
  for (let tag = 1; tag <= 20_000; tag += 1) rows.add(tag, tag);
  for (let tag = 1; tag < 20_000; tag += 1) expect(rows.take(tag)).toBe(tag);
  expect([rows.size, rows.first]).toEqual([1, 20_000]);
  expect(rows.take(20_000)).toBe(20_000);
  rows.add(20_001, 7);
  expect([rows.size, rows.firstAt]).toEqual([1, 7]);
});
