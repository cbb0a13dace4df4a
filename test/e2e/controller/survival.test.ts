import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site, isAlive, signalQuietly } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const COUNTER = ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo line $i; sleep 0.05; done'];
/** Only SIGKILL ends it. It is ready once it ignores SIGTERM. */
const STUBBORN = {
  command: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'],
  start: { seconds: 0 },
  ready: { log: 'ready' },
  recycle: { stopTimeout: '2s' },
};
const make = (programs: Record<string, unknown>): Site => (site = new Site(programs));

describe('survival', () => {
  test('kill -9 of the controller: workers and logs go on, the next run adopts them all and restarts none', async () => {
    const here = make({ shop: { command: COUNTER, workers: 3, start: { seconds: '200ms' } } });
    const first = await here.run();
    await here.untilRunning();
    const before = (await here.client.status([])).workers.map(({ pid }) => pid);
    const died = before[2] ?? 0;
    first.process.kill('SIGKILL');
    await first.exited;
    const { length } = here.log('shop-0.log').split('\n');
    await here.until(
      () => here.log('shop-0.log').split('\n').length > length + 5,
      'the log grows without a controller',
    );
    signalQuietly(died, 'SIGUSR1');
    await here.until(() => !isAlive(died), 'one worker died meanwhile');

    await here.run();
    await here.untilRunning();
    const after = (await here.client.status([])).workers.map(({ pid }) => pid);
    expect(after.slice(0, 2)).toEqual(before.slice(0, 2));
    expect(after[2]).not.toBe(died);
    const exit = (await here.client.journal({ name: 'shop:2' })).find(({ action }) => action === 'exit');
    expect(exit?.reason.text).toMatch(new RegExp(`^shop:2 \\(pid ${died}\\) was ended by SIGUSR1 after `));
    // The last line may be under way.
    const lines = here.log('shop-0.log').split('\n').slice(0, -1);
    const numbers = lines.map((line) => Number(line.slice(5)));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('kill -9 of the controller while the shim still spawns: what waits there is waited for, nothing is doubled', async () => {
    const here = make({ many: { command: 'sleep 1000', workers: 60, start: { seconds: '200ms' } } });
    const first = await here.run();
    await here.untilStatus(({ workers }) => workers.some(({ pid }) => pid !== null), 'the first is spawned');
    first.process.kill('SIGKILL');
    await first.exited;
    await here.run();
    await here.untilRunning();
    const { workers } = await here.client.status([]);
    expect(workers.map(({ incarnation }) => incarnation)).toEqual(workers.map(() => 1));
    expect((await here.client.journal({})).filter(({ reason }) => reason.rule === 'spawn.unexpected')).toEqual([]);
  });

  test('kill -9 of the shim: the controller starts a new one, orphans are stopped, nothing is doubled', async () => {
    const here = make({ shop: { command: 'sleep 1000', workers: 3, start: { seconds: '200ms' } } });
    await here.run();
    await here.untilRunning();
    const { controller, workers } = await here.client.status([]);
    const before = workers.map(({ pid }) => pid ?? 0);
    signalQuietly(controller.shimPid ?? 0, 'SIGKILL');
    await here.untilEntry(({ action }) => action === 'shimLost', 'the loss is journaled');
    await here.untilStatus(
      (status) =>
        status.controller.shimPid !== controller.shimPid &&
        status.workers.every(({ state, pid }) => state === 'RUNNING' && pid !== null && !before.includes(pid)),
      'all run anew',
    );
    expect(before.some(isAlive)).toBe(false);
    const orphans = await here.untilEntry(({ reason }) => reason.rule === 'orphansStopped', 'orphans are reported');
    expect(orphans.reason.evidence['count']).toBe(3);
  });

  test('SIGTERM of the shim: who ends first waits for the next shim and is not given up while others still end', async () => {
    const here = make({
      quick: { command: 'sleep 1000', start: { seconds: '200ms', retries: 0 } },
      stubborn: { ...STUBBORN, start: { seconds: 0, retries: 0 } },
    });
    await here.run();
    await here.untilRunning();
    const { controller } = await here.client.status([]);
    signalQuietly(controller.shimPid ?? 0, 'SIGTERM');
    await here.untilEntry(({ reason }) => reason.rule === 'shimLost', 'the shim has ended');
    await here.untilRunning();
    const entries = await here.client.journal({});
    expect(entries.filter(({ reason }) => reason.rule === 'exit.shimEnded')).toHaveLength(2);
    expect(entries.filter(({ action }) => action === 'backoff' || action === 'fatal')).toEqual([]);
  });

  test('both killed: the next run stops the orphans and starts anew', async () => {
    const here = make({ shop: { command: 'sleep 1000', workers: 2, start: { seconds: '200ms' } } });
    const first = await here.run();
    await here.untilRunning();
    const { controller, workers } = await here.client.status([]);
    const before = workers.map(({ pid }) => pid ?? 0);
    first.process.kill('SIGKILL');
    signalQuietly(controller.shimPid ?? 0, 'SIGKILL');
    await first.exited;
    await here.run();
    await here.untilRunning();
    expect(before.some(isAlive)).toBe(false);
    expect((await here.client.status([])).workers.every(({ pid }) => pid !== null && isAlive(pid))).toBe(true);
  });

  test('a stop that had begun is finished without a controller, and the next one knows', async () => {
    const here = make({ stubborn: STUBBORN });
    const first = await here.run();
    await here.untilRunning();
    const { pid } = await here.worker('stubborn:0');
    await here.client.command({ verb: 'stop', names: ['stubborn'], wait: false });
    await here.untilEntry(({ reason }) => reason.rule === 'command.stop', 'the stop has begun');
    first.process.kill('SIGKILL');
    await first.exited;
    await here.until(() => !isAlive(pid ?? 0), 'the shim has ended it');
    await here.run();
    await here.untilStatus(({ workers }) => workers[0]?.state === 'STOPPED', 'it is known to be stopped');
  });

  test('SIGUSR2 leaves the workers alone and exits 75; a stale socket is replaced', async () => {
    const here = make({ shop: { command: 'sleep 1000', start: { seconds: '200ms' } } });
    const first = await here.run();
    await here.untilRunning();
    const { pid } = await here.worker('shop:0');
    first.process.kill('SIGUSR2');
    expect(await first.exited).toBe(75);
    writeFileSync(here.path('state', 'control.sock'), '');
    await here.run();
    await here.untilRunning();
    expect((await here.worker('shop:0')).pid).toBe(pid);
  });

  test('a broken workers.yaml does not cost a restarting controller its workers', async () => {
    const here = make({ shop: { command: 'sleep 1000', start: { seconds: '200ms' } } });
    const first = await here.run();
    await here.untilRunning();
    const { pid } = await here.worker('shop:0');
    first.process.kill('SIGKILL');
    await first.exited;
    const good = readFileSync(here.file, 'utf8');
    writeFileSync(here.file, good.replace('"command"', '"comand"'));
    const second = await here.run();
    await here.untilPrinted(second, 'unknown key');
    await here.untilRunning();
    expect((await here.worker('shop:0')).pid).toBe(pid);
    expect((await here.client.status([])).warnings.join()).toMatch(
      /invalid .* the configuration accepted at .* stays in force/,
    );
    second.process.kill('SIGTERM');
    await second.exited;
    const third = await here.run();
    expect(await third.exited).toBe(2);
  });

  test('a ceiling changed between two controllers holds for the workers that live', async () => {
    const grower = ['php', '-r', '$x = str_repeat("x", 40 << 20); while (true) sleep(1);'];
    const program = { command: grower, start: { seconds: '200ms' } };
    const here = make({ shop: { ...program, memory: { hard: '512MiB' } } });
    const first = await here.run();
    await here.untilRunning();
    await here.until(async () => ((await here.worker('shop:0')).rssBytes ?? 0) > 40_000_000, 'it holds its memory');
    expect((await here.cli('upgrade')).code).toBe(0);
    expect(await first.exited).toBe(75);
    here.configure({ shop: { ...program, memory: { hard: '32MiB', kill: '400MiB' } } });
    await here.run();
    await here.untilEntry(({ reason }) => reason.rule === 'memory.hard', 'the new ceiling acts');
  });
});
