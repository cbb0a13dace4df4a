import { expect, test } from 'vitest';
import { Hearing } from '../../../src/controller/hearing.ts';
import type { EventBody } from '../../../src/core/types.ts';
import { NO_FIGURES, SampleStore } from '../../../src/controller/sample-store.ts';
import { ZEND_REFUSED } from '../../../src/linux/zend-reader.ts';
import { encodeRow } from '../../../src/shim/samples.ts';
import { Driven } from '../core/driven.ts';

/** Rules of what is journaled while one worker is read every five seconds. */
const said = (whyAt: (reading: number) => string | null, readings: number): string[] => {
  const { state } = Driven.up();
  const samples = new SampleStore();
  samples.track(1, 'shop:0#1');
  const rules: string[] = [];
  const scribe = { say: (_: string, rule: string) => void rules.push(rule) };
  const parts = { samples, scribe, core: () => state, post: () => undefined };
  const hearing = new Hearing(parts as unknown as ConstructorParameters<typeof Hearing>[0]);
  for (let reading = 0; reading < readings; reading += 1) {
    const slow = [encodeRow(1, { ...NO_FIGURES, rssBytes: 9, anonBytes: 5 })];
    const zendWhy: [number, string | null][] = [[1, whyAt(reading)]];
    hearing.message({ type: 'samples', at: reading * 5_000, wall: 0, fast: [], slow, zendWhy }, 1);
  }
  return rules;
};

test('a heap that may not be read is journaled once', () => {
  expect(said(() => ZEND_REFUSED, 8)).toEqual(['zend.refused']);
});

test('not where it was refused for a moment, nor where there is none', () => {
  expect(said((reading) => (reading === 0 ? ZEND_REFUSED : null), 8)).toEqual([]);
  expect(said(() => 'it has no Zend heap', 8)).toEqual([]);
});

/** What the core is told of a successor of a worker that was recycled by `rule`; it leaks a MiB a minute, read for half an hour. */
const toldOf = (rule: string): unknown[] => {
  const ceilings = { softBytes: 2 ** 29, hardBytes: null, killBytes: null, metric: 'rss' } as const;
  const core = Driven.up({ overlap: false, ceilings });
  core.send({ type: 'findings', incarnation: 'shop:0#1', rule, evidence: {} }, 60_000);
  core.exits('shop:0#1').toRunning();
  const samples = new SampleStore();
  samples.track(1, 'shop:0#2');
  const told: unknown[] = [];
  const post = (event: EventBody): void => {
    if (event.type === 'trend') told.push(event);
    core.send(event);
  };
  const parts = {
    samples,
    scribe: { say: () => '' },
    evidence: { take: () => undefined },
    core: () => core.state,
    post,
  };
  const hearing = new Hearing(parts as unknown as ConstructorParameters<typeof Hearing>[0]);
  const from = core.now;
  for (let second = 5; second <= 1_800; second += 5) {
    core.now = from + second * 1_000;
    const bytes = Math.round((220 + second / 60) * 1024 * 1024);
    const slow = [encodeRow(1, { ...NO_FIGURES, rssBytes: bytes, anonBytes: bytes, swapBytes: 0 })];
    hearing.message({ type: 'samples', at: core.now, wall: 0, fast: [], slow }, 1);
  }
  return told;
};

test('that it leaks is told once, of what was recycled for its memory: a leak is no need', () => {
  expect(toldOf('memory.soft')).toEqual([{ type: 'trend', incarnation: 'shop:0#2', leaking: true }]);
  expect(toldOf('lifetime.age')).toEqual([]);
});
