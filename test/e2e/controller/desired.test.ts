/** What a person stopped stays stopped. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

const PROGRAM = { command: 'sleep 1000', workers: 2, start: { seconds: '200ms' } };
const make = (extra: Record<string, unknown> = {}): Site => (site = new Site({ shop: PROGRAM }, extra));

const stopOne = async (here: Site): Promise<void> => {
  expect((await here.cli('stop', 'shop:0')).code).toBe(0);
};

/** Nothing of the last boot lives, and /run is empty; `earlier`: it is not, and what lies in it is of another boot. */
const reboot = async (here: Site, kind: 'emptied' | 'earlier'): Promise<void> => {
  await here.cli('shutdown');
  if (kind === 'emptied') rmSync(here.path('state'), { recursive: true });
  else {
    const checkpoint = JSON.parse(readFileSync(here.path('state', 'core.json'), 'utf8')) as object;
    writeFileSync(here.path('state', 'core.json'), JSON.stringify({ ...checkpoint, bootId: 'the boot before' }));
  }
};

const states = async (here: Site): Promise<string[]> =>
  (await here.client.status([])).workers.map(({ state }) => state);

test.each(['upgrade', 'kill -9', 'shutdown'])('over %s, and the journal says whose wish it is', async (how) => {
  const here = make();
  const first = await here.run();
  await here.untilRunning();
  await stopOne(here);
  if (how === 'kill -9') first.process.kill('SIGKILL');
  else await here.cli(how);
  await first.exited;
  await here.run();
  await here.untilRunning('shop:1');
  const entry = await here.untilEntry(({ reason }) => reason.rule === 'stopped.kept', 'it is said');
  expect(entry.reason.text).toMatch(/^shop:0 stays stopped because \S+ stopped it at \d{4}-\d\d-\d\d \d\d:\d\d; /);
  expect(await states(here)).toEqual(['STOPPED', 'RUNNING']);
  expect((await here.worker('shop:0')).note).toMatch(/^\S+ stopped it at /);
});

test.each(['emptied', 'earlier'] as const)(
  'over a reboot with rememberStopped (stateDir %s), until it is started',
  async (kind) => {
    const here = make({ rememberStopped: true });
    await here.run();
    await here.untilRunning();
    await stopOne(here);
    await reboot(here, kind);
    await here.run();
    await here.untilRunning('shop:1');
    expect(await states(here)).toEqual(['STOPPED', 'RUNNING']);
    expect((await here.cli('start', 'shop:0')).code).toBe(0);
    await reboot(here, kind);
    await here.run();
    await here.untilRunning();
  },
);

test('not over a reboot without the option', async () => {
  const here = make();
  await here.run();
  await here.untilRunning();
  await stopOne(here);
  await reboot(here, 'earlier');
  await here.run();
  await here.untilRunning();
});
