import { expect, test } from 'vitest';
import { GROWTH_ENTRIES } from '../../../src/controller/sentences-growth.ts';

const MIB = 1024 * 1024;
const text = (rule: string, evidence: Record<string, number | null>): string =>
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

test('a ceiling that is near, with the line that says so and the growth of each message', () => {
  const evidence = { bytes: 120 * MIB, ceilingBytes: 160 * MIB, reachesAfterMs: 240_000, growthBytesPerMessage: 1024 };
  expect(text('memory.growth', evidence)).toMatch(
    /^Recycled shop:0 \(pid 5\) before its ceiling: .*, .*for each message it acknowledged, and at 120 MiB it would pass its ceiling of 160 MiB in .*\(workers\.yaml:7\)$/,
  );
});

test('a refused look at the heap, with what follows', () => {
  expect(text('zend.refused', {})).toMatch(
    /^PHP's own heap is not known of shop:0 \(pid 5\): its memory may not be read .*; growth is judged all the same, but .*ackwarden doctor/,
  );
});
