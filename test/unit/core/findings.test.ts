import { expect, test } from 'vitest';
import { Driven, shop } from './driven.ts';

/** A worker that was recycled for soft and runs again. */
const reborn = (given = {}): Driven =>
  Driven.up({ overlap: false, ...given })
    .finding('shop:0#1')
    .exits('shop:0#1')
    .toRunning();

test('a fresh incarnation that is over soft at once: recycling would not help, said once', () => {
  const core = reborn().finding('shop:0#2', 1_000);
  expect(core.is()).toBe('RUNNING #2');
  expect(core.said()).toEqual(['hold memory.soft.tooLow']);
  expect(core.finding('shop:0#2', 1_000).effects).toEqual([]);
  expect(core.finding('shop:0#2', 3_600_000).effects).toEqual([]);
});

test('a changed configuration gives it another chance', () => {
  const core = reborn().finding('shop:0#2', 1_000);
  const ceilings = { softBytes: 300, hardBytes: 512, killBytes: 640, metric: 'rss' } as const;
  core.send({ type: 'config', programs: [shop({ overlap: false })], hostMaxConcurrent: 10, reserveBytes: 100 });
  expect(core.finding('shop:0#2').is()).toBe('RUNNING #2');
  core.send({
    type: 'config',
    programs: [shop({ overlap: false, ceilings })],
    hostMaxConcurrent: 10,
    reserveBytes: 100,
  });
  expect(core.finding('shop:0#2').is()).toBe('STOPPING #2 then start');
});

test.each([
  { afterMs: 4_900, is: 'RUNNING #2', secondsMs: 1_000 },
  { afterMs: 10_000, is: 'STOPPING #2 then start', secondsMs: 1_000 },
  { afterMs: 4_900, is: 'RUNNING #2', secondsMs: 15_000 },
])('$afterMs ms after RUNNING with start.seconds $secondsMs: $is', ({ afterMs, is, secondsMs }) => {
  expect(reborn({ secondsMs }).finding('shop:0#2', afterMs).is()).toBe(is);
});

test('with overlap it is noticed although the old one still leaves', () => {
  const core = Driven.up().finding('shop:0#1').toRunningSwap().finding('shop:0#2', 1_000);
  expect(core.is()).toBe('RUNNING #2 -#1');
  expect(core.said()).toEqual(['hold memory.soft.tooLow']);
});

test('a fresh incarnation of another origin is recycled like any other', () => {
  expect(Driven.up({ overlap: false }).finding('shop:0#1', 10).is()).toBe('STOPPING #1 then start');
  const crashed = reborn().exits('shop:0#2').toRunning();
  expect(crashed.finding('shop:0#3', 10).is()).toBe('STOPPING #3 then start');
});

test.each([
  ['STARTING', () => new Driven().spawned('shop:0#1').finding('shop:0#1', 10)],
  ['STOPPING', () => Driven.up().command('stop').finding('shop:0#1')],
  ['a replacement', () => Driven.up().finding('shop:0#1').spawned('shop:0#2').finding('shop:0#2', 10)],
  ['current while it is replaced', () => Driven.up().finding('shop:0#1').finding('shop:0#1', 10)],
  ['a young current while it is replaced', () => Driven.up().finding('shop:0#1', 10).finding('shop:0#1', 10)],
  ['one that leaves', () => Driven.up().ceiling('shop:0#1').finding('shop:0#1')],
  ['one long gone', () => Driven.up().exits('shop:0#1').finding('shop:0#1')],
])('nothing follows for %s', (_where, make) => {
  expect(make().effects).toEqual([]);
});
