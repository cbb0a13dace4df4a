import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickVictim } from '../../../src/policy/host-victim.ts';
import type { Candidate } from '../../../src/policy/host-victim.ts';

const MIB = 1024 * 1024;
const candidate = (worker: string, mib: number, more: Partial<Candidate> = {}): Candidate => ({
  worker,
  incarnation: `${worker}#1`,
  priority: [999, 999],
  freesBytes: mib * MIB,
  leaking: false,
  growthBytesPerMinute: 0,
  ...more,
});
const pick = (...given: Parameters<typeof pickVictim>): string | null => {
  const victim = pickVictim(...given);
  return victim === null ? null : `${victim.worker} ${victim.why}`;
};

const BIG = candidate('a:0', 400);
const LEAKS = candidate('b:0', 100, { leaking: true });
const GROWS = candidate('c:0', 200, { growthBytesPerMinute: 5 * MIB });
const UNIMPORTANT = candidate('d:0', 50, { priority: [999, 2_000] });

test.each([
  ['the largest suspect first', [BIG, LEAKS, candidate('e:0', 90, { leaking: true }), GROWS], 'b:0 leaks'],
  [
    'else the largest of the program that matters least',
    [BIG, GROWS, UNIMPORTANT, candidate('d:1', 40, UNIMPORTANT)],
    'd:0 largest',
  ],
  ['of equals the largest', [GROWS, BIG], 'a:0 largest'],
  ['nobody that would give back nothing', [candidate('a:0', 7), candidate('b:0', 3, { leaking: true })], null],
  ['nobody at all', [], null],
])('%s', (_, candidates, victim) => {
  expect(pick('host.pressure', candidates)).toBe(victim);
});

test('below the reserve only those that leak or grow', () => {
  expect(pick('host.low', [BIG, GROWS, LEAKS])).toBe('b:0 leaks');
  expect(pick('host.low', [BIG, GROWS])).toBe('c:0 grows');
  expect(pick('host.low', [BIG, candidate('e:0', 300, { growthBytesPerMinute: null })])).toBeNull();
});

test('the same victim in whatever order they come', () => {
  const any = fc.record({
    index: fc.nat(30),
    mib: fc.integer({ min: 0, max: 60 }),
    leaking: fc.boolean(),
    growth: fc.constantFrom(null, 0, 2 * MIB),
    priority: fc.tuple(fc.constantFrom(1, 999), fc.constantFrom(5, 999)),
  });
  const several = fc
    .uniqueArray(any, { minLength: 1, maxLength: 8, selector: ({ index }) => index })
    .map((drawn) =>
      drawn.map(({ index, mib, leaking, growth, priority }) =>
        candidate(`w:${index}`, mib, { leaking, growthBytesPerMinute: growth, priority }),
      ),
    );
  fc.assert(
    fc.property(
      several,
      fc.constantFrom('host.low' as const, 'host.swapIn' as const),
      fc.func(fc.nat()),
      (all, rule, key) => {
        const shuffled = all.toSorted((a, b) => key(a.worker) - key(b.worker));
        expect(pick(rule, shuffled)).toBe(pick(rule, all));
      },
    ),
  );
});
