import { expect, test } from 'vitest';
import { presentText } from '../../../src/controller/present.ts';
import { SampleStore } from '../../../src/controller/sample-store.ts';
import type { Tracked } from '../../../src/controller/sample-store.ts';

const store = new SampleStore();
store.track(1, 'shop:0#1');
const fresh = store.of('shop:0#1');
const gate = {
  inFlight: 1,
  prefetch: 10,
  delivered: 1_205,
  acknowledged: 1_204,
  rejected: 0,
  redelivered: 0,
  returned: 0,
  oldestUnacknowledgedAt: null,
  connections: 1,
  draining: 0,
};
const growth = { bytesPerMinute: 9, seconds: 60, bytesPerMessage: 52_224 };

test.each<[string, Partial<Tracked> | null, string]>([
  ['no process', null, 'shop:0 is RUNNING.'],
  [
    'an unknown heap',
    { gate: null, zendWhy: 'it is no PHP' },
    "shop:0 is RUNNING. PHP's own heap is not known: it is no PHP.",
  ],
  ['no gate', { gate: null, growth }, 'shop:0 is RUNNING.'],
  ['no growth known', { gate }, 'shop:0 is RUNNING. It holds 1 message of at most 10 and has acknowledged 1204.'],
  [
    'no limit, and growth',
    { gate: { ...gate, inFlight: 3, prefetch: 0 }, growth },
    'shop:0 is RUNNING. It holds 3 messages and has acknowledged 1204. Over the last 60 s its memory grew by 51.0 KiB for each of them.',
  ],
  [
    'memory that shrinks grows by nothing',
    { gate, growth: { ...growth, bytesPerMessage: -5 } },
    'shop:0 is RUNNING. It holds 1 message of at most 10 and has acknowledged 1204.',
  ],
])('%s', (_name, fields, expected) => {
  if (fresh === null) throw new Error('the worker is tracked');
  expect(presentText('shop:0', 'RUNNING', fields === null ? null : { ...fresh, ...fields })).toBe(expected);
});
