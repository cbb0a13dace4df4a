import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { ListenerRecord } from '../../../../src/controller/listeners/record.ts';
import { isAlive } from '../../../e2e/controller/site.ts';

const folder = mkdtempSync(join(tmpdir(), 'ackwarden-record-'));
const path = join(folder, 'listeners.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const sleeper = (): { pid: number; gone: Promise<unknown> } => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  children.push(child);
  return { pid: child.pid ?? 0, gone: once(child, 'exit') };
};

test('the next controller kills those that are left, and only those', async () => {
  const [left, ended, stranger] = [sleeper(), sleeper(), sleeper()];
  const record = new ListenerRecord(folder);
  record.add(left.pid);
  record.add(ended.pid);
  record.remove(ended.pid);
  expect(new ListenerRecord(folder).killLeft()).toEqual([left.pid]);
  await left.gone;
  expect([ended.pid, stranger.pid].map(isAlive)).toEqual([true, true]);
  expect(new ListenerRecord(folder).killLeft()).toEqual([]);
});

test.each<[string, (text: string) => string]>([
  ['of another boot', (text) => text.replace(/"bootId":"[^"]*"/, '"bootId":"x"')],
  ['of another pid namespace', (text) => text.replace(/"pidNamespace":"[^"]*"/, '"pidNamespace":"1"')],
  ['of a process that began at another time', (text) => text.replace(/"startTime":\d+/, '"startTime":1')],
  ['of everything (pid 1)', (text) => text.replace(/"pid":\d+/, '"pid":1')],
  ['that is cut off', (text) => text.slice(0, -3)],
])('a record %s kills nobody', (_, spoil) => {
  const { pid } = sleeper();
  new ListenerRecord(folder).add(pid);
  const spoilt = spoil(readFileSync(path, 'utf8'));
  expect(spoilt).not.toBe(readFileSync(path, 'utf8'));
  writeFileSync(path, spoilt);
  expect(new ListenerRecord(folder).killLeft()).toEqual([]);
  expect(isAlive(pid)).toBe(true);
});

test('a record that cannot be written is said', () => {
  const record = new ListenerRecord(join(folder, 'missing'));
  record.add(process.pid);
  expect(record.trouble).toMatch(/listeners\.json cannot be written \(ENOENT.*would be doubled by the next$/);
});
