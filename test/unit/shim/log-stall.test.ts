/** A disk that hangs: writev(2) of this test returns when the test says so. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { writev } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LogCompressor } from '../../../src/shim/log-compressor.ts';
import { BUFFER_BYTES, LogFile } from '../../../src/shim/log-file.ts';
import type { LogTrouble } from '../../../src/shim/log-open.ts';
import { LogTurns } from '../../../src/shim/log-turns.ts';
import { target } from '../../e2e/shim/specs.ts';

const disk = vi.hoisted(() => ({ hangs: Promise.resolve() }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const { promisify } = await import('node:util');
  const slow = (): void => undefined;
  const real = promisify(fs.writev);
  Object.defineProperty(slow, promisify.custom, {
    value: async (...words: Parameters<typeof writev.__promisify__>) => {
      await disk.hangs;
      return real(...words);
    },
  });
  return { ...fs, writev: slow };
});

let folder: string;
let troubles: LogTrouble[];
let log: LogFile;
let wake: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'ackwarden-stall-'));
  troubles = [];
  const report = (trouble: LogTrouble): void => void troubles.push(trouble);
  const turns = new LogTurns();
  const tools = { turns, compressor: new LogCompressor(turns, report) };
  log = new LogFile(target(join(folder, 'a.log'), { maxSizeBytes: 64 * 1024, backups: 1000 }), report, tools);
  disk.hangs = new Promise((settle) => (wake = settle));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const line = (text: string) => ({ bytes: Buffer.from(`${text}\n`), end: 'line' }) as const;
const print = (writers: readonly object[], from: number, to: number): boolean[] =>
  Array.from({ length: to - from }, (_, at) => from + at).flatMap((number) =>
    writers.map((writer, index) => log.push(writer, line(`${index} ${number} ${'.'.repeat(50)}`))),
  );

test('while it hangs nobody waits, and what the buffer holds is all there afterwards', async () => {
  const writers = Array.from({ length: 8 }, () => ({}));
  print(writers, 0, 100);
  vi.advanceTimersByTime(2_000);
  expect(troubles).toMatchObject([{ droppedLines: 0, text: expect.stringContaining('has not taken a write for 2 s') }]);
  expect(print(writers, 100, 1000)).not.toContain(false);
  wake();
  await log.close();
  const names = ['a.log', ...Array.from({ length: 20 }, (_, index) => `a.log.${index + 1}`)];
  const found = names.flatMap((name) => {
    try {
      return readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    } catch {
      return [];
    }
  });
  expect(new Set(found).size).toBe(8000);
  expect(found).toHaveLength(8000);
  expect(troubles.map(({ droppedLines }) => droppedLines)).toEqual([0, 0]);
});

test('what the buffer cannot hold is dropped in whole lines and counted, in the log and in words', async () => {
  print([{}], 0, 1);
  vi.advanceTimersByTime(2_000);
  const lines = 30_000;
  expect(print([{}], 1, lines)).not.toContain(false);
  wake();
  await log.flush();
  await log.close();
  const dropped = troubles.reduce((sum, trouble) => sum + trouble.droppedLines, 0);
  expect(dropped).toBeGreaterThan(1000);
  const kept = (lines - dropped) * 58;
  expect(kept).toBeLessThan(BUFFER_BYTES * 1.2);
  expect(readFileSync(join(folder, 'a.log'), 'utf8')).toContain(`[ackwarden] ${dropped} lines dropped here`);
});
