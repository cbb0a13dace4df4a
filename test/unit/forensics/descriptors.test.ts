import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descriptorFacts, descriptorOf, moreBetween } from '../../../src/forensics/descriptors.ts';
import type { Descriptor } from '../../../src/forensics/descriptors.ts';
import { moreText } from '../../../src/forensics/words.ts';

const ENDS = new Map([
  ['7', { what: 'connection to 127.0.0.1:5672', halfClosed: false }],
  ['8', { what: 'connection to 127.0.0.1:5672', halfClosed: true }],
]);

test.each([
  ['socket:[7]', { kind: 'socket', what: 'connection to 127.0.0.1:5672', halfClosed: false }],
  ['socket:[8]', { kind: 'socket', what: 'connection to 127.0.0.1:5672', halfClosed: true }],
  ['socket:[9]', { kind: 'socket', what: 'socket', halfClosed: false }],
  ['pipe:[1]', { kind: 'pipe', what: 'pipe', halfClosed: false }],
  ['anon_inode:[eventpoll]', { kind: 'other', what: 'eventpoll', halfClosed: false }],
  ['anon_inode:inotify', { kind: 'other', what: 'inotify', halfClosed: false }],
  ['/tmp/phpAb12 (deleted)', { kind: 'file', what: '/tmp/phpAb12', halfClosed: false }],
])('%s', (target, expected) => {
  expect(descriptorOf(target, ENDS)).toEqual(expected);
});

const file = (what: string): Descriptor => ({ kind: 'file', what, halfClosed: false });
const socket = (what: string, halfClosed = false): Descriptor => ({ kind: 'socket', what, halfClosed });

describe('what there is more of', () => {
  test('most first; of which fewer are open is left out; files one by one are counted by their folder', () => {
    const before = [socket('a'), socket('a', true), socket('b'), file('/log')];
    const after = [
      ...[1, 2, 3].map((at) => file(`/tmp/php${at}`)),
      ...Array.from({ length: 3 }, () => file('/log')),
      ...[true, true, false, false, false, false].map((halfClosed) => socket('a', halfClosed)),
    ];
    expect(moreBetween(before, after)).toEqual([
      { kind: 'socket', what: 'a', count: 4, halfClosed: 1 },
      { kind: 'file', what: 'files in /tmp', count: 3, halfClosed: 0 },
      { kind: 'file', what: '/log', count: 2, halfClosed: 0 },
    ]);
  });

  test('the same as before is no more, whatever it is', () => {
    const one = fc.record({
      kind: fc.constantFrom('socket' as const, 'file' as const, 'pipe' as const),
      what: fc.constantFrom('/tmp/a', 'connection to 127.0.0.1:1', 'pipe'),
      halfClosed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(one), fc.array(one), (before, more) => {
        expect(moreBetween(before, before)).toEqual([]);
        const found = moreBetween(before, [...before, ...more]);
        expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(more.length);
      }),
    );
  });
});

describe('both readings', () => {
  const ends = (): typeof ENDS => ENDS;
  const sockets = (count: number): string[] => Array.from({ length: count }, (_, at) => `socket:[${at}]`);

  test('what is not known stays unknown', () => {
    const [refused, gone, seen] = [{ why: 'refused' }, { why: 'gone' }, { value: ['/a', 'socket:[1]'] }];
    const open = { socket: 1, pipe: 0, file: 1, other: 0 };
    expect(descriptorFacts([refused, refused], 9, ends)).toEqual({ why: 'refused', limit: 9, open: null, more: [] });
    expect(descriptorFacts([seen, gone], null, ends)).toEqual({ why: 'gone', limit: null, open, more: [] });
    expect(descriptorFacts([seen, seen], 9, ends)).toEqual({ why: null, limit: 9, open, more: [] });
  });

  test('whom sockets are connected to is looked up only where there are many more', () => {
    const never = (): typeof ENDS => expect.fail('looked up');
    expect(descriptorFacts([{ value: sockets(7) }, { value: sockets(16) }], null, never).more).toEqual([
      { kind: 'socket', what: 'socket', count: 9, halfClosed: 0 },
    ]);
    expect(descriptorFacts([{ value: sockets(7) }, { value: sockets(17) }], null, ends).more).toEqual([
      { kind: 'socket', what: 'socket', count: 8, halfClosed: 0 },
      { kind: 'socket', what: 'connection to 127.0.0.1:5672', count: 2, halfClosed: 1 },
    ]);
  });
});

test.each([
  [{ kind: 'socket', what: 'connection to 127.0.0.1:1', count: 1, halfClosed: 0 }, '1 connection to 127.0.0.1:1'],
  [
    { kind: 'socket', what: 'connection to 127.0.0.1:1', count: 9, halfClosed: 2 },
    '9 connections to 127.0.0.1:1 (2 closed by the other side)',
  ],
  [{ kind: 'socket', what: 'unix socket', count: 2, halfClosed: 0 }, '2 unix sockets'],
  [{ kind: 'pipe', what: 'pipe', count: 2, halfClosed: 0 }, '2 pipes'],
  [{ kind: 'file', what: '/tmp/x', count: 2, halfClosed: 0 }, '2 times /tmp/x'],
  [{ kind: 'file', what: 'files in /tmp', count: 2, halfClosed: 0 }, '2 files in /tmp'],
  [{ kind: 'other', what: 'eventpoll', count: 2, halfClosed: 0 }, '2 eventpoll'],
] as const)('%j in words', (more, expected) => {
  expect(moreText(more)).toBe(expected);
});
