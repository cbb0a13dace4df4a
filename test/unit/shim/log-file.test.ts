import {
  lstatSync,
  mkdirSync,
  truncateSync,
  utimesSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  chmodSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LogCompressor } from '../../../src/shim/log-compressor.ts';
import { LogFile } from '../../../src/shim/log-file.ts';
import { reason } from '../../../src/shim/log-open.ts';
import type { LogTrouble } from '../../../src/shim/log-open.ts';
import type { LogTools } from '../../../src/shim/log-rotation.ts';
import { LogTurns } from '../../../src/shim/log-turns.ts';
import { target as logTarget } from '../../e2e/shim/specs.ts';
import { LogRegistry } from '../../../src/shim/log-registry.ts';

let folder: string;
let tools: LogTools;
let troubles: LogTrouble[];
const report = (trouble: LogTrouble): void => {
  troubles.push(trouble);
};
const line = (text: string) => ({ bytes: Buffer.from(`${text}\n`), end: 'line' }) as const;
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden-log-'));
  troubles = [];
  const turns = new LogTurns();
  tools = { turns, compressor: new LogCompressor(turns, report) };
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

describe('LogFile', () => {
  test('appends, and rotates by size at line ends', async () => {
    writeFileSync(join(folder, 'a.log'), 'old\n');
    const log = new LogFile(logTarget(join(folder, 'a.log'), { maxSizeBytes: 10, backups: 2 }), report, tools);
    const writer = {};
    for (const text of ['one', 'two', 'three', 'a line of 20 bytes..', 'last']) log.push(writer, line(text));
    await log.close();
    expect(readdirSync(folder).toSorted()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
    expect([read('a.log.2'), read('a.log.1'), read('a.log')]).toEqual([
      'two\nthree\n',
      'a line of 20 bytes..\n',
      'last\n',
    ]);
    expect(troubles).toEqual([]);
  });

  test('a rotation that fails loses no line and is said once', async () => {
    mkdirSync(join(folder, 'a.log.1/in-the-way'), { recursive: true });
    const log = new LogFile(logTarget(join(folder, 'a.log'), { maxSizeBytes: 4, backups: 1 }), report, tools);
    const writer = {};
    for (const text of ['one', 'two', 'three']) log.push(writer, line(text));
    await log.close();
    expect(read('a.log')).toBe('one\ntwo\nthree\n');
    expect(troubles).toMatchObject([{ droppedLines: 0, text: expect.stringContaining('cannot be rotated') }]);
  });

  test('what is clear is empty, what was written before it as well as the bytes that count for its size', async () => {
    const path = join(folder, 'a.log');
    writeFileSync(join(folder, 'a.log.1'), 'old\n');
    const log = new LogFile(logTarget(path, { maxSizeBytes: 10, backups: 1 }), report, tools);
    log.push({}, line('12345'));
    await log.flush();
    await log.clear();
    expect(read('a.log')).toBe('');
    log.push({}, line('67890'));
    await log.close();
    expect([read('a.log'), read('a.log.1')]).toEqual(['67890\n', 'old\n']);
  });

  test('a file that somebody else has truncated is not rotated before it is full again', async () => {
    const path = join(folder, 'a.log');
    const log = new LogFile(logTarget(path, { maxSizeBytes: 10, backups: 1 }), report, tools);
    log.push({}, line('12345'));
    await log.flush();
    truncateSync(path);
    log.push({}, line('67890'));
    await log.close();
    expect(readdirSync(folder)).toEqual(['a.log']);
    expect(read('a.log')).toBe('67890\n');
  });

  test('a device is never moved aside, whatever goes into it', async () => {
    const path = join(folder, 'a.log');
    symlinkSync('/dev/null', path);
    const limits = { maxSizeBytes: 4, backups: 1, daily: true };
    const log = new LogFile(logTarget(path, limits), report, tools);
    for (const text of ['one', 'two', 'three']) log.push({}, line(text));
    await log.close();
    expect(readdirSync(folder)).toEqual(['a.log']);
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  test('daily: what another day wrote is moved aside before the first line of this one, once', async () => {
    const path = join(folder, 'a.log');
    writeFileSync(path, 'yesterday\n');
    const yesterday = new Date(Date.now() - 26 * 3600_000);
    utimesSync(path, yesterday, yesterday);
    const log = new LogFile(logTarget(path, { backups: 3, daily: true }), report, tools);
    await log.flush();
    expect(readdirSync(folder)).toEqual(['a.log']);
    for (const text of ['one', 'two']) {
      log.push({}, line(text));
      await log.flush();
    }
    await log.close();
    expect([read('a.log.1'), read('a.log')]).toEqual(['yesterday\n', 'one\ntwo\n']);
  });

  test('daily: a file that stayed empty over midnight belongs to the day of its first line', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 10, 25, 23, 59) });
    const log = new LogFile(logTarget(join(folder, 'a.log'), { backups: 3, daily: true }), report, tools);
    vi.setSystemTime(new Date(2026, 10, 26, 0, 1));
    for (const text of ['one', 'two']) {
      log.push({}, line(text));
      await log.flush();
    }
    expect(readdirSync(folder)).toEqual(['a.log']);
    vi.setSystemTime(new Date(2026, 10, 27, 0, 1));
    log.push({}, line('three'));
    await log.close();
    expect([read('a.log.1'), read('a.log')]).toEqual(['one\ntwo\n', 'three\n']);
  });

  test('rotated files are compressed, none is lost, and limits change while it is open', async () => {
    const path = join(folder, 'a.log');
    const log = new LogFile(logTarget(path, { maxSizeBytes: 8, backups: 100 }), report, tools);
    const lines = Array.from({ length: 40 }, (_, index) => String(index));
    for (const text of lines.slice(0, 20)) log.push({}, line(text));
    await log.flush();
    log.setLimits({ maxSizeBytes: 8, backups: 100, daily: false, compress: true });
    for (const text of lines.slice(20)) log.push({}, line(text));
    await log.close();
    await tools.compressor.settled();
    const names = readdirSync(folder).toSorted((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0));
    expect(names.filter((name) => !name.endsWith('.gz'))).toEqual(['a.log']);
    const all = names.map((name) => {
      const bytes = readFileSync(join(folder, name));
      return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
    });
    expect(all.join('')).toBe(lines.map((text) => `${text}\n`).join(''));
    expect(troubles).toEqual([]);
  });

  test('the remains of a shim that died while it compressed are put in order', async () => {
    writeFileSync(join(folder, 'a.log.1'), 'plain\n');
    writeFileSync(join(folder, 'a.log.gz.tmp'), 'half a fi');
    tools.compressor.add(join(folder, 'a.log'), 3);
    await tools.compressor.settled();
    expect(readdirSync(folder)).toEqual(['a.log.1.gz']);
    expect(gunzipSync(readFileSync(join(folder, 'a.log.1.gz'))).toString()).toBe('plain\n');
  });

  test('a file that was given another number while it was compressed is replaced under that number', async () => {
    const path = join(folder, 'a.log');
    writeFileSync(`${path}.1`, 'plain\n');
    let rotated = (): void => undefined;
    const rotation = tools.turns.run(path, () => new Promise<void>((settle) => (rotated = settle)));
    tools.compressor.add(path, 3);
    // It is complete, and waits for the rotation to be over.
    const packed = (): string => gunzipSync(readFileSync(`${path}.gz.tmp`)).toString();
    await expect.poll(packed).toBe('plain\n');
    renameSync(`${path}.1`, `${path}.2`);
    rotated();
    await rotation;
    await tools.compressor.settled();
    expect(readdirSync(folder)).toEqual(['a.log.2.gz']);
  });

  test('what cannot be compressed stays as it is, and is said', async () => {
    writeFileSync(join(folder, 'a.log.1'), 'plain\n');
    mkdirSync(join(folder, 'a.log.gz.tmp/in-the-way'), { recursive: true });
    tools.compressor.add(join(folder, 'a.log'), 3);
    await tools.compressor.settled();
    expect(read('a.log.1')).toBe('plain\n');
    expect(troubles).toMatchObject([{ text: expect.stringContaining('could not be compressed') }]);
  });

  test.each(['/dev/stdout', '/dev/stderr', '/dev/fd/1', '/proc/self/fd/1'])('%s is no log', (path) => {
    const target = logTarget(path);
    expect(() => new LogFile(target, report, tools)).toThrow(/cannot be opened: the shim has no output of its own/);
  });

  test('a symbolic link is not followed where others can write', () => {
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'target'), '');
    symlinkSync(join(folder, 'target'), join(folder, 'a.log'));
    const target = logTarget(join(folder, 'a.log'));
    expect(() => new LogFile(target, report, tools)).toThrow(
      'it is a symbolic link in a folder that others can write to',
    );
    chmodSync(folder, 0o700);
    expect(() => new LogFile(target, report, tools)).not.toThrow();
  });
});

test.each([
  ['EMFILE', /no file descriptor is left; raise LimitNOFILE=/],
  ['ENOSPC', /^no space is left/],
  ['EWHATEVER', /^as the kernel said it$/],
])('%s in words', (code, words) => {
  expect(reason(Object.assign(new Error('as the kernel said it'), { code }))).toMatch(words);
});

describe('LogRegistry', () => {
  test('empties what is open, and touches nothing else', async () => {
    const logs = new LogRegistry(report);
    const [open, other] = [join(folder, 'a.log'), join(folder, 'other')];
    writeFileSync(other, 'kept');
    logs.acquire(logTarget(open)).push({}, line('text'));
    await logs.flush();
    expect(await logs.clear([open, other])).toEqual([
      { path: open, result: 'cleared', text: '' },
      { path: other, result: 'closed', text: '' },
    ]);
    expect([read('a.log'), read('other')]).toEqual(['', 'kept']);
    logs.setLimits(open, { maxSizeBytes: 3, backups: 1, daily: false, compress: false });
    logs.setLimits(other, { maxSizeBytes: 3, backups: 1, daily: false, compress: false });
    const log = logs.acquire(logTarget(open));
    logs.setLimits(open, { maxSizeBytes: 3, backups: 1, daily: false, compress: false });
    for (const text of ['1', '2']) log.push({}, line(text));
    await logs.flush();
    expect(read('a.log.1')).toBe('1\n');
  });

  test('one object a path, closed with its last user', async () => {
    const logs = new LogRegistry(report);
    const target = logTarget(join(folder, 'a.log'));
    const first = logs.acquire(target);
    expect(logs.acquire(target)).toBe(first);
    logs.release(first);
    first.push({}, line('still open'));
    await logs.flush();
    logs.release(first);
    await logs.flush();
    expect(logs.acquire(target)).not.toBe(first);
    expect(read('a.log')).toBe('still open\n');
  });
});
