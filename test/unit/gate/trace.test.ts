/** What makes a message the same message when it comes again, and what does not. */
import { expect, it } from 'vitest';
import { headOf, identify } from '../../../src/gate/trace.ts';
import type { Trace } from '../../../src/gate/trace.ts';
import * as wire from './wire.ts';

const trace = (change: Partial<Trace> = {}): Trace => ({
  method: wire.deliverMethod(1, 'c', 1, false),
  header: wire.richHeader(1, 4, { headers: { kind: 'a' }, messageId: 'm-1' }),
  prefix: Buffer.from('body'),
  redelivered: false,
  queue: 'q',
  ...change,
});

const same: [string, Partial<Trace>][] = [
  ['to another consumer, with another tag', { method: wire.deliverMethod(1, 'other', 77, true) }],
  ['by basic.get', { method: wire.getOkMethod(1, 9, true) }],
  [
    'with what the broker counts in its headers',
    { header: wire.richHeader(1, 4, { headers: { 'x-delivery-count': '2', kind: 'a' }, messageId: 'm-1' }) },
  ],
  [
    'from another queue: it was dead-lettered and came back',
    { queue: 'r', header: wire.richHeader(1, 4, { headers: { kind: 'a', 'x-death': 'often' }, messageId: 'm-1' }) },
  ],
];
it.each(same)('the same message %s', (_name, change) =>
  expect(identify(trace(change)).fingerprint).toBe(identify(trace()).fingerprint),
);

const others: [string, Partial<Trace>][] = [
  ['body', { prefix: Buffer.from('ydob') }],
  ['size', { header: wire.richHeader(1, 5, { headers: { kind: 'a' }, messageId: 'm-1' }) }],
  ['message-id', { header: wire.richHeader(1, 4, { headers: { kind: 'a' }, messageId: 'm-2' }) }],
  ['header', { header: wire.richHeader(1, 4, { headers: { kind: 'b' }, messageId: 'm-1' }) }],
  [
    'routing',
    { method: wire.method(1, [60, 60], { short: 'c' }, { u64: 1 }, { u8: 0 }, { short: 'o' }, { short: 'rdersnew' }) },
  ],
];
it.each(others)('another message: another %s', (_name, change) =>
  expect(identify(trace(change)).fingerprint).not.toBe(identify(trace()).fingerprint),
);

it('headers that only the broker added make no difference to a message without any', () => {
  const plain = trace({ header: wire.richHeader(1, 4, {}) });
  const counted = trace({ header: wire.richHeader(1, 4, { headers: { 'x-delivery-count': '1' } }) });
  expect(identify(counted).fingerprint).toBe(identify(plain).fingerprint);
});

it('tells size, type and id, and where it came from', () => {
  expect(identify(trace())).toMatchObject({ queue: 'q', messageId: 'm-1', contentType: 'text/plain', sizeBytes: 4 });
  expect(identify(trace({ header: wire.header(1, 4) }))).toMatchObject({ messageId: null, contentType: null });
});

it('knows the beginning of a fingerprint before the body has come', () => {
  const { method, header } = trace();
  expect(headOf(method, header)).toBe(identify(trace({ prefix: Buffer.from('other') })).head);
});
