import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  chmodSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LogFile } from '../../../src/shim/log-file.ts';
import type { LogTrouble } from '../../../src/shim/log-file.ts';
import { reason } from '../../../src/shim/log-open.ts';
import { LogRegistry } from '../../../src/shim/log-registry.ts';

let folder: string;
let troubles: LogTrouble[];
const report = (trouble: LogTrouble): void => {
  troubles.push(trouble);
};
const line = (text: string) => ({ bytes: Buffer.from(`${text}\n`), end: 'line' }) as const;
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden-log-'));
  troubles = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('LogFile', () => {
  test('appends, and rotates by size at line ends', async () => {
    writeFileSync(join(folder, 'a.log'), 'old\n');
    const log = new LogFile({ path: join(folder, 'a.log'), maxSizeBytes: 10, backups: 2 }, report);
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
    const log = new LogFile({ path: join(folder, 'a.log'), maxSizeBytes: 4, backups: 1 }, report);
    const writer = {};
    for (const text of ['one', 'two', 'three']) log.push(writer, line(text));
    await log.close();
    expect(read('a.log')).toBe('one\ntwo\nthree\n');
    expect(troubles).toMatchObject([{ droppedLines: 0, text: expect.stringContaining('cannot be rotated') }]);
  });

  test.each(['/dev/stdout', '/dev/stderr', '/dev/fd/1', '/proc/self/fd/1'])('%s is no log', (path) => {
    const target = { path, maxSizeBytes: 0, backups: 0 };
    expect(() => new LogFile(target, report)).toThrow(/cannot be opened: the shim has no output of its own/);
  });

  test('a symbolic link is not followed where others can write', () => {
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, 'target'), '');
    symlinkSync(join(folder, 'target'), join(folder, 'a.log'));
    const target = { path: join(folder, 'a.log'), maxSizeBytes: 0, backups: 0 };
    expect(() => new LogFile(target, report)).toThrow('it is a symbolic link in a folder that others can write to');
    chmodSync(folder, 0o700);
    expect(() => new LogFile(target, report)).not.toThrow();
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
  test('one object a path, closed with its last user', async () => {
    const logs = new LogRegistry(report);
    const target = { path: join(folder, 'a.log'), maxSizeBytes: 0, backups: 0 };
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
