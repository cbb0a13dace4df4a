import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Site, isAlive, signalQuietly } from './site.ts';

const QUIET = { shop: { command: 'sleep 1000', directory: '/', start: { seconds: '100ms' } } };

let site: Site;
let holder: ChildProcess | null = null;
beforeEach(() => {
  site = new Site(QUIET);
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  holder = null;
  await site.dispose();
});

/** Somebody else holds the shim's lock: no shim can start. */
const holdShimLock = async (): Promise<void> => {
  mkdirSync(site.path('state'), { recursive: true, mode: 0o700 });
  // It execs, so that the pid we know is the one that holds the lock.
  const words = ['--no-fork', site.path('state', 'shim.lock'), 'sh', '-c', 'echo held; exec sleep 1000'];
  holder = spawn('flock', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (holder.stdout !== null) await once(holder.stdout, 'data');
};

test('a run that cannot start its shim says why, ends, and leaves no socket behind', async () => {
  await holdShimLock();
  const run = await site.run();
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/the shim did not start: .*another shim holds/i);
  expect(run.output()).not.toMatch(/^\s+at /m);
  expect(existsSync(site.path('state', 'control.sock'))).toBe(false);
});

const shimPid = async (): Promise<number> => {
  const { controller } = await site.client.status([]);
  // Never 0 in its place: kill(2) takes that for our own process group.
  if (controller.shimPid === null) throw new Error('no shim is attached');
  return controller.shimPid;
};

test('a shutdown ends also where the shim died and none can be started, and says what may be left', async () => {
  const run = await site.run();
  await site.untilRunning();
  const shim = await shimPid();
  const { workers } = await site.client.status([]);
  // The next shim is refused its lock for as long as this file is a directory's.
  await rename(site.path('state', 'shim.lock'), site.path('state', 'shim.lock.old'));
  mkdirSync(site.path('state', 'shim.lock'));
  process.kill(shim, 'SIGKILL');
  await site.untilEntry(({ reason }) => reason.rule === 'shim.unreachable', 'it is said that no shim can be started');
  run.process.kill('SIGTERM');
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/workers may be left running, because the shim did not start.*the next run stops them/);
  rmSync(site.path('state', 'shim.lock'), { recursive: true });
  await site.run();
  await site.untilRunning();
  for (const { pid } of workers) if (pid !== null) expect(isAlive(pid)).toBe(false);
});

test('SIGUSR2 twice leaves once', async () => {
  const run = await site.run();
  await site.untilRunning();
  run.process.kill('SIGUSR2');
  run.process.kill('SIGUSR2');
  signalQuietly(run.pid, 'SIGUSR2');
  expect(await run.exited).toBe(75);
  expect(run.output()).not.toMatch(/^\s+at /m);
  await site.run();
});

test('SIGUSR2 before the shim has answered is carried out once it has', async () => {
  const first = await site.run();
  await site.untilRunning();
  const { pid } = await site.worker('shop:0');
  const shim = await shimPid();
  first.process.kill('SIGKILL');
  await first.exited;
  process.kill(shim, 'SIGSTOP');
  const second = await site.run();
  second.process.kill('SIGUSR2');
  // It has the signal: this answer comes after it.
  expect((await site.client.status([])).controller.shimPid).toBeNull();
  process.kill(shim, 'SIGCONT');
  expect(await second.exited).toBe(75);
  expect(isAlive(pid ?? 0)).toBe(true);
  await site.run();
});

test('a controller whose terminal or log reader goes away goes on', async () => {
  const run = await site.run();
  await site.untilRunning();
  run.process.stdout?.destroy();
  run.process.stderr?.destroy();
  await site.cli('restart', 'all');
  await site.cli('stop', 'all');
  await site.cli('start', 'all');
  expect((await site.client.status([])).controller.pid).toBe(run.pid);
  run.process.kill('SIGTERM');
  expect(await run.exited).toBe(0);
});

test('a control socket that a cleaner removed comes back', async () => {
  const run = await site.run();
  await site.untilRunning();
  rmSync(site.path('state', 'control.sock'));
  await site.until(async () => (await site.client.status([])).controller.pid === run.pid, 'the socket is back', 20_000);
  expect(statSync(site.path('state', 'control.sock')).mode & 0o777).toBe(0o600);
});

test('files with wishes and secrets are private, whatever the umask', async () => {
  const before = process.umask(0);
  try {
    await site.run();
  } finally {
    process.umask(before);
  }
  await site.untilRunning();
  for (const name of ['core.json', 'accepted.json', 'control.sock', 'shim.sock', 'controller.lock'])
    expect([name, (statSync(site.path('state', name)).mode & 0o777).toString(8)]).toEqual([name, '600']);
  expect(statSync(site.path('state')).mode & 0o777).toBe(0o700);
});

test('a state directory that others can write is refused with the way out', async () => {
  mkdirSync(site.path('state'));
  chmodSync(site.path('state'), 0o777);
  const run = await site.run();
  expect(await run.exited).toBe(1);
  expect(run.output()).toMatch(/can be written by others.*chmod go-w/);
});
