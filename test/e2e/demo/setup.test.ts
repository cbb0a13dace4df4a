/** policy-rc.d during the set-up: it forbids starts while packages are installed and is put back whatever happens. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';

const RUN = join(import.meta.dirname, '../../fixtures/setup/policy-run.mjs');
const THEIRS = '#!/bin/sh\nexit 104\n';
let folder: string;
let policy: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ackwarden setup '));
  policy = join(folder, 'policy-rc.d');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (way: string): string => spawnSync('node', [RUN, policy, way], { encoding: 'utf8' }).stdout;

it.each(['ok', 'fail'])('none stood there: it is gone afterwards (%s)', (way) => {
  expect(run(way)).toContain('exit 101');
  expect(readdirSync(folder)).toEqual([]);
});

it.each(['ok', 'fail'])('one stood there: the very same file is back (%s)', (way) => {
  writeFileSync(policy, THEIRS);
  chmodSync(policy, 0o751);
  const before = lstatSync(policy);
  expect(run(way)).toContain('exit 101');
  const { ino, mode, mtimeMs } = lstatSync(policy);
  expect({ ino, mode, mtimeMs }).toEqual({ ino: before.ino, mode: before.mode, mtimeMs: before.mtimeMs });
  expect(readdirSync(folder)).toEqual(['policy-rc.d']);
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s to the whole group: restored before the end', async (signal) => {
  writeFileSync(policy, THEIRS);
  const child = spawn('node', [RUN, policy, 'hold'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  await once(createInterface(child.stdout), 'line');
  process.kill(-(child.pid ?? 0), signal);
  await exited;
  expect(readFileSync(policy, 'utf8')).toBe(THEIRS);
  expect(readdirSync(folder)).toEqual(['policy-rc.d']);
});

it('a run that was killed is put right by the next; a living one is waited for, to a deadline', async () => {
  writeFileSync(policy, THEIRS);
  const child = spawn('node', [RUN, policy, 'hold'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(child, 'exit');
  await once(createInterface(child.stdout), 'line');
  const second = spawnSync('node', [RUN, policy, 'ok'], { encoding: 'utf8' });
  expect(second.status).not.toBe(0);
  expect(second.stderr).toContain(`process ${child.pid}`);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await exited;
  expect(existsSync(`${policy}.ackwarden-aside`)).toBe(true);
  expect(run('ok')).toContain('exit 101');
  expect(readFileSync(policy, 'utf8')).toBe(THEIRS);
});
