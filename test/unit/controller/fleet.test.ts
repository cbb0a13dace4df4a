import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planReload } from '../../../src/config/reload/plan.ts';
import { fleetOf } from '../../../src/controller/fleet.ts';
import { configOf, makeRoot } from './fixture.ts';
import type { Folder } from './fixture.ts';

let folder: Folder;
beforeEach(() => {
  folder = makeRoot();
});
afterEach(() => folder.remove());

const configured = (program: Record<string, unknown> = {}) =>
  configOf(folder.root, { shop: { command: 'sleep 1000', directory: '/', ...program } });
const specs = (program: Record<string, unknown> = {}): string[] =>
  [...fleetOf(configured(program)).values()].map(({ spec }) => spec);

describe('what a process is made of', () => {
  // Everything that may be written of a program is in the table that both follow (test/unit/config/reload/effects.test.ts).
  test.each([
    { nice: 3 },
    { user: 'nobody' },
    { environment: { A: 'b' } },
    { memory: { soft: '1GiB', hard: '2GiB' } },
    { recycle: { stopTimeout: '3s', overlap: false } },
    { oom: { scoreAdj: 9 } },
    { stdout: { maxSize: '1MiB' } },
    { stdout: { path: 'other.log' } },
    { amqp: { prefetch: 4 } },
    { priority: 3, start: { retries: 7 } },
  ])('%j changes it exactly where the plan says that workers are replaced', (program) => {
    const [plan] = planReload(configured(), configured(program)).programs;
    expect(specs(program)[0] !== specs()[0]).toBe(plan?.rolls);
  });

  test('is the same for every worker, unless the configuration says something else of each', () => {
    expect(new Set(specs({ workers: 3, stdout: { path: 'all.log' } })).size).toBe(1);
    expect(new Set(specs({ workers: 3, environment: { N: '{index}' } })).size).toBe(3);
  });

  test('begins with the version of what it covers: where this changes, SPEC_VERSION has to', () => {
    expect(specs({ stdout: { path: '/dev/null' } })).toEqual(['2.555af5bc536705cf']);
  });
});
