import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStat } from '../../../src/linux/process-identity.ts';
import type { SamplesMessage } from '../../../src/shim/samples-message.ts';
import { Sampler } from '../../../src/shim/sampler.ts';
import type { Crossing } from '../../../src/shim/sampler.ts';

const NO_CEILINGS = { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss' as const };
const HANDLE = 7;

let sleeper: ChildProcess;
let sampler: Sampler;
let isAttached = true;
const told: SamplesMessage[] = [];
const crossings: Crossing[] = [];

beforeEach(() => {
  isAttached = true;
  told.length = 0;
  crossings.length = 0;
  sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
  sampler = new Sampler(5, {
    crossed: (crossing) => crossings.push(crossing),
    samples: (message) => told.push(message),
    wantsSamples: () => isAttached,
  });
  const pid = sleeper.pid ?? 0;
  const identity = { pid, startTime: readStat(pid)?.startTime ?? 0 };
  sampler.add(HANDLE, identity, { ceilings: NO_CEILINGS, gate: null });
});

afterEach(() => {
  sampler.close();
  sleeper.kill('SIGKILL');
});

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};
/** Full readings in a row that found nothing new. */
const stillness = (): number => told.slice(told.findLastIndex(({ slow }) => slow.length > 0) + 1).length;

test('of a worker that sleeps every full reading is told, and nothing else', async () => {
  await until(() => stillness() > 8);
  const still = told.slice(-8);
  expect(still.flatMap(({ fast, unread }) => [...fast, ...(unread ?? [])])).toEqual([]);
  expect(still.flatMap(({ slowSame }) => slowSame ?? [])).toEqual([HANDLE, HANDLE]);
});

test('a ceiling that is lowered under a worker that sleeps is crossed', async () => {
  await until(() => stillness() > 8);
  expect(crossings).toEqual([]);
  sampler.setCeilings(HANDLE, { ...NO_CEILINGS, hardBytes: 4096 });
  await until(() => crossings.length > 0);
  expect(crossings).toEqual([expect.objectContaining({ handle: HANDLE, ceiling: 'hard' })]);
});

test('a controller that comes back is told all of a worker that has slept on', async () => {
  await until(() => stillness() > 8);
  const before = told.findLast(({ slow }) => slow.length > 0)?.slow[0] ?? [];
  sampler.tellEverything();
  told.length = 0;
  await until(() => told.some(({ slow }) => slow.length > 0));
  const [rss = null] = told.flatMap(({ fast }) => fast.slice(1));
  expect(told.flatMap(({ slow }) => slow)[0]).toEqual(before);
  expect(rss).toBe(before[1]);
});

test('a worker that ended is unread', async () => {
  await until(() => stillness() > 8);
  sleeper.kill('SIGKILL');
  await until(() => told.at(-1)?.unread?.includes(HANDLE) === true);
  expect(sampler.remove(HANDLE)?.rssBytes).toBeGreaterThan(0);
});
