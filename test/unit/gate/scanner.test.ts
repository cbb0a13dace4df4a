/** Bytes in any chunking: every frame seen once, whole, in order; every byte that should pass passes, and no other. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameScanner, FramingError } from '../../../src/gate/scanner.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import * as wire from './wire.ts';

const FRAME_MAX = 4_096;
const INSERTED = wire.cancel(9, 'inserted');

type Fate = 'pass' | 'drop' | 'replace';
interface Planned {
  bytes: Buffer;
  fate: Fate;
  isInsertedBefore: boolean;
}

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(1, 2, 3, 8),
    size: fc.oneof(fc.nat(20), fc.constantFrom(FRAME_MAX - 9, FRAME_MAX - 8)),
    fate: fc.constantFrom<Fate>('pass', 'drop', 'replace'),
    isInsertedBefore: fc.boolean(),
  }),
  { maxLength: 12 },
);
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6_000 })), { minLength: 1 });

/** Bodies stream, all else is held: as the session does towards the broker. */
const isHeld = (type: number): boolean => type !== 3;

function scan(plan: Planned[], sizes: number[]): { out: Buffer; seen: Buffer[] } {
  const out: Buffer[] = [];
  const seen: Buffer[] = [];
  let index = 0;
  let begun = -1;
  const scanner = new FrameScanner(
    {
      isHeld,
      onFrame: (bytes) => {
        seen.push(Buffer.from(bytes));
        const { fate = 'pass' } = plan[index] ?? {};
        index += 1;
        return fate === 'pass' ? 'pass' : fate === 'drop' ? [] : [INSERTED];
      },
      onStreamed: () => void (index += 1),
      onBoundary: () => {
        const isFirst = begun !== index;
        begun = index;
        return isFirst && plan[index]?.isInsertedBefore === true ? [INSERTED] : [];
      },
    },
    (bytes) => out.push(Buffer.from(bytes)),
    FRAME_MAX,
  );
  const all = Buffer.concat(plan.map(({ bytes }) => bytes));
  for (let at = 0, cut = 0; at < all.length; cut += 1) {
    const size = sizes[cut % sizes.length] ?? 1;
    if (scanner.push(all.subarray(at, at + size)).length > 0) throw new Error('Nobody said stop.');
    at += size;
  }
  expect(scanner.isBetweenFrames).toBe(true);
  return { out: Buffer.concat(out), seen };
}

it('passes, drops, replaces and inserts exactly what it is told to', { timeout: FUZZ_TIMEOUT_MS }, () => {
  const property = fc.property(frames, cuts, (wanted, sizes) => {
    const plan = wanted.map(({ type, size, ...rest }) => ({
      bytes: wire.frame(type, 1, Buffer.alloc(size, type === 8 ? 0xce : size & 255)),
      ...rest,
    }));
    const expected = plan.flatMap(({ bytes, fate, isInsertedBefore }) => {
      const becomes = fate === 'pass' || bytes[0] === 3 ? [bytes] : fate === 'drop' ? [] : [INSERTED];
      return isInsertedBefore ? [INSERTED, ...becomes] : becomes;
    });
    const { out, seen } = scan(plan, sizes);
    expect(out.equals(Buffer.concat(expected))).toBe(true);
    const held = plan.filter(({ bytes }) => bytes[0] !== 3).map(({ bytes }) => bytes);
    expect(Buffer.concat(seen).equals(Buffer.concat(held))).toBe(true);
    expect(seen.length).toBe(held.length);
  });
  fuzz({ name: 'frames', runs: 5_000, sharedBy: 2 }, property);
});

it(
  'survives any bytes at all: it throws or passes, and holds no more than was agreed',
  { timeout: FUZZ_TIMEOUT_MS },
  () => {
    const property = fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
      const out: Buffer[] = [];
      const scanner = new FrameScanner(
        { isHeld, onFrame: () => 'pass', onStreamed: () => undefined, onBoundary: () => [] },
        (bytes) => out.push(Buffer.from(bytes)),
        FRAME_MAX,
      );
      const all = Buffer.concat(chunks);
      try {
        for (const chunk of chunks) scanner.push(Buffer.from(chunk));
      } catch (error) {
        expect(error).toHaveProperty('name', 'FramingError');
      }
      const passed = Buffer.concat(out);
      expect(all.subarray(0, passed.length).equals(passed)).toBe(true);
    });
    fuzz({ name: 'any bytes', runs: 5_000, sharedBy: 2 }, property);
  },
);

it('does not copy what streams: a body passes as a part of its chunk', () => {
  const out: Buffer[] = [];
  const scanner = new FrameScanner(
    { isHeld, onFrame: () => 'pass', onStreamed: () => undefined, onBoundary: () => [] },
    (bytes) => out.push(bytes),
    FRAME_MAX,
  );
  const chunk = Buffer.concat([wire.ack(1, 1), wire.body(1, 1_000), wire.body(1, 1_000).subarray(0, 500)]);
  scanner.push(chunk);
  expect(out).toHaveLength(1);
  expect(out[0]?.buffer).toBe(chunk.buffer);
});

it('takes no further frame once told to stop, and gives the rest back', () => {
  const scanner = new FrameScanner(
    { isHeld, onFrame: () => 'pass', onStreamed: () => undefined, onBoundary: () => 'stop' },
    () => undefined,
    FRAME_MAX,
  );
  expect(scanner.push(wire.ack(1, 1))).toEqual(wire.ack(1, 1));
});

const endless = (frame: Buffer): Buffer => Buffer.concat([frame.subarray(0, -1), Buffer.from([0])]);

it.each([
  ['a held frame without its end byte', endless(wire.ack(1, 1))],
  ['a streamed frame without its end byte', endless(wire.body(1, 10))],
  ['a held frame one byte larger than agreed', wire.frame(1, 1, Buffer.alloc(FRAME_MAX - 7))],
])('does not go on after %s', (_name, bytes) => {
  const pass = { isHeld, onFrame: () => 'pass' as const, onStreamed: () => undefined, onBoundary: () => [] };
  for (const cut of [bytes.length, 7, 1]) {
    const scanner = new FrameScanner(pass, () => undefined, FRAME_MAX);
    const scanAll = (): void => {
      for (let at = 0; at < bytes.length; at += cut) scanner.push(bytes.subarray(at, at + cut));
    };
    expect(scanAll).toThrow(FramingError);
  }
});
