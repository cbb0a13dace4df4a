import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeAtomic, writeAtomicSync } from '../../../src/linux/atomic-write.ts';
import { findExecutable } from '../../../src/linux/find-executable.ts';
import { takeLock } from '../../../src/linux/lock.ts';
import { makeFolder } from '../../../src/linux/make-folder.ts';
import { lookUpAccount, parsePasswdLine } from '../../../src/linux/passwd.ts';
import { rotateFiles } from '../../../src/linux/rotate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden-linux-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('takeLock', () => {
  test('is exclusive, and free again after release', () => {
    const path = join(folder, 'lock');
    const lock = takeLock(path);
    expect(lock).not.toBeNull();
    expect(takeLock(path)).toBeNull();
    lock?.release();
    const again = takeLock(path);
    expect(again).not.toBeNull();
    again?.release();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('says which file it could not open', () => {
    expect(() => takeLock(join(folder, 'no', 'lock'))).toThrow('no/lock');
  });
});

describe.each([
  ['writeAtomic', writeAtomic],
  ['writeAtomicSync', async (path: string, content: string): Promise<void> => writeAtomicSync(path, content)],
])('%s', (_, write) => {
  test('replaces a file, keeps it private and leaves nothing beside it', async () => {
    const path = join(folder, 'core.json');
    writeFileSync(path, 'old');
    await write(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['core.json']);
  });

  test('leaves the old content and no temporary file when it fails', async () => {
    mkdirSync(join(folder, 'taken'));
    await expect(write(join(folder, 'taken'), 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('rotateFiles', () => {
  const content = (): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  const write = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };

  test.each([
    ['the first time', { a: '0' }, 3, { 'a.1': '0' }],
    ['moves all up', { a: '0', 'a.1': '1', 'a.2': '2' }, 3, { 'a.1': '0', 'a.2': '1', 'a.3': '2' }],
    ['drops the oldest', { a: '0', 'a.1': '1', 'a.2': '2' }, 2, { 'a.1': '0', 'a.2': '1' }],
    ['fills a gap', { a: '0', 'a.2': '2' }, 3, { 'a.1': '0', 'a.2': '2' }],
    ['without backups', { a: '0', 'a.1': '1' }, 0, { 'a.1': '1' }],
    ['without a file', {}, 3, {}],
    ['packed ones too', { a: '0', 'a.1': '1', 'a.2.gz': '2' }, 3, { 'a.1': '0', 'a.2': '1', 'a.3.gz': '2' }],
    ['drops the oldest in either form', { a: '0', 'a.1': '1', 'a.2.gz': '2' }, 2, { 'a.1': '0', 'a.2': '1' }],
    ['drops the only one in either form', { a: '0', 'a.1.gz': '1' }, 1, { 'a.1': '0' }],
    [
      'both forms of one file stay together',
      { a: '0', 'a.1': '1', 'a.1.gz': '1z' },
      3,
      { 'a.1': '0', 'a.2': '1', 'a.2.gz': '1z' },
    ],
    [
      "leaves others' files alone",
      { a: '0', 'a.x': 'x', 'a.01': 'y', 'b.1': 'b' },
      2,
      { 'a.1': '0', 'a.x': 'x', 'a.01': 'y', 'b.1': 'b' },
    ],
  ])('%s', async (_, before, backups, after) => {
    write(before);
    await rotateFiles(join(folder, 'a'), backups);
    expect(content()).toEqual(after);
  });
});

describe('makeFolder', () => {
  test('makes what is missing and is content with what is there', () => {
    makeFolder(join(folder, 'a/b/c'), 0o700);
    makeFolder(join(folder, 'a/b/c'), 0o700);
    expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
  });

  test('fails, and ends, where nothing can be made', () => {
    expect(() => makeFolder('/proc/nowhere/x', 0o700)).toThrow('ENOENT');
  });
});

describe('findExecutable', () => {
  beforeEach(() => {
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'bin/dir'));
    writeFileSync(join(folder, 'bin/plain'), '');
    writeFileSync(join(folder, 'bin/tool'), '');
    chmodSync(join(folder, 'bin/tool'), 0o755);
  });

  test.each([
    ['by PATH', 'tool', 'bin', true],
    ['by a relative path', 'bin/tool', undefined, true],
    ['by the second folder of PATH', 'tool', 'nowhere:bin', true],
    ['sh without PATH', 'sh', undefined, true],
    ['nowhere', 'missing', 'bin', 'was not found in PATH=bin'],
    ['a directory', './bin/dir', undefined, 'is a directory'],
    ['not executable', './bin/plain', undefined, 'is not executable'],
    ['not executable in PATH', 'plain', 'bin', 'is not executable'],
    ['a missing path', './bin/none', undefined, 'does not exist'],
  ])('%s', (_, command, path, expected) => {
    const found = findExecutable(command, folder, path);
    if (expected === true) expect(found).toEqual({ path: expect.stringMatching(/^\/.*(tool|sh)$/) });
    else expect(found).toEqual({ problem: expect.stringContaining(String(expected)) });
  });
});

describe('accounts', () => {
  test.each([
    ['www-data:x:33:34:www-data:/var/www:/usr/sbin/nologin', { name: 'www-data', uid: 33, gid: 34, home: '/var/www' }],
    ['a:x:1:1:::', { name: 'a', uid: 1, gid: 1, home: '/' }],
    ['a:x:-1:1::/:', null],
    ['', null],
    ['a:x', null],
  ])('%j', (line, expected) => {
    expect(parsePasswdLine(line)).toEqual(expected);
  });

  test('are looked up by name, and strange names are not asked for', async () => {
    expect(await lookUpAccount('root')).toMatchObject({ uid: 0, gid: 0 });
    expect(await lookUpAccount('no-such-user-here')).toBeNull();
    expect(await lookUpAccount('--help')).toBeNull();
    expect(await lookUpAccount('')).toBeNull();
  });
});
