/** What `ackwarden reload` does to event listeners, and what they hear of it. */
import { afterEach, expect, test } from 'vitest';
import { Site, isAlive } from '../controller/site.ts';
import { begun, eventsHeard, listenerOf } from './site.ts';

let site: Site;
afterEach(() => site.dispose());

const SLEEP = { command: 'sleep 3600', start: { seconds: 0 } };
const EVENTS = ['PROCESS_GROUP', 'PROCESS_STATE_RUNNING', 'PROCESS_STATE_STOPPING'];

test('programs come and go; a listener is replaced only when its own entry changes', async () => {
  site = new Site({ shop: SLEEP });
  const write = (programs: object, keys: object = {}): void => {
    const ear = listenerOf(site, { events: EVENTS, bufferSize: 50, ...keys });
    site.configure(programs as Record<string, unknown>, { eventListeners: { ear } });
  };
  write({ shop: SLEEP });
  await site.run();
  await site.until(() => eventsHeard(site).length === 2, 'it heard of the first program');
  write({ mail: SLEEP });
  expect((await site.cli('reload')).code).toBe(0);
  await site.until(() => eventsHeard(site).length === 6, 'it heard of both');
  const heard = eventsHeard(site).map((event) => event.replace(/pid:\d+/, 'pid'));
  expect(heard.slice(2).toSorted()).toEqual([
    'PROCESS_GROUP_ADDED groupname:mail\n',
    'PROCESS_GROUP_REMOVED groupname:shop\n',
    'PROCESS_STATE_RUNNING processname:0 groupname:mail from_state:STARTING pid',
    'PROCESS_STATE_STOPPING processname:0 groupname:shop from_state:RUNNING pid',
  ]);
  expect(heard.indexOf('PROCESS_GROUP_ADDED groupname:mail\n')).toBe(2);
  expect(begun(site)).toHaveLength(1);

  write({ mail: SLEEP }, { timeout: '61s' });
  expect((await site.cli('reload')).code).toBe(0);
  await site.until(() => begun(site).length === 2, 'its successor began');
  expect(begun(site).map(isAlive)).toEqual([false, true]);
  site.configure({ mail: SLEEP });
  expect((await site.cli('reload')).code).toBe(0);
  await site.until(() => begun(site).every((pid) => !isAlive(pid)), 'it is gone');
});
