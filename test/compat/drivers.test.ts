/** Every driver, recycled under load through its gate: nothing lost, nothing twice, nothing redelivered; and what it costs without. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openSite } from '../e2e/gate/site.ts';
import type { Site as Messages } from '../e2e/gate/site.ts';
import { driversFor } from './drivers.ts';
import type { Measured } from './measured.ts';
import { runStorm } from './storm.ts';
import type { Outcome } from './storm.ts';

const GATED = { messages: 1_500, mostRecycles: 60 };
/** Without a gate the figure is only reported. */
const UNGATED = { messages: 300, mostRecycles: 4 };
/** Nothing of these is to happen to a worker that is well. */
const TROUBLE = new Set(['exit', 'backoff', 'fatal', 'stuck', 'deaf', 'bypassed', 'refused']);
/** What no signal handler can soften. */
const KILLED = { stopSignal: 'KILL', stopTimeout: '1ms' };

const WAYS = [
  { way: 'with the default plan', recycle: {}, kind: 'gated' },
  { way: 'with SIGKILL after the drain', recycle: KILLED, kind: 'gated' },
  { way: 'without the gate, by SIGTERM', recycle: { drain: 'signal' }, kind: 'terminated' },
  { way: 'without the gate, by SIGKILL', recycle: { drain: 'signal', ...KILLED }, kind: 'killed' },
] as const;

const applications = inject('applications');
let broker: Messages;
beforeAll(async () => {
  broker = await openSite();
});
afterAll(() => broker.close());

function expectAllWell(outcome: Outcome, prefetch: number | null): void {
  const { recycles, delivered, journal, ...rest } = outcome;
  expect(rest).toEqual({ lost: 0, twice: 0, redelivered: 0, prefetch });
  expect(delivered).toBeGreaterThan(0);
  expect(recycles).toBeGreaterThan(0);
  expect(journal.filter(({ action }) => TROUBLE.has(action)).map(({ reason }) => reason.text)).toEqual([]);
  const ended = journal.filter(({ action, outcome: end }) => action === 'recycle' && end !== null);
  expect(ended.length).toBeGreaterThanOrEqual(recycles - 1);
  for (const { outcome: end } of ended) {
    expect(end?.text).toMatch(/^drained in /);
    expect(end?.evidence).toMatchObject({ unacknowledged: 0, drainMs: expect.any(Number) as number });
  }
}

for (const [index, driver] of driversFor(applications).entries()) {
  const application = applications[driver.application];
  if (application === undefined) throw new Error(`${driver.application} is not among the applications`);
  const row: Omit<Measured, 'kind' | 'outcome'> = {
    index,
    driver: driver.name,
    version: application.version,
    command: driver.title,
  };

  describe(`${driver.name} (${driver.application}): ${driver.title}`, () => {
    if ('missing' in application) {
      test('is not tested', ({ task, skip }) => {
        task.meta.compat = { ...row, kind: 'gated', outcome: null };
        skip(application.missing);
      });
      return;
    }
    test.for(WAYS)('$way', async ({ recycle, kind, way }, { task }) => {
      task.meta.compat = { ...row, kind, outcome: null };
      const queue = `compat-${index}-${way.replaceAll(/\W+/g, '-')}`;
      const load = kind === 'gated' ? GATED : UNGATED;
      const outcome = await runStorm(broker, { driver, directory: application.directory, queue, recycle, ...load });
      const { recycles, lost, twice, redelivered } = outcome;
      task.meta.compat = { ...row, kind, outcome: { recycles, lost, twice, redelivered } };
      if (kind === 'gated') expectAllWell(outcome, driver.prefetch);
      else expect(outcome.lost).toBe(0);
    });
  });
}
