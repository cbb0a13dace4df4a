/**
 * The same calls of supervisorctl to real supervisord and to us, on the same programs: output and exit code are the same, or what is
 * different stands in calls.ts with its reason, from where docs/compat-supervisord.md has it (test/unit/compat-table.test.ts).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STEPS } from './calls.ts';
import type { Step } from './calls.ts';
import { masked, sorted } from './mask.ts';
import { startAckwarden, startSupervisord } from './sides.ts';
import type { Result, Side } from './sides.ts';

const SETTLE_MS = 90_000;
const sides: Side[] = [];
let theirs: Result[] = [];
let ours: Result[] = [];

/** Until what fails has failed and what starts runs, on both sides alike. */
const settled = async (side: Side): Promise<void> => {
  const deadline = Date.now() + SETTLE_MS;
  while (Date.now() < deadline) {
    const { output } = await side.call({ args: ['status'] });
    const isOnItsWay = / STARTING|^done +RUNNING/m.test(output);
    if (/^solo +RUNNING/m.test(output) && (output.match(/ FATAL /g) ?? []).length === 3 && !isOnItsWay) return;
  }
  throw new Error(`${side.url} has not settled after ${SETTLE_MS} ms`);
};

const run = async (side: Side): Promise<Result[]> => {
  const results: Result[] = [];
  await settled(side);
  for (const step of STEPS) {
    if (step.configure !== undefined) side.configure(step.configure);
    const result = masked(await side.call(step), side);
    results.push(step.unordered === true ? sorted(result) : result);
    if (step.settles === true) await settled(side);
    if (step.ends === true) await side.ended;
  }
  return results;
};

beforeAll(async () => {
  sides.push(...(await Promise.all([startSupervisord(), startAckwarden()])));
  [theirs = [], ours = []] = await Promise.all(sides.map(run));
}, 600_000);

afterAll(async () => {
  await Promise.all(sides.map((side) => side.dispose()));
});

const only = (lines: string[], others: string[]): string[] => lines.filter((line) => !others.includes(line));

const compare = (step: Step, [expected, found]: [Result, Result]): void => {
  const { differs } = step;
  if (differs === undefined) {
    expect(found).toEqual(expected);
    return;
  }
  expect({ theirs: expected.code, ours: found.code }).toEqual(
    differs.code ?? { theirs: expected.code, ours: expected.code },
  );
  if (differs.lines === undefined) return;
  const [a, b] = [expected.output.split('\n'), found.output.split('\n')];
  expect({ theirs: only(a, b), ours: only(b, a) }).toEqual(differs.lines);
};

describe('supervisorctl', () => {
  test('there are at least 80 calls', () => expect(STEPS.length).toBeGreaterThanOrEqual(80));

  test.each(STEPS.map((step, index) => [index, step.args.join(' '), step] as const))('%i: %s', (index, _args, step) => {
    const pair = [theirs[index], ours[index]];
    if (pair[0] === undefined || pair[1] === undefined) expect.fail('the call was not made');
    compare(step, [pair[0], pair[1]]);
  });
});
