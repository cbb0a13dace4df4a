import { expect, test } from 'vitest';
import { Hearing } from '../../../src/controller/hearing.ts';
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
