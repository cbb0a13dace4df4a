/** supervisor's own end-to-end scenarios about event listeners, restated (its tests/test_end_to_end.py; the numbers are its issues). */
import { existsSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Site } from '../controller/site.ts';
import { PYTHON } from './site.ts';

let site: Site;
afterEach(() => site.dispose());

/** Part of Debian's package. */
const FIXTURE = '/usr/lib/python3/dist-packages/supervisor/tests/fixtures/listener.py';

test.runIf(existsSync(FIXTURE))('663: its own listener hears two ticks, and stays by the protocol', async () => {
  const programs = { shop: { command: 'sleep 3600' } };
  site = new Site(programs);
  site.configure(programs, { eventListeners: { listener: { command: [PYTHON, FIXTURE], events: ['TICK_5'] } } });
  await site.run();
  await site.until(() => site.log('listener.log').includes('poolserial:1 '), 'two ticks');
  expect(site.log('listener.log')).toMatch(
    /^ver:3\.0 server:supervisor serial:0 pool:listener poolserial:0 eventname:TICK_5 len:15\nwhen:\d{10}ver/,
  );
  const entries = await site.client.journal({});
  expect(entries.filter(({ reason }) => reason.rule === 'listener.garbage')).toEqual([]);
});

test('733: a listener of one line ends everything when a program is FATAL', async () => {
  const nonexistent = { command: '/no/such/program', start: { seconds: 0, retries: 0, restart: 'never' } };
  const loop = 'while true; do printf "READY\\n"; read line; kill -15 $PPID; printf "RESULT 2\\n"; printf "OK"; done';
  site = new Site({ nonexistent });
  site.configure(
    { nonexistent },
    { eventListeners: { fatalexit: { command: ['sh', '-c', loop], events: ['PROCESS_STATE_FATAL'] } } },
  );
  const run = await site.run();
  expect(await run.exited).toBe(0);
  expect(run.output()).toContain('Gave up on nonexistent:0');
  expect(run.output()).toContain('Everything is stopped.');
});
