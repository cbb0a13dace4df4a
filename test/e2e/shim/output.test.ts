import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  writeFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { SpawnSpec } from '../../../src/shim/spawn-spec.ts';
import { readText, untilContent, untilTrue, useShim } from './harness.ts';
import { PLAN, fixture, spec, target } from './specs.ts';

const { folder } = useShim();
const isRoot = process.getuid?.() === 0;

describe('output', () => {
  test.each([['our own user', null], ...(isRoot ? [['another user', 'nobody']] : [])] as [string, string | null][])(
    'a worker of %s can open /dev/stdout in PHP and in sh',
    async (_, user) => {
      const { client } = await (await folder().start()).attach();
      client.send({ type: 'spawn', spec: spec('web', fixture('opens-dev-stdout.php'), folder().logDir, { user }) });
      await client.fact('exited');
      await untilContent(join(folder().logDir, 'web.log'), (text) => text === 'through fopen\nthrough sh\n');
    },
  );

  test('bytes pass as they are', async () => {
    const { client } = await (await folder().start()).attach();
    client.send({ type: 'spawn', spec: spec('web', fixture('broken-utf8'), folder().logDir) });
    await client.fact('exited');
    const path = join(folder().logDir, 'web.log');
    await untilContent(path, (text) => text.endsWith('last\n'));
    expect(readFileSync(path, 'latin1')).toBe('a\xff\xfeb\n\xc3\nlast\n');
  });

  test('stderr goes to a file of its own when it has one, and no FIFO is left', async () => {
    const { client } = await (await folder().start()).attach();
    const stderr = target(join(folder().logDir, 'errors.log'));
    const argv = ['sh', '-c', 'echo out; echo err >&2'];
    const before = new Set(readdirSync(join(folder().path, 'fifo')));
    client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir, { stderr }) });
    await client.fact('exited');
    await untilContent(stderr.path, (text) => text === 'err\n');
    await untilContent(join(folder().logDir, 'web.log'), (text) => text === 'out\n');
    const fifos = join(folder().path, 'fifo');
    const removed = (): string[] => [...before].filter((name) => !readdirSync(fifos).includes(name));
    await untilTrue('two FIFOs to be removed', () => removed().length === 2, fifos);
  });

  test('a line without an end is written after a second, and other writers do not tear it apart', async () => {
    const { client } = await (await folder().start()).attach();
    const stdout = target(join(folder().logDir, 'shared.log'));
    client.send({ type: 'spawn', spec: spec('a', fixture('prints-partial-line'), folder().logDir, { stdout }) });
    await untilContent(stdout.path, (text) => text === 'begin');
    client.send({ type: 'spawn', spec: spec('b', fixture('exits-with', '0', 'whole'), folder().logDir, { stdout }) });
    await untilContent(stdout.path, (text) => text === 'begin\nwhole\n');
    client.send({ type: 'stop', incarnation: 'a#1', plan: PLAN });
    await client.fact('exited', 'a#1');
    await untilContent(stdout.path, (text) => text === 'begin\nwhole\n end\n');
  });

  test('a worker that stops in the middle of a long line keeps no other waiting', async () => {
    const { client } = await (await folder().start()).attach();
    const stdout = target(join(folder().logDir, 'shared.log'));
    const argv = ['sh', '-c', 'head -c 65537 /dev/zero | tr "\\0" x; exec sleep 1000'];
    client.send({ type: 'spawn', spec: spec('a', argv, folder().logDir, { stdout }) });
    // One byte more than is held back: all of it is passed on, and nothing is left to be given up later.
    await untilContent(stdout.path, (text) => text.length > 65_000);
    client.send({ type: 'spawn', spec: spec('b', fixture('exits-with', '0', 'whole'), folder().logDir, { stdout }) });
    await untilContent(stdout.path, (text) => text.endsWith('x\nwhole\n'));
  });

  test('a hundred rotations under eight writers lose and tear no line', async () => {
    const { client } = await (await folder().start()).attach();
    const stdout = target(join(folder().logDir, 'shared.log'), { maxSizeBytes: 8 * 1024, backups: 300 });
    const lines = 15_000;
    const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
    for (const name of names) {
      const argv = fixture('prints-lines.php', String(lines), name);
      client.send({ type: 'spawn', spec: spec(name, argv, folder().logDir, { stdout }) });
    }
    for (const name of names) await client.fact('exited', `${name}#1`);
    const folderOf = (): string[] => readdirSync(folder().logDir).filter((name) => name.startsWith('shared.log'));
    const read = (): string =>
      folderOf()
        .toSorted((a, b) => Number(b.split('.')[2] ?? 0) - Number(a.split('.')[2] ?? 0))
        .map((name) => readText(join(folder().logDir, name)))
        .join('');
    await untilContent(stdout.path, () => read().split('\n').length > lines * names.length);
    const found = read().split('\n').slice(0, -1);
    for (const name of names) {
      const own = found.filter((line) => line.startsWith(`${name} `));
      expect(own).toEqual(Array.from({ length: lines }, (_, index) => `${name} ${index + 1}`));
    }
    expect(found).toHaveLength(lines * names.length);
    expect(folderOf().length).toBeGreaterThan(100);
    for (const name of folderOf()) expect(statSync(join(folder().logDir, name)).size).toBeLessThanOrEqual(8 * 1024);
  });

  test.each(['reopenLogs', 'SIGUSR1'] as const)(
    '%s continues in a new file after an external rotation',
    async (how) => {
      const shim = await folder().start();
      const { client } = await shim.attach();
      const argv = ['sh', '-c', 'trap "echo second; exit 0" TERM; echo first; while :; do sleep 1 & wait $!; done'];
      client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir) });
      const path = join(folder().logDir, 'web.log');
      await untilContent(path, (text) => text === 'first\n');
      renameSync(path, `${path}.moved`);
      if (how === 'SIGUSR1') shim.child.kill('SIGUSR1');
      else client.send({ type: 'reopenLogs' });
      await untilContent(path, () => statSync(path, { throwIfNoEntry: false }) !== undefined);
      client.send({ type: 'stop', incarnation: 'web#1', plan: PLAN });
      await untilContent(path, (text) => text === 'second\n');
      expect(readFileSync(`${path}.moved`, 'utf8')).toBe('first\n');
      // Node's inspector listens for SIGUSR1; it must not have been opened by it.
      expect(folder().shimLog).not.toContain('Debugger listening');
    },
  );

  test('a full disk drops whole lines, says so in the log and to the controller, and blocks no worker', async () => {
    const disk = join(folder().path, 'disk');
    mkdirSync(disk);
    if (!mountTmpfs(disk, '256k')) {
      console.log('skipped: needs root and a tmpfs mount');
      return;
    }
    try {
      await fillDisk(disk);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('a disk that is full for a while costs no line that the buffer can hold', async () => {
    const disk = join(folder().path, 'disk');
    mkdirSync(disk);
    if (!mountTmpfs(disk, '1m')) {
      console.log('skipped: needs root and a tmpfs mount');
      return;
    }
    try {
      await fillForAWhile(disk);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });
});

/** Eight workers print while nothing can be written; then there is room again, and the file rotates as it should. */
async function fillForAWhile(disk: string): Promise<void> {
  const { client } = await (await folder().start()).attach();
  const path = join(disk, 'all.log');
  const ballast = join(disk, 'ballast');
  writeFileSync(path, '');
  try {
    for (;;) appendFileSync(ballast, Buffer.alloc(4096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
  const stdout = target(path, { maxSizeBytes: 16 * 1024, backups: 50, compress: true });
  const names = Array.from({ length: 8 }, (_, index) => `w${index}`);
  for (const name of names) {
    const argv = fixture('prints-lines.php', '2000', name);
    client.send({ type: 'spawn', spec: spec(name, argv, folder().logDir, { stdout }) });
  }
  for (const name of names) await client.fact('exited', `${name}#1`);
  expect(await client.fact('logTrouble')).toMatchObject({ droppedLines: 0 });
  rmSync(ballast);
  const files = (): string[] => readdirSync(disk).filter((name) => /^all\.log(\.\d+(\.gz)?)?$/.test(name));
  const text = (name: string): string => {
    const bytes = readFileSync(join(disk, name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  };
  const plain = (): string[] => files().filter((name) => !name.endsWith('.gz'));
  const wanted = names.flatMap((name) => Array.from({ length: 2000 }, (_, index) => `${name} ${index + 1}`));
  let found: string[] = [];
  const isAll = (): boolean => {
    if (files().length <= 5 || plain().length !== 1) return false;
    found = files().flatMap((name) => text(name).split('\n').slice(0, -1));
    return found.length >= wanted.length;
  };
  await untilTrue('all is written and compressed', isAll, disk);
  expect(found.toSorted()).toEqual(wanted.toSorted());
}

function mountTmpfs(path: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function fillDisk(disk: string): Promise<void> {
  const { client } = await (await folder().start()).attach();
  const path = join(disk, 'web.log');
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(128 * 1024));
  const argv = fixture('prints-lines.php', '300000', 'line');
  const changes: Partial<SpawnSpec> = { stdout: target(path) };
  client.send({ type: 'spawn', spec: spec('web', argv, folder().logDir, changes) });
  // It ends although nothing can be written: 3.5 MB do not fit into the disk, the buffer and the pipe together.
  await client.fact('exited');
  const trouble = await client.fact('logTrouble');
  expect(trouble.text).toContain('no space is left on the device');
  rmSync(ballast);
  writeFileSync(path, readFileSync(path).subarray(0, 0));
  client.send({ type: 'spawn', spec: spec('more', ['sh', '-c', 'echo more'], folder().logDir, changes) });
  execFileSync('mount', ['-o', 'remount,size=16m', disk]);
  const text = await untilContent(path, (content) => /\[ackwarden\] \d+ lines dropped here/.test(content));
  const dropped = Number(/\[ackwarden\] (\d+) lines dropped/.exec(text)?.[1]);
  // Of the first line the file was emptied in the middle; the last one may be under way.
  const inside = text.split('\n').slice(1, -1);
  const whole = inside.filter((line) => /^line \d+$/.test(line));
  const torn = inside.filter((line) => line !== '' && !/^(?:line \d+|more|\[ackwarden\] .*)$/.test(line));
  expect(torn).toEqual([]);
  expect(dropped).toBeGreaterThan(100_000);
  expect(whole.length).toBeGreaterThan(10_000);
  const told = await client.until('the sum of dropped lines', () => {
    const sum = client.facts.reduce((lines, fact) => lines + (fact.kind === 'logTrouble' ? fact.droppedLines : 0), 0);
    return sum >= dropped ? sum : undefined;
  });
  expect(told).toBeGreaterThanOrEqual(dropped);
}
