/** Forty workers that leak alike pass their soft ceiling in the same second: they are not recycled alike. */
import { expect, test } from 'vitest';
import type { ProgramPolicy } from '../../src/core/types.ts';
import { makePolicy } from './scenario.ts';
import { HEALTHY, World } from './world.ts';

const WORKERS = 40;
const MINUTE = 60_000;
const EVERY_MS = 2_000;

interface Seen {
  /** When each recycle began. */
  recycles: number[];
  held: string[];
  leastRunning: number;
  mostAtOnce: number;
}

/** All first incarnations are over their ceiling from the first minute on, and stay there as long as they live. */
const play = (given: Partial<Omit<ProgramPolicy, 'workers'>>, minutes: number): Seen => {
  const world = new World({
    seed: 7,
    programs: [{ policy: makePolicy('shop', { workers: WORKERS, ...given }), behaviour: HEALTHY }],
    hostMaxConcurrent: 100,
    queuedSpawns: 'dropped',
    timers: { lateChance: 0, lostChance: 0, twiceChance: 0 },
    disturbances: [],
  });
  world.clock.runUntil(MINUTE);
  const seen: Seen = { recycles: [], held: [], leastRunning: WORKERS, mostAtOnce: 0 };
  world.onStep = (_, { workers }, effects) => {
    for (const effect of effects) {
      if (effect.type !== 'journal') continue;
      if (effect.entry.action === 'recycle') seen.recycles.push(world.clock.now);
      if (effect.entry.action === 'hold') seen.held.push(effect.entry.rule);
    }
    const all = Object.values(workers);
    seen.leastRunning = Math.min(seen.leastRunning, all.filter(({ life }) => life.state === 'RUNNING').length);
    seen.mostAtOnce = Math.max(seen.mostAtOnce, all.filter(({ recycle }) => recycle !== null).length);
  };
  for (const end = MINUTE * (1 + minutes); world.clock.now < end; world.clock.runUntil(world.clock.now + EVERY_MS))
    for (const { life } of Object.values(world.state.workers))
      if (life.state === 'RUNNING' && life.incarnation.number === 1)
        world.send({
          type: 'findings',
          incarnation: life.incarnation.id,
          rule: 'memory.soft',
          evidence: { bytes: 300 },
        });
  return seen;
};

const within = (times: readonly number[], windowMs: number): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));

test('one after the other, as many as the budget allows a window, and all in the end; not one worker less meanwhile', () => {
  const budget = { count: 10, windowMs: 10 * MINUTE };
  const seen = play({ maxConcurrent: 2, budget }, 45);
  expect(seen.recycles).toHaveLength(WORKERS);
  expect(within(seen.recycles, budget.windowMs)).toBe(10);
  expect({ leastRunning: seen.leastRunning, mostAtOnce: seen.mostAtOnce }).toEqual({
    leastRunning: WORKERS,
    mostAtOnce: 2,
  });
});

test('without overlap never more than maxConcurrent are down', () => {
  const seen = play({ maxConcurrent: 2, overlap: false, budget: { count: 100, windowMs: 10 * MINUTE } }, 15);
  expect(seen.recycles).toHaveLength(WORKERS);
  expect(seen.leastRunning).toBe(WORKERS - 2);
});

test('who waits is said once a worker, and once a window that the budget is used up', () => {
  const budget = { count: 10, windowMs: 10 * MINUTE };
  const { held } = play({ maxConcurrent: 2, budget }, 9);
  expect(held.filter((rule) => rule === 'hold.storm')).toHaveLength(1);
  expect(held.filter((rule) => rule === 'hold.maxConcurrent')).toHaveLength(WORKERS - 2);
  const { held: alone } = play({ maxConcurrent: 40, budget }, 19);
  expect(alone.filter((rule) => rule === 'hold.storm')).toHaveLength(2);
  expect(alone.filter((rule) => rule === 'hold.budget')).toHaveLength(WORKERS - 10);
});
