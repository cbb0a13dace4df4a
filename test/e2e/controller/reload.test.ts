/** A changed workers.yaml under a running fleet, by the pids of its processes: who is touched, and who is not. */
import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site, isAlive } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const make = (programs: Record<string, unknown>, extra: Record<string, unknown> = {}): Site =>
  (site = new Site(programs, extra));
const SLEEPER = { command: 'sleep 1000', directory: '/', start: { seconds: '100ms' }, recycle: { stopTimeout: '5s' } };

const up = async (programs: Record<string, unknown>, extra: Record<string, unknown> = {}): Promise<Site> => {
  const here = make(programs, extra);
  await here.run();
  await here.untilRunning();
  return here;
};

/** The pid of each worker's process. */
const pidsOf = async (here: Site): Promise<Record<string, number | null>> =>
  Object.fromEntries((await here.client.status([])).workers.map(({ name, pid }) => [name, pid]));

/** What a reload has begun is done: its journal entry has its outcome. */
const settled = (here: Site): Promise<unknown> =>
  here.until(async () => {
    const reloads = (await here.client.journal({})).filter(({ reason }) => reason.rule === 'reload');
    return reloads.length > 0 && reloads.every(({ outcome }) => outcome !== null);
  }, 'the reload is done');

const reload = async (here: Site, ...flags: string[]): ReturnType<Site['cli']> => here.cli('reload', ...flags);

describe('how many workers', () => {
  test('4 → 6 starts two and touches nobody, 6 → 4 stops the two highest', async () => {
    const here = await up({ shop: { ...SLEEPER, workers: 4 } });
    const before = await pidsOf(here);
    here.configure({ shop: { ...SLEEPER, workers: 6 } });
    expect((await reload(here)).stdout).toContain('shop: shop:4, shop:5 start.');
    await here.untilRunning();
    const more = await pidsOf(here);
    expect(more).toMatchObject(before);
    expect(Object.keys(more)).toHaveLength(6);

    here.configure({ shop: { ...SLEEPER, workers: 4 } });
    expect((await reload(here)).stdout).toContain('shop: shop:4, shop:5 are drained and stopped.');
    await here.until(async () => Object.keys(await pidsOf(here)).length === 4, 'two are gone');
    expect([more['shop:4'], more['shop:5']].map((pid) => isAlive(pid ?? 0))).toEqual([false, false]);
    expect(await pidsOf(here)).toEqual(before);
  });

  test('a program comes and another goes, and the third is not touched', async () => {
    const here = await up({ shop: SLEEPER, mail: SLEEPER });
    const before = await pidsOf(here);
    here.configure({ shop: SLEEPER, news: { ...SLEEPER, workers: 2 } });
    const { code, stdout } = await reload(here, '--json');
    expect(code).toBe(0);
    const { programs } = (JSON.parse(stdout) as { plan: { programs: { name: string; change: string }[] } }).plan;
    expect(programs.map(({ name, change }) => `${name} ${change}`)).toEqual([
      'shop unchanged',
      'news added',
      'mail removed',
    ]);
    await here.untilRunning();
    const after = await pidsOf(here);
    expect(Object.keys(after)).toEqual(['shop:0', 'news:0', 'news:1']);
    expect(after['shop:0']).toBe(before['shop:0']);
    await here.until(() => !isAlive(before['mail:0'] ?? 0), 'the removed one is gone');
    expect((await here.cli('status', 'mail')).code).toBe(2);
  });
});

describe('a change that needs new processes', () => {
  test('rolls through the program, one after the other, and each is made of the new configuration', async () => {
    const here = await up({ shop: { ...SLEEPER, workers: 3 }, mail: SLEEPER });
    const before = await pidsOf(here);
    here.configure({ shop: { ...SLEEPER, workers: 3, command: 'sleep 2000' }, mail: SLEEPER });
    expect((await reload(here)).stdout).toContain('shop: command: 3 workers are replaced one after the other.');
    await settled(here);
    const after = await pidsOf(here);
    expect(after['mail:0']).toBe(before['mail:0']);
    for (const name of ['shop:0', 'shop:1', 'shop:2']) expect(after[name]).not.toBe(before[name]);
    expect((await here.client.status(['shop'])).workers.map(({ command }) => command)).toEqual(
      Array(3).fill('sleep 2000'),
    );
    const recycles = (await here.client.journal({})).filter(({ action }) => action === 'recycle');
    expect(recycles[0]?.reason.text).toMatch(
      /^Recycled shop:0 \(pid \d+\): its program changed in workers.yaml: command \(workers.yaml:\d+\)$/,
    );
    // maxConcurrent is 1: each began after the one before it had ended.
    const spans = recycles.map(({ time, outcome }) => [Date.parse(time), Date.parse(outcome?.time ?? '')]);
    for (const [index, [began = 0]] of spans.entries())
      expect(began).toBeGreaterThanOrEqual(spans[index - 1]?.[1] ?? 0);
  });

  test('goes on with the next controller where it was interrupted', async () => {
    const slow = { ...SLEEPER, workers: 3, start: { seconds: '1s' } };
    const here = make({ shop: slow });
    const run = await here.run();
    await here.untilRunning();
    const before = await pidsOf(here);
    here.configure({ shop: { ...slow, environment: { A: 'b' } } });
    await reload(here);
    const first = await here.untilEntry(({ action }) => action === 'recycle', 'the roll begins');
    expect(first.worker).toBe('shop:0');
    run.process.kill('SIGKILL');
    await run.exited;
    await here.run();
    await here.until(async () => {
      const after = await pidsOf(here);
      return Object.entries(before).every(([name, old]) => after[name] !== null && after[name] !== old);
    }, 'all are replaced');
  });

  test('that does not start leaves the old processes at work, and the corrected file is taken up at once', async () => {
    const here = await up({ shop: { ...SLEEPER, workers: 2 } });
    const before = await pidsOf(here);
    here.configure({ shop: { ...SLEEPER, workers: 2, command: '/nowhere/php worker' } });
    expect((await reload(here)).code).toBe(0);
    const held = await here.untilEntry(({ reason }) => reason.rule === 'config.fails', 'the roll is held');
    expect(held.reason.text).toContain('does not come up in shop:0, which goes on as it was');
    expect(await pidsOf(here)).toEqual(before);
    here.configure({ shop: { ...SLEEPER, workers: 2 } });
    await reload(here);
    await settled(here);
    expect(await pidsOf(here)).toEqual(before);
  });

  test('starts a worker again that had been given up', async () => {
    const broken = { command: ['sh', '-c', 'exit 3'], start: { retries: 0, backoff: '100ms..200ms' } };
    const here = make({ shop: broken });
    await here.run();
    await here.untilEntry(({ action }) => action === 'fatal', 'it is given up');
    here.configure({ shop: SLEEPER });
    await reload(here);
    await here.untilRunning();
    const started = await here.untilEntry(({ reason }) => reason.rule === 'start.changed', 'it is said');
    expect(started.reason.text).toBe('Started shop:0: its program changed in workers.yaml');
  });
});

describe('what changes nothing', () => {
  test('an invalid file, with located problems and exit 2', async () => {
    const here = await up({ shop: SLEEPER });
    const before = await pidsOf(here);
    here.configure({ shop: { ...SLEEPER, workers: -1, comand: 'x' } });
    const { code, stdout } = await reload(here, '--json');
    expect(code).toBe(2);
    const reply = JSON.parse(stdout) as { ok: boolean; plan: unknown; problems: { path: string; line: number }[] };
    expect(reply).toMatchObject({ ok: false, plan: null });
    expect(reply.problems.map(({ path }) => path)).toEqual(['programs.shop.workers', 'programs.shop.comand']);
    expect((await reload(here)).stderr).toContain('2 problems; nothing was changed.');
    expect(await pidsOf(here)).toEqual(before);
  });

  test('a dry run', async () => {
    const here = await up({ shop: SLEEPER });
    const before = await pidsOf(here);
    here.configure({ shop: { ...SLEEPER, workers: 3, nice: 3 } });
    const { code, stdout } = await reload(here, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/would do this; nothing was\s+changed/);
    expect(stdout).toMatch(/programs\.shop\.nice \(line \d+\): 0 → 3, new processes/);
    expect((await here.client.status([])).workers).toHaveLength(1);
    expect(await pidsOf(here)).toEqual(before);
    expect((await here.client.journal({})).some(({ action }) => action === 'reload')).toBe(false);
  });
});

test('SIGHUP reloads, also the content of an envFile', async () => {
  const here = make({ shop: { ...SLEEPER, envFile: 'shop.env' } });
  writeFileSync(here.path('shop.env'), 'A=1\n');
  const run = await here.run();
  await here.untilRunning();
  const before = await pidsOf(here);
  writeFileSync(here.path('shop.env'), 'A=2\n');
  run.process.kill('SIGHUP');
  await here.untilEntry(({ action }) => action === 'reload', 'it is reloaded');
  await settled(here);
  expect((await pidsOf(here))['shop:0']).not.toBe(before['shop:0']);
  await here.untilPrinted(run, 'environment.A');
});
