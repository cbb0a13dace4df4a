import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followActivity } from '../../../../src/api/rpc/follow-activity.ts';
import { followFile } from '../../../../src/api/rpc/follow-file.ts';
import type { ActivityLog } from '../../../../src/api/rpc/supervisor.ts';

let folder = '';
let gone = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follow '));
  gone = new AbortController();
});
afterEach(() => rmSync(folder, { recursive: true }));

const next = async (chunks: AsyncGenerator<Uint8Array>): Promise<string> => {
  const { value } = (await chunks.next()) as { value: Uint8Array };
  return Buffer.from(value).toString();
};

test('the last 1024 bytes, then what comes, across rotations and truncations', async () => {
  const path = join(folder, 'a.log');
  writeFileSync(path, `${'x'.repeat(5000)}€${'y'.repeat(1022)}`);
  const chunks = followFile(path, gone.signal);
  expect(await next(chunks)).toBe('y'.repeat(1022));

  const euro = Buffer.from('€');
  appendFileSync(path, euro.subarray(0, 2));
  const later = next(chunks);
  appendFileSync(path, euro.subarray(2));
  expect(await later).toBe('€');

  appendFileSync(path, 'before');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'after');
  expect(await next(chunks)).toBe('before');
  expect(await next(chunks)).toBe('after');

  truncateSync(path, 0);
  expect(await next(chunks)).toBe('==> File truncated <==\n');
  rmSync(path);
  const end = chunks.next();
  gone.abort();
  expect(await end).toEqual({ done: true, value: undefined });
});

test('a large log comes in pieces', async () => {
  const path = join(folder, 'a.log');
  writeFileSync(path, 'begun');
  const chunks = followFile(path, gone.signal);
  expect(await next(chunks)).toBe('begun');
  appendFileSync(path, 'z'.repeat(200_000));
  let told = 0;
  while (told < 200_000) {
    const { length } = await next(chunks);
    expect(length).toBeLessThanOrEqual(65_536);
    told += length;
  }
  gone.abort();
  await chunks.return(undefined);
});

test('a reader of the main log that stands still costs little and is told of it', async () => {
  let tell: (lines: string) => void = () => undefined;
  let following = true;
  const activity: ActivityLog = {
    text: () => `${'a'.repeat(2000)}end\n`,
    follow: (listener) => {
      tell = listener;
      return () => (following = false);
    },
    clear: () => undefined,
  };
  const chunks = followActivity(activity, gone.signal);
  expect(await next(chunks)).toMatch(/^a{1020}end\n$/);
  for (let at = 0; at < 1000; at += 1) tell(`${'b'.repeat(999)}\n`);
  const kept = await next(chunks);
  expect(kept.length).toBeLessThan(300_000);
  expect(kept).toMatch(/skipped, the reader is too slow <==\n$/);
  const end = chunks.next();
  gone.abort();
  expect((await end).done).toBe(true);
  expect(following).toBe(false);
});
