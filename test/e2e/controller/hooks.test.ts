import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site, isAlive } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const start = { seconds: '0s', backoff: '100ms..200ms', retries: 1 };
const make = (hooks: Record<string, unknown>, more: Record<string, unknown> = {}): Site =>
  (site = new Site({ shop: { command: 'sleep 1000', start, hooks, ...more } }));

/** Writes down who it is. */
const noting = [
  'sh',
  '-c',
  'echo "$ACKWARDEN_HOOK $ACKWARDEN_WORKER $NAME $ACKWARDEN_EXIT_SIGNAL" >> said; echo heard',
];
const hookEntries = async (here: Site) => (await here.client.journal({})).filter(({ action }) => action === 'hook');

describe('hooks', () => {
  test('run once each, in order, as the worker would be, and the journal has what they said', async () => {
    const hooks = { beforeStart: noting, afterStart: noting, beforeStop: noting, afterStop: noting };
    const here = make(hooks, { environment: { NAME: 'x' } });
    await here.run();
    await here.untilEntry(({ reason }) => reason.evidence['hook'] === 'afterStart', 'afterStart ran');
    expect((await here.cli('stop', 'shop')).code).toBe(0);
    await here.untilEntry(({ reason }) => reason.evidence['hook'] === 'afterStop', 'afterStop ran');
    expect(
      readFileSync(here.path('said'), 'utf8')
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['beforeStart shop:0 x', 'afterStart shop:0 x', 'beforeStop shop:0 x', 'afterStop shop:0 x SIGTERM', '']);
    const texts = (await hookEntries(here)).map(({ reason }) => reason.text);
    expect(texts).toHaveLength(4);
    expect(texts[0]).toMatch(/^Ran beforeStart of shop:0 in [\d.]+ s: it exited with status 0: heard$/);
  });

  test('beforeStart that fails is a failed start', async () => {
    const here = make({ beforeStart: ['sh', '-c', 'echo no database; exit 4'] });
    await here.run();
    const fatal = await here.untilEntry(({ action }) => action === 'fatal', 'it is given up');
    expect(fatal.reason.text).toContain('hooks.beforeStart exited with status 4: no database');
    expect(here.log('shop-0.log')).toBe('');
  });

  test('beforeStart that fails is only said where that is wanted', async () => {
    const here = make({ beforeStart: 'false', onFailure: 'ignore' });
    await here.run();
    await here.untilRunning();
    expect((await hookEntries(here))[0]?.reason.text).toMatch(
      /^beforeStart of shop:0 failed after .*: it exited with status 1$/,
    );
  });

  test('none goes on beyond its deadline, and the stop then takes place', async () => {
    const here = make({ beforeStop: ['sh', '-c', 'echo $$ > pid; sleep 1000'], timeout: '2s' });
    await here.run();
    await here.untilRunning();
    expect((await here.cli('stop', 'shop')).code).toBe(0);
    const [entry] = await hookEntries(here);
    expect(entry?.reason.text).toMatch(
      /^beforeStop of shop:0 .*failed after [\d.]+ s.*: it was killed after 2 s \(its deadline\)$/,
    );
    expect(isAlive(Number(readFileSync(here.path('pid'), 'utf8')))).toBe(false);
  });

  test('--now waits for none', async () => {
    const here = make({ beforeStop: ['sh', '-c', 'touch asked; sleep 1000'], afterStop: ['sh', '-c', 'sleep 1'] });
    await here.run();
    await here.untilRunning();
    expect((await here.cli('stop', 'shop', '--now')).code).toBe(0);
    expect(existsSync(here.path('asked'))).toBe(false);
  });

  test('a stop ends a beforeStart that is under way', async () => {
    const here = make({ beforeStart: ['sh', '-c', 'echo $$ > pid; sleep 1000'] });
    await here.run();
    const pidOf = (): number => Number.parseInt(readFileSync(here.path('pid'), 'utf8'), 10);
    await here.until(() => isAlive(pidOf()), 'the hook runs');
    expect((await here.cli('stop', 'shop')).code).toBe(0);
    expect(await here.worker('shop:0')).toMatchObject({ state: 'STOPPED', pid: null });
    await here.until(() => !isAlive(pidOf()), 'the hook is gone');
  });

  test('run once, also when the controller is killed meanwhile', async () => {
    const here = make({ beforeStop: ['sh', '-c', 'echo x >> said; until test -e go; do sleep 0.05; done'] });
    const run = await here.run();
    await here.untilRunning();
    await here.cli('stop', 'shop', '--no-wait');
    await here.until(() => readFileSync(here.path('said'), 'utf8') === 'x\n', 'the hook runs');
    run.process.kill('SIGKILL');
    await run.exited;
    await here.run();
    writeFileSync(here.path('go'), '');
    await here.untilStatus(({ workers }) => workers[0]?.state === 'STOPPED', 'it is stopped');
    expect(readFileSync(here.path('said'), 'utf8')).toBe('x\n');
  });
});
