/**
 * Random programs, processes, disturbances and times against the properties of docs/design.md, section 5. A failure prints the seed and
 * the shrunk scenario; `SIM_SEED=… ` replays it, `SIM_RUNS=…` runs longer than the default.
 */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { allGone, workersOf } from '../../src/core/find.ts';
import { isOutdated } from '../../src/core/roll.ts';
import type { WorkerState } from '../../src/core/types.ts';
import { makePolicy, scenario } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { HEALTHY, World } from './world.ts';

const RUNS = Number(process.env['SIM_RUNS'] ?? 1_500);
const SEED = process.env['SIM_SEED'] === undefined ? {} : { seed: Number(process.env['SIM_SEED']) };
const MINUTE = 60_000;

const play = (drawn: Scenario): World => {
  const world = new World(drawn);
  for (const { afterMs, what } of drawn.disturbances) {
    world.clock.runUntil(world.clock.now + afterMs);
    world.disturb(what);
  }
  world.clock.runUntil(world.clock.now + MINUTE);
  return world;
};

/** A program that is not up, and that only a person can bring up. */
const isAwaited = (world: World, program: string): boolean => {
  const workers = Object.values(world.state.workers).filter(
    (worker) => worker.program === program && worker.wanted === 'up',
  );
  return workers.length === 0 || workers.some(({ life }) => ['FATAL', 'EXITED', 'STOPPED'].includes(life.state));
};

/** Stop-then-start never takes a second worker of a program while one was given up or waits for a program that was (budget.ts). */
const isHeldBySibling = (world: World, { program }: WorkerState): boolean =>
  world.state.programs[program]?.overlap === false &&
  workersOf(world.state, program).some(
    ({ life }) =>
      life.state === 'FATAL' ||
      (life.state === 'STOPPED' && life.hold !== undefined && isAwaited(world, life.hold.program)),
  );

/** What is wrong with a worker long after the last trouble; null if nothing. */
const unsettled = (world: World, worker: WorkerState): string | null => {
  const { name, life, wanted } = worker;
  if (life.state === 'FATAL' || life.state === 'EXITED')
    return wanted === 'up' ? null : `${name} is ${life.state}, not STOPPED`;
  if (life.state === 'STOPPED' && life.hold !== undefined)
    return isAwaited(world, life.hold.program) ? null : `${name} waits for ${life.hold.program}, which is up`;
  if (life.state !== (wanted === 'up' ? 'RUNNING' : 'STOPPED')) return `${name} is ${life.state}, wanted ${wanted}`;
  if (worker.leaving.length > 0 || worker.recycle !== null) return `${name} still recycles or leaves`;
  if (life.state !== 'RUNNING') return null;
  if (isOutdated(world.state, worker) && !isHeldBySibling(world, worker))
    return `${name} is not of the last configuration`;
  const { pid } = life.incarnation;
  const process = world.shim.processes.get(life.incarnation.id);
  return process?.pid === pid && pid !== null ? null : `${name} is RUNNING with pid ${pid}, which does not live`;
};

test(
  'every property holds in every run, all come back after the trouble, and a shutdown ends everything',
  { timeout: 600_000 },
  () => {
    fc.assert(
      fc.property(scenario, (drawn) => {
        const world = play(drawn);
        world.calm();
        world.clock.runUntil(world.clock.now + 15 * MINUTE);
        const troubles = Object.values(world.state.workers).flatMap((worker) => unsettled(world, worker) ?? []);
        expect(troubles).toEqual([]);
        const meant = Object.values(world.state.workers).filter((worker) => worker.life.state === 'RUNNING').length;
        expect(world.shim.processes.size).toBe(meant);
        world.command('shutdown', [], false);
        world.command('start', Object.keys(world.state.workers), false);
        world.clock.runUntil(world.clock.now + 5 * MINUTE);
        expect(allGone(world.state)).toBe(true);
        expect(world.shim.processes.size).toBe(0);
        expect(world.ledger.openIntents()).toEqual([]);
      }),
      { numRuns: RUNS, ...SEED },
    );
  },
);

/** Long enough to be seen by whoever asks after an exit: a shorter one cannot be told from a crash. */
const outages = fc.array(
  fc.record({ upMs: fc.integer({ min: 0, max: 30_000 }), downMs: fc.integer({ min: 5_000, max: 120_000 }) }),
  {
    minLength: 1,
    maxLength: 6,
  },
);

test('a broker outage alone never ends in FATAL, and all are back soon after it', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.integer(), outages, fc.integer({ min: 0, max: 4 }), (seed, drawn, retries) => {
      const world = new World({
        seed,
        programs: [{ policy: makePolicy('shop', { workers: 5, retries, broker: 'main' }), behaviour: HEALTHY }],
        hostMaxConcurrent: 1,
        queuedSpawns: 'dropped',
        timers: { lateChance: 0, lostChance: 0, twiceChance: 0 },
        disturbances: [],
      });
      for (const { upMs, downMs } of drawn) {
        world.clock.runUntil(world.clock.now + upMs);
        world.disturb({ kind: 'broker', up: false });
        world.clock.runUntil(world.clock.now + downMs);
        world.disturb({ kind: 'broker', up: true });
      }
      // What an outage killed ends within 3 s of it; a retry within 5 s; an answer within 0.5 s; then start.seconds.
      world.clock.runUntil(world.clock.now + 3_000 + 5_000 + 5_500 + 1_000 + 500);
      expect(Object.values(world.state.workers).map((worker) => worker.life.state)).toEqual(Array(5).fill('RUNNING'));
    }),
    { numRuns: Math.ceil(RUNS / 10), ...SEED },
  );
});
