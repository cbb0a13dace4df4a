import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ErrorLog } from '../../../../src/controller/listeners/error-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'ackwarden-error-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MIB = Buffer.alloc(1024 * 1024, 'x');

test('it stays bounded, with three older ones', () => {
  const path = join(folder, 'a.log');
  const log = new ErrorLog(path);
  for (let count = 0; count < 55; count += 1) log.write(MIB);
  log.close();
  expect(['', '.1', '.2', '.3', '.4'].map((end) => existsSync(path + end))).toEqual([true, true, true, true, false]);
  expect(statSync(`${path}.1`).size).toBe(10 * MIB.length);
  expect(statSync(path).size).toBe(5 * MIB.length);
});

test('it goes on where it was', () => {
  const path = join(folder, 'b.log');
  for (const text of ['one\n', 'two\n']) {
    const log = new ErrorLog(path);
    log.write(Buffer.from(text));
    log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('what cannot be written is a trouble, not an end: a link is not followed', () => {
  const path = join(folder, 'c.log');
  symlinkSync(join(folder, 'elsewhere'), path);
  const log = new ErrorLog(path);
  log.write(Buffer.from('x'));
  expect(log.trouble).toMatch(/c\.log cannot be written \(ELOOP/);
  expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
});
