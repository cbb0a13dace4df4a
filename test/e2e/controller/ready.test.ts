import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { Site } from './site.ts';

let site: Site | null = null;
afterEach(async () => {
  await site?.dispose();
  site = null;
});

/** Sleeps after what the script does; a stop ends it at once. */
const worker = (script: string) => ['sh', '-c', `${script}; exec sleep 1000`];
const start = { seconds: '0s', backoff: '100ms..200ms', retries: 1 };
const make = (shop: Record<string, unknown>): Site => (site = new Site({ shop: { start, ...shop } }));

const startOf = async (here: Site): Promise<string> => {
  await here.untilRunning();
  const entry = (await here.client.journal({})).find(({ action, outcome }) => action === 'start' && outcome !== null);
  return entry?.outcome?.text ?? '';
};

describe('a worker is RUNNING once', () => {
  test('a line of its output says so', async () => {
    const here = make({
      command: worker('echo starting; until test -e go; do sleep 0.05; done; echo "ready in 12 ms"'),
      ready: { log: '/ready in \\d+/' },
    });
    await here.run();
    await here.untilStatus(({ workers }) => workers[0]?.pid != null, 'it has a process');
    expect(await here.worker('shop:0')).toMatchObject({ state: 'STARTING' });
    expect((await here.worker('shop:0')).note).toMatch(
      /^waits to be ready \(log "\/ready in \\\\d\+\/"\), .* at most$/,
    );
    writeFileSync(here.path('go'), 'x');
    await here.untilRunning();
  });

  test('its file is there, and newer than it is', async () => {
    const here = make({
      command: worker('until test -e more; do sleep 0.05; done; touch up'),
      ready: { file: 'up', interval: '50ms' },
    });
    writeFileSync(here.path('up'), '');
    await here.run();
    await here.untilStatus(({ workers }) => workers[0]?.pid != null, 'it has a process');
    expect((await here.worker('shop:0')).state).toBe('STARTING');
    writeFileSync(here.path('more'), 'x');
    await here.untilRunning();
  });

  test('a command ends with status 0, run in its directory and environment', async () => {
    const here = make({
      command: worker('true'),
      environment: { NAME: 'up' },
      ready: { command: ['sh', '-c', 'test -e $NAME-$ACKWARDEN_WORKER'], interval: '50ms' },
    });
    await here.run();
    await here.untilStatus(({ workers }) => workers[0]?.pid != null, 'it has a process');
    expect((await here.worker('shop:0')).state).toBe('STARTING');
    writeFileSync(here.path('up-shop:0'), '');
    expect(await startOf(here)).toMatch(/^pid \d+, running after/);
  });
});

test('a worker that is not ready in time has failed to start, and in the end is given up', async () => {
  const here = make({ command: worker('echo never'), ready: { log: 'ready', timeout: '300ms' } });
  await here.run();
  const fatal = await here.untilEntry(({ action }) => action === 'fatal', 'it is given up');
  expect(fatal.reason.text).toContain('Gave up on shop:0 after 2 failed starts');
  const texts = (await here.client.journal({})).map(({ reason, outcome }) => `${reason.text}; ${outcome?.text ?? ''}`);
  expect(texts.find((text) => text.startsWith('Stopped'))).toMatch(
    /^Stopped shop:0 \(pid \d+\): it was not ready within [\d.]+ s \(log "ready"\) \(workers\.yaml:\d+\); SIGTERM at/,
  );
  expect(texts.find((text) => text.includes('next try'))).toMatch(
    /^shop:0 did not become ready \(log "ready", try 1 of 1\); next try in/,
  );
});

test('a replacement takes over only once it is ready', async () => {
  const here = make({
    command: worker('test -e mute || echo ready'),
    // The first one may be late on a busy machine, and is then tried again.
    start: { ...start, retries: 20 },
    ready: { log: 'ready', timeout: '1s' },
  });
  await here.run();
  await here.untilRunning();
  writeFileSync(here.path('mute'), '');
  const { pid } = await here.worker('shop:0');
  const recycled = await here.cli('recycle', 'shop');
  expect(recycled.code).toBe(1);
  expect(await here.worker('shop:0')).toMatchObject({ state: 'RUNNING', pid });
  const entry = await here.untilEntry(
    ({ action, outcome }) => action === 'recycle' && outcome !== null,
    'it is given up',
  );
  expect(entry.outcome?.text).toMatch(/^given up: the replacement was not ready after [\d.]+ s; the worker goes on$/);
});
