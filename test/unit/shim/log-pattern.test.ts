import { expect, test } from 'vitest';
import { linePattern } from '../../../src/shim/log-pattern.ts';

test.each([
  ['ready', 'worker ready.', true],
  ['ready', 'Ready', false],
  ['/ready/i', 'Ready', true],
  ['/ready in \\d+ ms/', 'ready in 12 ms', true],
  ['/ready in \\d+ ms/', 'ready in a moment', false],
  ['/var/run is there', '/var/run is there', true],
  ['a.b', 'axb', false],
])('%s in %s: %s', (written, line, expected) => expect(linePattern(written)(line)).toBe(expected));

test('a long line is judged by its beginning', () => {
  expect(linePattern('up')(`${'x'.repeat(4_094)}up`)).toBe(true);
  expect(linePattern('up')(`${'x'.repeat(4_095)}up`)).toBe(false);
});

test('an expression that goes back and forth for ever is interrupted', () => {
  const pattern = linePattern('/^(a+)+$/');
  expect(() => pattern(`${'a'.repeat(60)}b`)).toThrow(/timed out/);
});
