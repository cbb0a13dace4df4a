import { afterEach, describe, expect, test } from 'vitest';
import { Site, isAlive, signalQuietly } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const make = (programs: Record<string, unknown>, extra: Record<string, unknown> = {}): Site =>
  (site = new Site(programs, extra));
const SLEEPER = { command: 'sleep 1000', start: { seconds: '200ms' } };

describe('life cycle', () => {
  test('starts every worker, reports it, and leaves no process after SIGTERM', async () => {
    const here = make({ shop: { ...SLEEPER, workers: 3 } });
    const run = await here.run();
    await here.untilRunning();
    const status = await here.client.status([]);
    expect(status.workers.map(({ name }) => name)).toEqual(['shop:0', 'shop:1', 'shop:2']);
    const pids = status.workers.map(({ pid }) => pid ?? 0);
    expect(pids.every(isAlive)).toBe(true);
    await here.until(async () => (await here.worker('shop:0')).rssBytes !== null, 'a sample has come');

    run.process.kill('SIGTERM');
    expect(await run.exited).toBe(0);
    expect(pids.some(isAlive)).toBe(false);
    expect(isAlive(status.controller.shimPid ?? 0)).toBe(false);
  });

  test('a worker that was killed is started again, with the reason in the journal', async () => {
    const here = make({ shop: SLEEPER });
    await here.run();
    await here.untilRunning();
    const { pid } = await here.worker('shop:0');
    signalQuietly(pid ?? 0, 'SIGKILL');
    const entry = await here.untilEntry(({ action }) => action === 'exit', 'the exit is journaled');
    expect(entry.reason.text).toMatch(/^shop:0 \(pid \d+\) was ended by SIGKILL after .* s, unexpectedly$/);
    await here.untilStatus(
      ({ workers }) => workers[0]?.state === 'RUNNING' && workers[0].pid !== pid,
      'a new process runs',
    );
    expect((await here.worker('shop:0')).restarts).toBe(1);
  });

  test('a worker that never stays up ends in FATAL after its retries, and stop and start bring it back', async () => {
    const here = make({
      broken: { command: ['sh', '-c', 'echo no database; exit 3'], start: { retries: 2, backoff: '100ms..200ms' } },
    });
    await here.run();
    const fatal = await here.untilEntry(({ action }) => action === 'fatal', 'it is given up');
    expect(fatal.reason.text).toContain('Gave up on broken:0 after 3 failed starts, the last one exited with status 3');
    expect((await here.worker('broken:0')).state).toBe('FATAL');
    await here.until(() => here.log('broken-0.log') === 'no database\n'.repeat(3), 'its output is written');

    const started = await here.cli('start', 'broken', '--no-wait');
    expect(started.code).toBe(0);
    const stopped = await here.cli('stop', 'broken');
    expect(stopped).toMatchObject({ code: 0 });
    expect((await here.worker('broken:0')).state).toBe('STOPPED');
  });

  test('stop, start, restart, recycle and signal end when their work is done', async () => {
    const here = make({ shop: { ...SLEEPER, workers: 2, start: { seconds: '100ms' } } });
    await here.run();
    await here.untilRunning();
    const before = await here.worker('shop:1');

    expect((await here.cli('stop', 'shop:0')).stdout).toContain('shop:0: stopped');
    expect(await here.worker('shop:0')).toMatchObject({ state: 'STOPPED', pid: null });
    expect((await here.cli('status')).code).toBe(3);
    expect((await here.cli('start', 'shop:0')).code).toBe(0);
    expect((await here.cli('restart', 'shop:1')).code).toBe(0);
    const restarted = await here.worker('shop:1');
    expect(restarted).toMatchObject({ state: 'RUNNING' });
    expect(restarted.pid).not.toBe(before.pid);

    const recycled = await here.cli('recycle', 'shop:*', '--reason', 'a deploy');
    expect(recycled.code).toBe(0);
    expect((await here.worker('shop:1')).pid).not.toBe(restarted.pid);
    const entries = await here.client.journal({ name: 'shop:1' });
    const last = entries.findLast(({ action }) => action === 'recycle');
    expect(last?.reason.text).toMatch(/^Recycled shop:1 \(pid \d+\): a deploy$/);

    expect((await here.cli('signal', 'TERM', 'shop:0')).stdout).toContain('shop:0: SIGTERM sent');
    expect((await here.cli('status', 'nobody')).code).not.toBe(0);
    expect((await here.cli('shutdown')).code).toBe(0);
    expect((await here.cli('status')).code).toBe(4);
  });

  test('a stopped worker leaves no descendant behind, and workers that take long stop together', async () => {
    // Each ends once all four have been told to.
    const told = 'touch "told-$ACKWARDEN_WORKER"; until [ "$(ls told-* | wc -l)" = 4 ]; do sleep 0.05; done; exit 0';
    const slow = ['sh', '-c', `sleep 1000 & echo $!; trap '${told}' TERM; echo ready; while :; do sleep 0.1; done`];
    const recycle = { stopTimeout: '90s' };
    const here = make({ slow: { command: slow, workers: 4, recycle, ready: { log: 'ready' } } });
    const run = await here.run();
    await here.untilRunning();
    const children = [0, 1, 2, 3].map((index) => Number.parseInt(here.log(`slow-${index}.log`), 10));
    expect(children.every(isAlive)).toBe(true);
    run.process.kill('SIGTERM');
    expect(await run.exited).toBe(0);
    expect(children.some(isAlive)).toBe(false);
    expect(here.log('journal.jsonl')).not.toContain('"killed":true');
  });

  test('a missing command, user or directory is that worker’s trouble alone', async () => {
    const here = make({
      fine: SLEEPER,
      noCommand: { command: '/no/such/program', start: { retries: 0 } },
      noDirectory: { ...SLEEPER, directory: '/no/such/directory', start: { retries: 0 } },
      noUser: { ...SLEEPER, user: 'nosuchuser', start: { retries: 0 } },
    });
    await here.run();
    await here.untilStatus(
      ({ workers }) => workers.filter(({ state }) => state === 'FATAL').length === 3,
      'three are FATAL',
    );
    await here.untilRunning('fine:0');
    const texts = (await here.client.journal({}))
      .filter(({ action }) => action === 'fatal')
      .map(({ reason }) => reason.text);
    expect(texts.find((text) => text.includes('noCommand'))).toContain('/no/such/program');
    expect(texts.find((text) => text.includes('noDirectory'))).toContain('/no/such/directory');
    expect(texts.find((text) => text.includes('noUser'))).toContain('nosuchuser');
  });

  test('a second run on the same state directory refuses with a sentence', async () => {
    const here = make({ shop: SLEEPER });
    await here.run();
    await here.untilRunning();
    const second = await here.run();
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/another controller runs on .*state/);
    await here.untilRunning();
  });
});
