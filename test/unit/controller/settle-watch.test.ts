/** Samples of a successor, through both watches, to the core: does it leak, or does it need so much? */
import { describe, expect, test } from 'vitest';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import { SettleWatch } from '../../../src/controller/settle-watch.ts';
import { SoftWatch } from '../../../src/controller/soft-watch.ts';
import { Driven } from '../core/driven.ts';

const MIB = 1024 * 1024;
const CEILINGS = { softBytes: 256 * MIB, hardBytes: null, killBytes: null, metric: 'rss' } as const;
const TICK_MS = 250;

/** The successor of a worker that was recycled by `rule`, read for a minute; when it was recycled or held, and what was said. */
const live = (mibAt: (age: number) => number, rule = 'memory.soft'): { said: string[]; age: number } => {
  const core = Driven.up({ overlap: false, ceilings: CEILINGS });
  core.send({ type: 'findings', incarnation: 'shop:0#1', rule, evidence: {} }, 60_000);
  core.exits('shop:0#1').spawned('shop:0#2');
  const store = new SampleStore();
  store.track(1, 'shop:0#2');
  const [soft, settle] = [new SoftWatch(), new SettleWatch()];
  for (let age = TICK_MS; age <= 60_000; age += TICK_MS) {
    core.now += TICK_MS;
    if (age === 1_000) core.timer();
    const message = { type: 'samples' as const, at: core.now, wall: 0, fast: [1, mibAt(age) * MIB], slow: [] };
    const [tracked] = store.update(message);
    if (tracked === undefined) throw new Error('nothing was read');
    const settled = settle.judge(core.state, tracked, core.now);
    if (settled !== null) core.send(settled);
    const found = soft.judge(core.state, tracked, core.now);
    if (found !== null) core.send(found);
    if (found !== null && core.said().length > 0) return { said: core.said(), age };
  }
  return { said: [], age: 0 };
};

const HELD = ['hold memory.soft.tooLow'];

describe('a successor that is over its soft ceiling again', () => {
  test.each([
    { what: 'loads what it needs in 8 s', mibAt: (age: number) => (age < 8_000 ? 30 : 260), held: true },
    { what: 'warms up for 25 s', mibAt: (age: number) => 30 + Math.min(age, 25_000) / 100, held: true },
    { what: 'leaks 25 MiB/s', mibAt: (age: number) => 30 + (age / 1_000) * 25, held: false },
    { what: 'leaks 8 MiB/s', mibAt: (age: number) => 30 + (age / 1_000) * 8, held: false },
  ])('$what: held: $held', ({ mibAt, held }) => {
    const { said } = live(mibAt);
    if (held) expect(said).toEqual(HELD);
    else expect(said[0]).toBe('recycle memory.soft');
  });

  test('a fast leak does not wait for a verdict', () => {
    const { age } = live((at) => 30 + (at / 1_000) * 25);
    // 226 MiB more take 9.04 s, five samples of six 1.25 s, and 14 MiB more half a second.
    expect(age).toBeLessThanOrEqual(11_000);
  });
});

test('one that was recycled for its age is not doubted', () => {
  expect(live((age) => (age < 8_000 ? 30 : 260), 'lifetime.age').said[0]).toBe('recycle memory.soft');
});
