import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readStat } from '../../../src/linux/process-identity.ts';
import { SLEEPING } from '../../../src/linux/proc-stat.ts';
import { TrackedWorker } from '../../../src/shim/tracked-worker.ts';

const NO_CEILINGS = { softBytes: null, hardBytes: null, killBytes: null, metric: 'rss' as const };
const PROPORTIONAL = { pssBytes: 4096, pssAnonBytes: 4096, swapPssBytes: 0 };
const children: ChildProcess[] = [];

const start = (command: string, args: string[]): { pid: number; child: ChildProcess } => {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  children.push(child);
  return { pid: child.pid ?? 0, child };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(setImmediate);
};

const isAsleep = (pid: number): boolean => readStat(pid)?.state === SLEEPING;
const childrenOf = (pid: number): string => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
const trackedOf = (pid: number): TrackedWorker =>
  new TrackedWorker(1, { pid, startTime: readStat(pid)?.startTime ?? 0 }, NO_CEILINGS);
const readAll = (worker: TrackedWorker): void => {
  expect(worker.readAll(true)).not.toBe('gone');
  worker.note(0, 250);
};
/** Read, seen to stand still, and known: from the next reading on it is unmoved as long as it sleeps. */
const readUntilKnown = (worker: TrackedWorker): void => {
  for (let reading = 0; reading < 3; reading += 1) readAll(worker);
};
const ticks = ({ main: { stat } }: TrackedWorker): number => stat.userTicks + stat.systemTicks;

let shell: { pid: number; child: ChildProcess };

beforeEach(async () => {
  shell = start('sh', ['-c', 'while read -r line; do eval "$line"; done']);
  await until(() => isAsleep(shell.pid));
});

afterEach(() => {
  for (const { pid } of children.splice(0)) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
});

test('what a worker did since it last slept is seen at the next full reading', async () => {
  const worker = trackedOf(shell.pid);
  readAll(worker);
  readAll(worker);
  expect(worker.descendants.size).toBe(0);
  const before = ticks(worker);

  shell.child.stdin?.write('i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; sleep 60 &\n');
  await until(() => childrenOf(shell.pid) !== '' && isAsleep(shell.pid));
  readAll(worker);

  expect(worker.descendants.size).toBe(1);
  expect(ticks(worker)).toBeGreaterThan(before);
  worker.close();
});

test('a worker that sleeps is asked for the rest seldom, but it is asked', async () => {
  const worker = trackedOf(shell.pid);
  readUntilKnown(worker);
  const before = worker.oomScore;
  // Somebody else changes it: the worker itself does not run for that.
  writeFileSync(`/proc/${shell.pid}/oom_score_adj`, '700');

  readAll(worker);
  expect(worker.oomScore).toBe(before);
  for (let reading = 0; reading < 10; reading += 1) readAll(worker);
  expect(worker.oomScore).toBeGreaterThan(before ?? 0);
  expect(worker.oomScoreAdj).toBe(700);
  worker.close();
});

test('a worker that sleeps is unmoved until it runs', async () => {
  const worker = trackedOf(shell.pid);
  readUntilKnown(worker);
  // statm and status may differ in what they call shared.
  worker.glance();
  worker.readAll(true);
  expect([worker.readAll(true), worker.glance(), worker.readAll(true)]).toEqual(['unmoved', 'unmoved', 'unmoved']);

  shell.child.stdin?.write('i=0\n');
  await until(() => worker.readAll(true) === 'read');
  await until(() => worker.readAll(true) === 'unmoved');

  shell.child.stdin?.write('i=1\n');
  await until(() => worker.readAll(false) === 'read' && isAsleep(shell.pid));
  // Half of it is not read without a controller, so it does not count as known.
  expect([worker.readAll(false), worker.readAll(false)]).toEqual(['read', 'read']);
  worker.close();
});

test.each<[string, (worker: TrackedWorker) => unknown]>([
  ['its resident memory is another (the kernel took pages)', (worker) => (worker.main.rssBytes += 4096)],
  ['its ceilings are others', (worker) => worker.setCeilings({ ...NO_CEILINGS, hardBytes: 1000 })],
  ['its share of what others map as well has changed', (worker) => worker.notePss({ ...PROPORTIONAL, pssBytes: 1 }, 0)],
])('a worker that sleeps is judged anew where %s', (_, change) => {
  const worker = trackedOf(shell.pid);
  readUntilKnown(worker);
  worker.glance();
  worker.readAll(true);
  expect([worker.glance(), worker.readAll(true)]).toEqual(['unmoved', 'unmoved']);
  change(worker);
  expect([worker.glance(), worker.readAll(true)]).toEqual(['read', 'read']);
  worker.close();
});

test('PSS of a worker that sleeps is read every five minutes, of one that a ceiling judges by it always', () => {
  const worker = trackedOf(shell.pid);
  expect(worker.isPssDue(0)).toBe(true);
  readUntilKnown(worker);
  worker.notePss(PROPORTIONAL, 0);
  readUntilKnown(worker);
  expect([worker.isPssDue(299_999), worker.isPssDue(300_000)]).toEqual([false, true]);
  worker.setCeilings({ ...NO_CEILINGS, metric: 'pss' });
  expect(worker.isPssDue(1)).toBe(true);
  worker.close();
});

test('growth after a standstill began where it ended', () => {
  const worker = trackedOf(shell.pid);
  const noteAt = (seconds: number, mebibytes: number): void => {
    worker.main.rssBytes = mebibytes * 1024 * 1024;
    worker.note(seconds * 1000, 250);
  };
  noteAt(0, 50);
  for (let second = 1; second <= 100; second += 1) worker.holdsAt(second * 1000);
  noteAt(101, 75);
  noteAt(102, 100);
  expect(worker.ring.growth()).toEqual({ seconds: 2, bytesPerSecond: 25 * 1024 * 1024 });
  worker.close();
});

test('nor is a worker taken to sleep whose other threads work', async () => {
  const busy = 'new (require("worker_threads").Worker)("for (;;);", { eval: true })';
  const { pid } = start(process.execPath, ['-e', busy]);
  const worker = trackedOf(pid);
  await until(() => isAsleep(pid) && (readStat(pid)?.userTicks ?? 0) > 0);
  readAll(worker);
  readAll(worker);
  const before = ticks(worker);

  await until(() => (readStat(pid)?.userTicks ?? 0) > worker.main.stat.userTicks + 2);
  readAll(worker);
  expect(ticks(worker)).toBeGreaterThan(before);
  worker.close();
});

test('CPU time of children counts while they live and once they were waited for', async () => {
  const worker = trackedOf(shell.pid);
  readAll(worker);
  const before = worker.sample();
  const ofChildren = (): number => {
    readAll(worker);
    const { treeUserTicks, userTicks } = worker.sample();
    return (treeUserTicks ?? 0) - (before.treeUserTicks ?? 0) - ((userTicks ?? 0) - (before.userTicks ?? 0));
  };
  shell.child.stdin?.write("sh -c 'while true; do :; done' & child=$!\n");
  await until(() => ofChildren() > 5);
  expect(worker.descendants.size).toBe(1);
  shell.child.stdin?.write('kill $child; wait $child; sleep 60 &\n');
  await until(() => worker.main.readStat() && worker.main.stat.childUserTicks > 5);
  expect(ofChildren()).toBeGreaterThan(5);
  worker.close();
});

test('a tree over its soft ceiling counts as such only once PSS has confirmed it', async () => {
  const worker = trackedOf(shell.pid);
  readAll(worker);
  expect(worker.sample().treeJudgedBytes).toBeNull();
  shell.child.stdin?.write('sleep 60 &\n');
  await until(() => childrenOf(shell.pid) !== '' && isAsleep(shell.pid));
  readAll(worker);
  const bound = worker.sample().treeJudgedBytes ?? 0;
  expect(bound).toBeGreaterThan(worker.main.rssBytes);
  worker.ceilings = { ...NO_CEILINGS, softBytes: 1000 };
  expect({ doubtful: worker.isDoubtful(0), judged: worker.sample().treeJudgedBytes }).toEqual({
    doubtful: true,
    judged: null,
  });
  worker.noteTreePss({ pssBytes: 900, pssAnonBytes: 500, swapPssBytes: 50 }, 0);
  expect([worker.isDoubtful(4_999), worker.isDoubtful(5_000)]).toEqual([false, true]);
  expect(worker.sample().treeJudgedBytes).toBe(950);
  worker.noteTreePss(null, 0);
  expect(worker.sample().treeJudgedBytes).toBeGreaterThan(950);
  expect(worker.sample().treeJudgedBytes).toBeLessThanOrEqual(bound);
  worker.close();
});
