/** What event listeners are told of random runs: for each worker one unbroken way of legal changes that ends where the worker is. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { transitions } from '../../src/controller/listeners/transitions.ts';
import { scenario } from './scenario.ts';
import { World } from './world.ts';

const RUNS = Number(process.env['SIM_RUNS'] ?? 150);

/**
 * supervisord's, and more: EXITED → BACKOFF (a crash loop waits) and EXITED → FATAL; STOPPED and FATAL → BACKOFF, where a start waits for
 * memory; STOPPED → BACKOFF and FATAL, where a worker that never became ready was stopped.
 */
const LEGAL: Record<string, string[]> = {
  STOPPED: ['STARTING', 'BACKOFF', 'FATAL'],
  STARTING: ['RUNNING', 'BACKOFF', 'STOPPING'],
  RUNNING: ['EXITED', 'STOPPING'],
  BACKOFF: ['STARTING', 'FATAL', 'STOPPED'],
  STOPPING: ['STOPPED'],
  EXITED: ['STARTING', 'BACKOFF', 'FATAL', 'STOPPED'],
  FATAL: ['STARTING', 'BACKOFF', 'STOPPED'],
};

test('an unbroken way of legal changes', { timeout: 300_000 }, () => {
  fc.assert(
    fc.property(scenario, (drawn) => {
      const at = new Map<string, string>();
      const world = new World(drawn);
      // What happened before anybody looked.
      for (const { name, life } of Object.values(world.state.workers)) at.set(name, life.state);
      world.onStep = (before, after, effects) => {
        for (const change of transitions(before.workers, after.workers, effects)) {
          expect(change.from).toBe(at.get(change.worker) ?? 'STOPPED');
          expect(LEGAL[change.from]).toContain(change.to);
          if (change.to === 'RUNNING' || change.to === 'EXITED') expect(change.pid).toBeGreaterThan(0);
          at.set(change.worker, change.to);
        }
        for (const { name, life } of Object.values(after.workers)) expect(at.get(name) ?? 'STOPPED').toBe(life.state);
        for (const name of at.keys()) if (after.workers[name] === undefined) at.delete(name);
      };
      for (const { afterMs, what } of drawn.disturbances) {
        world.clock.runUntil(world.clock.now + afterMs);
        world.disturb(what);
      }
      // A shim that ends takes its time; the calm does not come in the middle of that.
      world.clock.runUntil(world.clock.now + 60_000);
      world.calm();
      world.clock.runUntil(world.clock.now + 60_000);
      world.command('shutdown', [], false);
      world.clock.runUntil(world.clock.now + 300_000);
      for (const state of at.values()) expect(['STOPPED', 'EXITED', 'FATAL']).toContain(state);
    }),
    { numRuns: RUNS },
  );
});
