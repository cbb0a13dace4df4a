import { expect, test } from 'vitest';
import type { JournalEntry } from '../../../src/api/types.ts';
import { faultsOf, recyclesOf, tableOf } from '../../soak/verdict.ts';

const recycle = (program: string, rule: string, minutes: number | null = null, action = 'recycle'): JournalEntry =>
  ({
    action,
    program,
    reason: { rule, text: '', policy: null, evidence: minutes === null ? {} : { reachesAfterMs: minutes * 60_000 } },
  }) as JournalEntry;

test('recycles for memory are counted by program and rule, with the least time that was left', () => {
  const found = recyclesOf([
    recycle('leaking-static', 'memory.growth', 4),
    recycle('leaking-static', 'memory.growth', 2.5),
    recycle('leaking-static', 'memory.soft'),
    recycle('leaking-static', 'command'),
    recycle('healthy-cache', 'config.changed'),
    recycle('leaking-late', 'memory.growth', 9, 'diagnose'),
  ]);
  expect(found).toEqual([
    { program: 'leaking-static', counts: { 'memory.growth': 2, 'memory.soft': 1 }, leastLeadMinutes: 2.5 },
  ]);
  expect(tableOf(found)).toContain('| leaking-static | 2 | 1 |  |  | 2.5 |');
});

test.each([
  ['a healthy one', [recycle('healthy-cache', 'memory.growth', 1)], [], /^healthy-cache is healthy and was recycled/],
  ['one at its hard ceiling', [recycle('leaking-late', 'memory.hard')], ['leaking-late'], /^leaking-late came to its/],
  ['one killed', [recycle('leaking-late', 'memory.kill')], ['leaking-late'], /^leaking-late came to its/],
  ['one that was missed', [], ['leaking-late'], /^leaking-late leaks and was never recycled/],
])('a fault is said: %s', (_, entries, leaking, said) => {
  const faults = faultsOf(recyclesOf(entries), leaking);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(said);
});

test('leaks that were met in time are no fault', () => {
  const entries = [recycle('leaking-late', 'memory.growth', 3), recycle('leaking-static', 'memory.soft')];
  expect(faultsOf(recyclesOf(entries), ['leaking-late', 'leaking-static'])).toEqual([]);
});
