import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BUFFER_BYTES, Forwarder } from '../../../src/shim/forwarder.ts';
import type { LogTrouble } from '../../../src/shim/log-open.ts';

const block = (text: string, end: 'line' | 'piece' | 'partial' = 'line') => ({ bytes: Buffer.from(text), end });

describe('Forwarder', () => {
  let told: { seq: number; bytes: string }[];
  let troubles: LogTrouble[];
  let isThere: boolean;
  let forwarder: Forwarder;
  const text = (): string => told.map(({ bytes }) => bytes).join('');
  const turn = (): void => void vi.advanceTimersByTime(1);
  /** Confirms as long as something comes. */
  const printAll = (): void => {
    for (let seen = -1; seen !== told.length;) {
      seen = told.length;
      forwarder.taken(told.at(-1)?.seq ?? 0);
    }
  };

  beforeEach(() => {
    vi.useFakeTimers();
    [told, troubles, isThere] = [[], [], true];
    forwarder = new Forwarder({
      send: (seq, bytes) => {
        if (isThere) told.push({ seq, bytes });
        return isThere;
      },
      report: (trouble) => troubles.push(trouble),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('tells nothing until it is wanted, then what was kept and what comes', () => {
    forwarder.push({}, block('early\n'));
    turn();
    expect(told).toEqual([]);
    forwarder.taken(0);
    forwarder.push({}, block('a\n'));
    forwarder.push({}, block('b\n'));
    turn();
    expect(told.map(({ bytes }) => bytes)).toEqual(['early\n', 'a\nb\n']);
  });

  test('bytes stay bytes, and a line that stops in the middle ends for those that follow', () => {
    forwarder.taken(0);
    const writer = {};
    forwarder.push(writer, { bytes: Buffer.from([0xff, 0x61]), end: 'partial' });
    forwarder.push({}, block('other\n'));
    forwarder.push(writer, block(' end\n'));
    turn();
    expect(text()).toBe('\xffa\nother\n end\n');
  });

  test('no more than a window is on its way', async () => {
    forwarder.taken(0);
    for (let index = 0; index < 500; index += 1) forwarder.push({}, block(`${'x'.repeat(999)}\n`));
    turn();
    expect(text().length).toBeLessThan(200 * 1024);
    let isFlushed = false;
    void forwarder.flushed().then(() => (isFlushed = true));
    printAll();
    await vi.advanceTimersByTimeAsync(1);
    expect([text().length, isFlushed]).toEqual([500_000, true]);
    expect(troubles).toEqual([]);
  });

  test('what a controller did not confirm goes to the next one, in order', () => {
    forwarder.taken(0);
    forwarder.push({}, block('1\n'));
    turn();
    forwarder.taken(1);
    forwarder.push({}, block('2\n'));
    turn();
    isThere = false;
    forwarder.push({}, block('3\n'));
    turn();
    isThere = true;
    told = [];
    forwarder.attached();
    forwarder.taken(0);
    expect(text()).toBe('2\n3\n');
  });

  test('with nobody to print, a bounded beginning is kept, and the rest is counted and said', () => {
    const lines = 3000;
    for (let index = 0; index < lines; index += 1) forwarder.push({}, block(`${index} ${'x'.repeat(1000)}\n`));
    vi.advanceTimersByTime(1_500);
    forwarder.taken(0);
    printAll();
    const kept = text().split('\n').length - 1;
    expect(text().length).toBeLessThanOrEqual(BUFFER_BYTES);
    expect(kept).toBeGreaterThan(900);
    expect(troubles).toMatchObject([{ path: 'forward', droppedLines: lines - kept }]);
    expect(troubles[0]?.text).toContain('No controller was there');
    forwarder.push({}, block('again\n'));
    turn();
    expect(text().endsWith('\nagain\n')).toBe(true);
  });
});
