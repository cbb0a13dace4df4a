import { expect, test } from 'vitest';
import { Timers } from '../../../src/controller/timers.ts';
import { monotonicMs } from '../../../src/linux/clock.ts';

test('a worker has one timer: the last one that was armed, and it never fires early', async () => {
  const fired: [string, number][] = [];
  let resolve = (): void => undefined;
  const both = new Promise<void>((done) => (resolve = done));
  const timers = new Timers((worker) => {
    fired.push([worker, monotonicMs()]);
    if (fired.length === 2) resolve();
  });
  const at = monotonicMs() + 20;
  timers.arm('a', at - 15);
  timers.arm('a', at);
  timers.arm('b', at - 1_000);
  await both;
  expect(fired.map(([worker]) => worker)).toEqual(['b', 'a']);
  expect(fired[1]?.[1]).toBeGreaterThanOrEqual(at);
  timers.clear();
});

test('once cleared, none fires; a deadline beyond what a timer can wait is no reason to fire at once', async () => {
  const fired: string[] = [];
  const timers = new Timers((worker) => fired.push(worker));
  timers.arm('far', monotonicMs() + 2 ** 40);
  timers.arm('cleared', monotonicMs());
  timers.clear();
  await new Promise<void>((resolve) => {
    new Timers(() => resolve()).arm('later', monotonicMs() + 10);
  });
  expect(fired).toEqual([]);
});
