/** A shim older than the build is emptied by recycles while its workers work: two real bundles, one after the other. */
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildNext, untilMoved, upgradeTo } from './next-version.ts';
import type { Status } from '../../../src/api/types.ts';
import type { NextVersion } from './next-version.ts';
import { Site, signalQuietly } from './site.ts';

let next: NextVersion;
beforeAll(() => {
  next = buildNext();
});
afterAll(() => next.remove());

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const COUNTER = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $$ $i; sleep 0.01; done'];
const PROGRAM = { start: { seconds: '200ms' }, recycle: { overlap: true, maxConcurrent: 2, stopTimeout: '5s' } };

/** Of each process its lines are 1, 2, 3 … without a gap, in whatever files they lie. */
const expectNoLineLost = (here: Site, program: string): void => {
  const texts = readdirSync(here.path('log'))
    .filter((name) => name.startsWith(program))
    .map((name) => here.log(name));
  const byProcess = new Map<string, number[]>();
  for (const line of texts.join('').trimEnd().split('\n')) {
    const [pid = '', count = ''] = line.split(' ');
    byProcess.set(pid, [...(byProcess.get(pid) ?? []), Number(count)]);
  }
  expect(byProcess.size).toBeGreaterThan(3);
  for (const counts of byProcess.values())
    expect(counts.toSorted((a, b) => a - b)).toEqual(counts.map((_, at) => at + 1));
};

test('workers move, make before break, and no line of a log that both shims write and rotate is lost', async () => {
  const stdout = { path: 'shop.log', maxSize: '4KiB', backups: 900 };
  const here = (site = new Site({ shop: { ...PROGRAM, command: COUNTER, workers: 4, stdout } }));
  const first = await here.run();
  await here.untilRunning();
  const before = await here.client.status([]);
  await upgradeTo(next, here, first);
  const said = await here.untilEntry(({ reason }) => reason.rule === 'attach.outdated', 'the older shim is named');
  expect(said.reason.text).toMatch(
    new RegExp(
      `^The shim \\(pid ${before.controller.shimPid}, version .*\\) is not of this build \\(version 99\\.0\\.0\\): its 4 workers move`,
    ),
  );
  await untilMoved(here, before.controller.shimPid ?? 0);
  const entries = await here.client.journal({});
  const moves = entries.filter(({ reason }) => reason.rule === 'shim.outdated');
  const moved = moves.map(({ worker }) => worker ?? '');
  expect(moved.toSorted((a, b) => a.localeCompare(b))).toEqual(['shop:0', 'shop:1', 'shop:2', 'shop:3']);
  expect(entries.filter(({ reason }) => reason.rule === 'shim.left')).toHaveLength(1);
  expect(existsSync(here.path('state', 'shim.sock'))).toBe(false);
  await here.cli('shutdown');
  expectNoLineLost(here, 'shop');
});

test('the same build, upgraded again, moves nobody', async () => {
  const here = (site = new Site({ shop: { ...PROGRAM, command: 'sleep 1000' } }));
  const first = await here.run();
  await here.untilRunning();
  const { controller, workers } = await here.client.status([]);
  expect((await here.cli('upgrade')).code).toBe(0);
  await first.exited;
  await here.run();
  await here.untilRunning();
  const after = await here.client.status([]);
  expect(after.controller.shimPid).toBe(controller.shimPid);
  expect(after.workers[0]?.pid).toBe(workers[0]?.pid);
  expect(after.warnings).toEqual([]);
});

const WORKS_ON = ['sh', '-c', 'trap "sleep 2; exit 0" TERM; echo ready; while :; do sleep 0.1; done'];
const SLOW = { ...PROGRAM, command: WORKS_ON, workers: 3, start: { seconds: 0 }, ready: { log: 'ready' } };
const slow = (): Site => (site = new Site({ shop: SLOW }));
const moves = ({ workers, warnings }: Status): boolean =>
  workers.some(({ leaving }) => leaving.length > 0) && warnings.some((text) => OLDER.test(text));
const OLDER = /an older shim \(pid \d+, version .*\) lives on with \d/;

test('kill -9 of the controller in the middle: the next one goes on, and nobody is doubled', async () => {
  const here = slow();
  const first = await here.run();
  await here.untilRunning();
  const old = (await here.client.status([])).controller.shimPid ?? 0;
  const second = await upgradeTo(next, here, first);
  await here.untilStatus(moves, 'the move is under way, and status says so');
  second.process.kill('SIGKILL');
  await second.exited;
  await here.run();
  await untilMoved(here, old);
  const entries = await here.client.journal({});
  expect(
    entries.filter(({ reason }) => reason.rule.startsWith('adopt.') || reason.rule === 'spawn.unexpected'),
  ).toEqual([]);
  expect(entries.filter(({ action }) => action === 'shimLost')).toEqual([]);
});

test.each(['older', 'newer'] as const)(
  'kill -9 of the %s shim in the middle: the other one and its workers go on',
  async (which) => {
    const here = slow();
    const first = await here.run();
    await here.untilRunning();
    const old = (await here.client.status([])).controller.shimPid ?? 0;
    await upgradeTo(next, here, first);
    let newer = 0;
    await here.untilStatus((status) => {
      newer = status.controller.shimPid ?? 0;
      return moves(status);
    }, 'the move is under way');
    signalQuietly(which === 'older' ? old : newer, 'SIGKILL');
    const lost = await here.untilEntry(({ action }) => action === 'shimLost', 'the loss is journaled');
    expect(lost.reason.evidence['incarnations']).toBeGreaterThan(0);
    expect(lost.reason.evidence['incarnations']).toBeLessThan(6);
    await untilMoved(here, old);
    expect((await here.client.journal({})).filter(({ reason }) => reason.rule === 'spawn.unexpected')).toEqual([]);
  },
);
