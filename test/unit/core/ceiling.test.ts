import { describe, expect, test } from 'vitest';
import { QUICK_MS } from '../../../src/core/deadlines.ts';
import { Driven, shop } from './driven.ts';

describe('current passes a ceiling', () => {
  test.each(['hard', 'kill'] as const)(
    '%s: the replacement starts at once, the old one leaves by itself',
    (ceiling) => {
      const core = Driven.up().ceiling('shop:0#1', ceiling);
      expect(core.is()).toBe('STARTING #2 -#1');
      expect(core.orders()).toEqual(['spawn shop:0#2']);
      expect(core.said()).toEqual([`recycle memory.${ceiling}`, 'start start.recycle']);
      expect(core.spawned('shop:0#2').exits('shop:0#1').concluded()).toEqual([`memory.${ceiling}: recycled ok`]);
      expect(core.worker()).toMatchObject({ recycle: null, recycles: 1, crashes: [], quickHards: 0 });
    },
  );

  test('the recycle is closed only when both are known: the old one gone, the new one spawned', () => {
    const core = Driven.up().ceiling('shop:0#1').exits('shop:0#1');
    expect(core.concluded()).toEqual([]);
    expect(core.spawned('shop:0#2').concluded()).toEqual(['memory.hard: recycled ok']);
    expect(core.outcomes()[0]?.evidence).toMatchObject({ replacedBy: 102, code: 1 });
  });

  test('the entry has the numbers and the line that caused it; kill falls back on the line of hard', () => {
    for (const ceiling of ['hard', 'kill'] as const) {
      const entry = Driven.up()
        .ceiling('shop:0#1', ceiling)
        .effects.find((effect) => effect.type === 'journal')?.entry;
      expect(entry).toMatchObject({
        policy: { line: 14 },
        evidence: { bytes: 513, ceilingBytes: 512, growthBytesPerSecond: 25, growingSeconds: 19 },
      });
    }
  });

  test('in STARTING the failed start is closed too, and is no failed try', () => {
    const core = new Driven().spawned('shop:0#1').ceiling('shop:0#1', 'hard', 500);
    expect(core.concluded()).toEqual(['start.auto: overCeiling failed']);
    expect(core.is()).toBe('BACKOFF memory.hard.again -#1');
    expect(core.worker().attempts).toBe(0);
  });

  test('it is not queued behind another recycle, nor by an empty budget', () => {
    const core = Driven.up({ workers: 2, overlap: false, budget: { count: 0, windowMs: 600_000 } }, 1);
    core.command('recycle', false, ['shop:1']).ceiling('shop:0#1');
    expect(core.is()).toBe('STARTING #2 -#1');
  });

  test('with a replacement on its way, that one takes over', () => {
    const core = Driven.up().finding('shop:0#1').spawned('shop:0#2').ceiling('shop:0#1', 'hard', 100);
    expect(core.is()).toBe('STARTING #2 -#1');
    expect(core.orders()).toEqual([]);
    expect(core.concluded()).toEqual(['memory.soft: overtaken failed']);
    expect(core.exits('shop:0#1').concluded()).toEqual(['memory.hard: recycled ok']);
  });

  test('while an older one still leaves, both recycles are closed, each once', () => {
    const core = Driven.up().ceiling('shop:0#1').toRunning().ceiling('shop:0#2');
    expect(core.is()).toBe('STARTING #3 -#1 -#2');
    expect(core.concluded()).toEqual([]);
    expect(core.exits('shop:0#1').concluded()).toEqual(['memory.hard: stopped ok']);
    expect(core.spawned('shop:0#3').exits('shop:0#2').concluded()).toEqual(['memory.hard: recycled ok']);
  });
});

describe('a fresh worker passes hard again', () => {
  test('re-enters through a growing, capped delay, for ever and never FATAL', () => {
    const core = Driven.up();
    const waits: number[] = [];
    for (let number = 1; number <= 12; number++) {
      core.ceiling(`shop:0#${number}`, 'hard', number === 1 ? 1 : 100);
      expect(core.is()).toMatch(/^BACKOFF memory.hard.again/);
      const { life } = core.worker();
      if (life.state === 'BACKOFF') waits.push(life.until - core.now);
      core.exits(`shop:0#${number}`).timer().toRunning();
    }
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, ...Array<number>(6).fill(48_000)]);
  });

  test('the recycle is closed with the delay of its successor', () => {
    const core = Driven.up().ceiling('shop:0#1', 'hard', 1).exits('shop:0#1', 0, 100);
    expect(core.outcomes()[0]?.evidence).toMatchObject({
      startsInMs: 700,
      because: 'memory.hard.again',
      replacedBy: null,
    });
  });

  test.each([
    { ageMs: QUICK_MS - 1, is: 'BACKOFF memory.hard.again -#1' },
    { ageMs: QUICK_MS, is: 'STARTING #2 -#1' },
  ])('at $ageMs ms of age: $is', ({ ageMs, is }) => {
    const core = new Driven([shop({ secondsMs: 0 })]).spawned('shop:0#1').ceiling('shop:0#1', 'hard', ageMs);
    expect(core.is()).toBe(is);
  });

  test('one that lasted ends the series', () => {
    const core = Driven.up().ceiling('shop:0#1', 'hard', 1).timer().toRunning();
    expect(core.worker().quickHards).toBe(1);
    expect(core.ceiling('shop:0#2').worker().quickHards).toBe(0);
  });
});

describe('others pass a ceiling', () => {
  test('a replacement: current stays, the recycle is given up, everything gets its outcome', () => {
    const core = Driven.up().finding('shop:0#1').spawned('shop:0#2').ceiling('shop:0#2', 'hard', 100);
    expect(core.is()).toBe('RUNNING #1 -#2');
    expect(core.concluded()).toEqual([
      'start.recycle: overCeiling failed',
      'memory.soft: replacement.overCeiling failed',
    ]);
    expect(core.exits('shop:0#2').concluded()).toEqual(['replacement.overCeiling: stopped ok']);
  });

  test.each([
    { ceiling: 'kill', said: ['kill memory.kill'] },
    { ceiling: 'hard', said: [] },
  ] as const)('one that leaves already, $ceiling: $said', ({ ceiling, said }) => {
    const leaving = Driven.up().ceiling('shop:0#1').ceiling('shop:0#1', ceiling, 100);
    expect(leaving.said()).toEqual(said);
    expect(leaving.is()).toBe('STARTING #2 -#1');
    const stopping = Driven.up().command('stop').ceiling('shop:0#1', ceiling, 100);
    expect(stopping.said()).toEqual(said);
    expect(stopping.is()).toBe('STOPPING #1 then rest');
  });

  test('the kill of one that leaves names the entry that sent it away', () => {
    const core = Driven.up().ceiling('shop:0#1').ceiling('shop:0#1', 'kill', 100);
    const { cause } = core.effects.flatMap((effect) => (effect.type === 'journal' ? effect.entry : []))[0] ?? {};
    expect(core.ruleOf(cause ?? '')).toBe('memory.hard');
  });

  test('nobody we know: nothing', () => {
    expect(Driven.up().ceiling('shop:0#9').effects).toEqual([]);
  });
});
