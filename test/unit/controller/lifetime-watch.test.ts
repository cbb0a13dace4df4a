import { expect, test } from 'vitest';
import { LifetimeWatch } from '../../../src/controller/lifetime-watch.ts';
import type { EventBody } from '../../../src/core/types.ts';
import { Driven } from '../core/driven.ts';

const lifetime = (given = {}) => ({ ageMs: null, messages: null, jitterPercent: 0, schedule: [], ...given });

interface Watched {
  watch: LifetimeWatch;
  posted: EventBody[];
  missed: unknown[][];
}

const watchOf = (core: Driven, acknowledged: number | null = null): Watched => {
  const [posted, missed]: [EventBody[], unknown[][]] = [[], []];
  const watch = new LifetimeWatch({
    core: () => core.state,
    acknowledged: () => acknowledged,
    post: (event) => posted.push(event),
    missed: (...what) => missed.push(what),
  });
  return { watch, posted, missed };
};

const finding = (rule: string) => ({ type: 'findings', incarnation: 'shop:0#1', rule });

test('age and messages are told of each RUNNING worker, until its recycle is asked for', () => {
  const core = Driven.up({ lifetime: lifetime({ ageMs: 60_000 }), overlap: false });
  const { watch, posted } = watchOf(core);
  watch.look(core.now + 50_000, 0);
  expect(posted).toEqual([]);
  watch.look(core.now + 60_000, 0);
  expect(posted).toMatchObject([finding('lifetime.age')]);
  core.send(posted[0] ?? { type: 'shimLost' });
  expect(core.is()).toBe('STOPPING #1 then start');
  watch.look(core.now + 61_000, 0);
  expect(posted).toHaveLength(1);
});

test('messages count where a gate counts them', () => {
  const core = Driven.up({ lifetime: lifetime({ messages: 100 }) });
  const counted = watchOf(core, 100);
  counted.watch.look(core.now, 0);
  expect(counted.posted).toMatchObject([finding('lifetime.messages')]);
  const uncounted = watchOf(core);
  uncounted.watch.look(core.now, 0);
  expect(uncounted.posted).toEqual([]);
});

test('a schedule asks all workers at its time, and they go one after the other', () => {
  const core = Driven.up({ workers: 3, lifetime: lifetime({ schedule: ['0 4 * * *'] }) });
  const { watch, posted, missed } = watchOf(core);
  const at = (hour: number, minute: number): number => new Date(2026, 10, 25, hour, minute).getTime();
  watch.look(core.now, at(3, 59));
  expect(posted).toEqual([]);
  watch.look(core.now, at(4, 0));
  expect(posted).toHaveLength(3);
  for (const event of posted) core.send(event);
  expect(Object.values(core.state.workers).filter((worker) => worker.recycle !== null)).toHaveLength(1);
  watch.look(core.now, at(4, 0));
  expect(posted).toHaveLength(3);
  expect(missed).toEqual([]);
});

test('a time that nobody was there for is told, not made up', () => {
  const core = Driven.up({ lifetime: lifetime({ schedule: ['0 4 * * *'] }) });
  const { watch, posted, missed } = watchOf(core);
  const four = new Date(2026, 10, 25, 4, 0).getTime();
  watch.look(core.now, four - 1_000);
  watch.look(core.now, four + 600_000);
  expect(posted).toEqual([]);
  expect(missed).toEqual([['shop', '0 4 * * *', four]]);
});
