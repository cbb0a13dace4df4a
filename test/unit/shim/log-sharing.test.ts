import { closeSync, mkdtempSync, openSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogCompressor } from '../../../src/shim/log-compressor.ts';
import { LogFile } from '../../../src/shim/log-file.ts';
import { target as logTarget } from '../../e2e/shim/specs.ts';
import { LogTurns } from '../../../src/shim/log-turns.ts';
import { isStillAt, sharedSize } from '../../../src/shim/log-sharing.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ackwarden-sharing-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const path = (): string => join(root, 'shop.log');
const WRITER = {};
const write = async (log: LogFile, text: string): Promise<void> => {
  log.push(WRITER, { bytes: Buffer.from(`${text}\n`), end: 'line' });
  await log.flush();
};
const open = (maxSizeBytes: number, backups: number): LogFile => {
  const turns = new LogTurns();
  const report = (trouble: { text: string }): void => expect.fail(trouble.text);
  const tools = { turns, compressor: new LogCompressor(turns, report) };
  return new LogFile(logTarget(path(), { maxSizeBytes, backups }), report, tools);
};

test('a file that was renamed, replaced or removed is no longer at its path', async () => {
  const descriptor = openSync(path(), 'a');
  expect(await isStillAt(path(), descriptor)).toBe(true);
  renameSync(path(), `${path()}.1`);
  expect(await isStillAt(path(), descriptor)).toBe(false);
  closeSync(openSync(path(), 'a'));
  expect(await isStillAt(path(), descriptor)).toBe(false);
  expect(await sharedSize(descriptor)).toBe(0);
  rmSync(`${path()}.1`);
  expect(await sharedSize(descriptor)).toBeNull();
  closeSync(descriptor);
});

test('who follows never rotates and goes on in the new file; who leads counts what both wrote', async () => {
  const older = open(20, 9);
  const newer = open(20, 9);
  older.sharing = 'follows';
  newer.sharing = 'leads';
  await write(older, 'older 1 is long enough');
  await write(older, 'older 2');
  expect(readdirSync(root)).toEqual(['shop.log']);
  await write(newer, 'newer 1');
  // The true size is known after a write.
  await write(newer, 'newer 2');
  expect(readFileSync(`${path()}.1`, 'utf8')).toBe('older 1 is long enough\nolder 2\nnewer 1\n');
  await write(older, 'older 3');
  expect(readFileSync(path(), 'utf8')).toBe('newer 2\nolder 3\n');
  await Promise.all([older.close(), newer.close()]);
});

test('what was written into a file that the other one removed meanwhile is written again', async () => {
  const older = open(0, 0);
  older.sharing = 'follows';
  await write(older, 'before');
  // Between the look at the name and the write: the shortest moment there is, made long.
  const pushed = write(older, 'after');
  rmSync(path());
  await pushed;
  expect(readFileSync(path(), 'utf8')).toBe('after\n');
  await older.close();
});

test('two that write at once while one of them rotates lose no line', async () => {
  const older = open(4096, 2000);
  const newer = open(4096, 2000);
  older.sharing = 'follows';
  newer.sharing = 'leads';
  const lines: string[] = [];
  const burst = async (log: LogFile, name: string): Promise<void> => {
    for (let at = 0; at < 400; at += 1) {
      lines.push(`${name} ${at}`);
      await write(log, `${name} ${at}`);
    }
  };
  await Promise.all([burst(older, 'older'), burst(newer, 'newer')]);
  await Promise.all([older.close(), newer.close()]);
  const found = readdirSync(root).flatMap((name) => readFileSync(join(root, name), 'utf8').trimEnd().split('\n'));
  expect(found.toSorted()).toEqual(lines.toSorted());
});

test('alone, nothing is looked at: a file moved away by hand is written on until it is reopened', async () => {
  const log = open(0, 0);
  await write(log, 'one');
  renameSync(path(), `${path()}.old`);
  await write(log, 'two');
  expect(readFileSync(`${path()}.old`, 'utf8')).toBe('one\ntwo\n');
  await log.close();
});
