import { expect, test } from 'vitest';
import { Mover } from '../../../src/controller/mover.ts';
import type { EventBody } from '../../../src/core/types.ts';
import { Driven } from '../core/driven.ts';

const older = [{ pid: 7, version: '1', incarnations: ['shop:0#1', 'shop:1#1', 'gone:0#4'] }];
const namesOf = (events: EventBody[]): string[] =>
  events.map((event) => (event.type === 'findings' ? event.incarnation : event.type));

test('each running worker is asked for once, and again after a minute or when a shim answered', () => {
  const { state } = Driven.up({ workers: 2 });
  const mover = new Mover();
  expect(namesOf(mover.ask(state, older, 0))).toEqual(['shop:0#1', 'shop:1#1']);
  expect(mover.ask(state, older, 59_999)).toEqual([]);
  expect(namesOf(mover.ask(state, older, 60_000))).toEqual(['shop:0#1', 'shop:1#1']);
  mover.forget();
  expect(mover.ask(state, older, 60_001)).toHaveLength(2);
  expect(mover.ask(state, [], 60_002)).toEqual([]);
});

test('who starts, stops, waits for a recycle or is in one is not asked for yet', () => {
  const starting = new Driven();
  const mover = new Mover();
  expect(mover.ask(starting.state, older, 0)).toEqual([]);
  expect(mover.ask(Driven.up().command('stop').state, older, 0)).toEqual([]);
  const moving = Driven.up();
  for (const event of mover.ask(moving.state, older, 0)) moving.send(event);
  mover.forget();
  expect(mover.ask(moving.state, older, 0)).toEqual([]);
  expect(namesOf(mover.ask(starting.toRunning('shop:0').state, older, 0))).toEqual(['shop:0#1']);
});

test('a move obeys maxConcurrent and not recycle.budget', () => {
  const core = Driven.up({ workers: 3, maxConcurrent: 1, budget: { count: 0, windowMs: 1000 } });
  const three = [{ pid: 7, version: '1', incarnations: ['shop:0#1', 'shop:1#1', 'shop:2#1'] }];
  for (const event of new Mover().ask(core.state, three, 0)) core.send(event);
  expect(Object.values(core.state.workers).map(({ recycle }) => recycle?.rule ?? null)).toEqual([
    'shim.outdated',
    null,
    null,
  ]);
  expect(core.state.granted).toEqual({});
});
