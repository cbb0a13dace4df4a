import { expect, test } from 'vitest';
import { GROWTH_ENTRIES } from '../../../src/controller/sentences-growth.ts';

const MIB = 1024 * 1024;
const text = (rule: string, evidence: Record<string, number | string | null>): string =>
  GROWTH_ENTRIES[rule]?.(
    {
      id: 'x',
      worker: 'shop:0',
      program: 'shop',
      pid: 5,
      incarnation: 1,
      cause: null,
      rule,
      evidence: {
        growthBytesPerMinute: 10 * MIB,
        growingSeconds: 600,
        fromBytes: MIB,
        toBytes: 101 * MIB,
        ...evidence,
      },
      text: null,
      policy: null,
    },
    ' (workers.yaml:7)',
  ) ?? '';

test.each([
  [10 * MIB, ", in PHP's own heap: PHP code keeps it"],
  [7 * MIB, ", in PHP's own heap: PHP code keeps it"],
  [5 * MIB, ", 5.0 MiB a minute of that in PHP's own heap"],
  [0, ", outside PHP's own heap, which grew 0.0 MiB a minute: an extension or a library takes it"],
  [-MIB, ", outside PHP's own heap, which grew 0.0 MiB a minute: an extension or a library takes it"],
  [null, ''],
])('a Zend heap that grows %s bytes a minute', (zendBytesPerMinute, where) => {
  expect(text('growth.leaking', { zendBytesPerMinute })).toBe(
    `shop:0 (pid 5) leaks: it has grown 10 MiB a minute for 10 min 0 s, from 1.0 MiB to 101 MiB${where}`,
  );
});

test('what is outside of PHP may be in child processes, where there are any', () => {
  expect(text('growth.leaking', { zendBytesPerMinute: 0, descendantBytes: 60 * MIB })).toMatch(
    /: an extension, a library, or its child processes take it, which hold 60 MiB$/,
  );
});

test.each([
  ['php', ", in PHP's own heap (what is outside of it goes up and down, and is left out here): PHP code keeps it"],
  [
    'native',
    ", outside PHP's own heap (which goes up and down, and is left out here): an extension or a library takes it",
  ],
])('the %s part, judged by itself', (part, where) => {
  expect(text('growth.leaking', { part, zendBytesPerMinute: 10 * MIB })).toMatch(/ from 1\.0 MiB to 101 MiB,/);
  expect(text('growth.leaking', { part, zendBytesPerMinute: 10 * MIB })).toContain(where);
});

test('a ceiling that is near, with the line that says so and the growth of each message', () => {
  const evidence = { bytes: 120 * MIB, ceilingBytes: 160 * MIB, reachesAfterMs: 240_000, growthBytesPerMessage: 1024 };
  expect(text('memory.growth', evidence)).toMatch(
    /^Recycled shop:0 \(pid 5\) before its ceiling: .*, .*for each message it acknowledged, and at 120 MiB it would pass its ceiling of 160 MiB in .*\(workers\.yaml:7\)$/,
  );
});

test('a staircase: nobody knows when, but one more step is too much', () => {
  const evidence = {
    bytes: 208 * MIB,
    ceilingBytes: 256 * MIB,
    reachesAfterMs: 600_000,
    leaps: 2,
    leapBytes: 90 * MIB,
  };
  expect(text('memory.growth', evidence)).toBe(
    'Recycled shop:0 (pid 5) before its ceiling: it has leapt 2 times by about 90 MiB within 10 min 0 s, from 1.0 MiB to 101 MiB, and at 208 MiB one more such leap takes it over its ceiling of 256 MiB (workers.yaml:7)',
  );
});

test('by messages: how many were seen, and how many are to come', () => {
  const evidence = { bytes: 239 * MIB, ceilingBytes: 256 * MIB, reachesAfterMs: 480_000, messages: 5_849 };
  const counted = { ...evidence, messagesPerMinute: 40, growthBytesPerMessage: 52 * 1024 };
  expect(text('memory.growth', counted)).toBe(
    'Recycled shop:0 (pid 5) before its ceiling: each message leaves 52.0 KiB behind, as 5,849 of them within 10 min 0 s did, from 1.0 MiB to 101 MiB, and at 239 MiB, with 40 messages a minute to come, it would pass its ceiling of 256 MiB in 8 min 0 s (workers.yaml:7)',
  );
});

test('a refused look at the heap, with what follows', () => {
  expect(text('zend.refused', {})).toMatch(
    /^PHP's own heap is not known of shop:0 \(pid 5\): its memory may not be read .*; growth is judged all the same, but .*ackwarden doctor/,
  );
});
