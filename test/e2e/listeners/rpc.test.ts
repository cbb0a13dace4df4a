/** Event listeners and supervisord's XML-RPC: listeners call it, and supervisorctl sees and commands them. */
import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { Site, isAlive } from '../controller/site.ts';
import { begun, eventsHeard, heardBy, listenerOf } from './site.ts';

let site: Site;
afterEach(() => site.dispose());

const SLEEP = { command: 'sleep 3600', start: { seconds: 0 } };

/** Debian's own client, as it is. */
const supervisorctl = (...words: string[]): { code: number | null; stdout: string } => {
  const url = `unix://${site.path('state', 'control.sock')}`;
  const { status, stdout } = spawnSync('/usr/bin/supervisorctl', ['-s', url, ...words], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, stdout };
};

test('a listener calls us by supervisor.childutils, and hears what it sent', async () => {
  site = new Site({ shop: SLEEP });
  const ear = listenerOf(site, { events: ['REMOTE_COMMUNICATION'], behaviour: 'call' });
  site.configure({ shop: SLEEP }, { groups: { team: { programs: ['shop'] } }, eventListeners: { ear } });
  await site.run();
  await site.until(() => eventsHeard(site).length === 1, 'it heard');
  expect(eventsHeard(site)).toEqual(['REMOTE_COMMUNICATION type:kind\nw\u00f6rds \u{1F41B}']);
  const told = heardBy(site).find(({ processes }) => processes !== undefined)?.processes;
  expect(told).toEqual(['ear:ear RUNNING', expect.stringMatching(/^team:0 [A-Z]+$/)]);
});

test('supervisorctl shows listeners, and starts, stops and restarts them', async () => {
  site = new Site({ shop: SLEEP });
  const eventListeners = { ear: listenerOf(site, { events: ['EVENT'], workers: 2 }) };
  site.configure({ shop: SLEEP }, { eventListeners });
  await site.run();
  await site.untilRunning();
  await site.until(() => begun(site).length === 2, 'both began');
  const [first = 0] = begun(site);
  const { stdout } = supervisorctl('status');
  expect(stdout).toMatch(/^ear:0 +RUNNING +pid \d+, uptime 0:00:\d\d\near:1 +RUNNING .*\nshop:0 +RUNNING/);
  expect(supervisorctl('stop', 'ear:*').stdout.split('\n').toSorted()).toEqual([
    '',
    'ear:0: stopped',
    'ear:1: stopped',
  ]);
  expect(isAlive(first)).toBe(false);
  expect(supervisorctl('status', 'ear:0').stdout).toMatch(/^ear:0 +STOPPED/);
  expect(supervisorctl('start', 'ear:0').stdout).toBe('ear:0: started\n');
  expect(supervisorctl('restart', 'ear:0').stdout).toBe('ear:0: stopped\near:0: started\n');
  expect(supervisorctl('tail', 'ear:0', 'stderr').stdout).toContain('I listen');
});
