import { chmodSync, readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { Site, isAlive } from '../controller/site.ts';
import { begun, eventsHeard, heardBy, listenerOf, release } from './site.ts';

let site: Site;
afterEach(() => site.dispose());

const SLEEP = { command: 'sleep 3600', start: { seconds: 0 } };

const begin = async (
  listener: Parameters<typeof listenerOf>[1],
  programs: Record<string, unknown> = { shop: SLEEP },
) => {
  site = new Site(programs);
  site.configure(programs, { eventListeners: { ear: listenerOf(site, listener) } });
  return site.run();
};

test('a worker that is killed, as supervisor.childutils reads it', async () => {
  await begin({ events: ['PROCESS_STATE'] });
  await site.untilRunning();
  const { pid } = await site.worker('shop:0');
  process.kill(pid ?? 0, 'SIGKILL');
  await site.until(() => eventsHeard(site).length >= 5, 'five events');
  const next = (await site.worker('shop:0')).pid;
  expect(eventsHeard(site)).toEqual([
    'PROCESS_STATE_STARTING processname:0 groupname:shop from_state:STOPPED tries:0',
    `PROCESS_STATE_RUNNING processname:0 groupname:shop from_state:STARTING pid:${pid}`,
    `PROCESS_STATE_EXITED processname:0 groupname:shop from_state:RUNNING expected:0 pid:${pid}`,
    'PROCESS_STATE_STARTING processname:0 groupname:shop from_state:EXITED tries:0',
    `PROCESS_STATE_RUNNING processname:0 groupname:shop from_state:STARTING pid:${next}`,
  ]);
  const [first] = heardBy(site).filter(({ headers }) => headers !== undefined);
  expect(first?.headers).toEqual({
    ver: '3.0',
    server: 'supervisor',
    serial: '0',
    pool: 'ear',
    poolserial: '0',
    eventname: 'PROCESS_STATE_STARTING',
    len: '55',
  });
  const { environment } = heardBy(site)[0] ?? {};
  expect(environment).toEqual({
    SUPERVISOR_ENABLED: '1',
    SUPERVISOR_SERVER_URL: `unix://${site.path('state', 'control.sock')}`,
    SUPERVISOR_PROCESS_NAME: 'ear',
    SUPERVISOR_GROUP_NAME: 'ear',
  });
  await site.until(() => site.log('ear.log') === 'I listen\n', 'what it says on stderr is written');
});

const entriesOf = async (rule: string) => (await site.client.journal({})).filter(({ reason }) => reason.rule === rule);

const serialsHeard = (): (string | undefined)[] =>
  heardBy(site).flatMap(({ headers }) => (headers === undefined ? [] : [headers['serial']]));

test('from the first group to the shutdown, which it still hears of', async () => {
  const programs = { shop: SLEEP, mail: SLEEP };
  await begin(
    { events: ['SUPERVISOR_STATE_CHANGE', 'PROCESS_GROUP', 'PROCESS_STATE_STOPPED'], bufferSize: 50 },
    programs,
  );
  await site.untilRunning();
  const { stdout } = await site.cli('shutdown');
  expect(stdout).toContain('stopped');
  await site.until(() => eventsHeard(site).length >= 6, 'it heard all');
  const events = eventsHeard(site).map((event) => event.replace(/pid:\d+/, 'pid'));
  expect(events.slice(0, 4)).toEqual([
    'PROCESS_GROUP_ADDED groupname:shop\n',
    'PROCESS_GROUP_ADDED groupname:mail\n',
    'SUPERVISOR_STATE_CHANGE_RUNNING ',
    'SUPERVISOR_STATE_CHANGE_STOPPING ',
  ]);
  expect(events.slice(4).toSorted()).toEqual([
    'PROCESS_STATE_STOPPED processname:0 groupname:mail from_state:STOPPING pid',
    'PROCESS_STATE_STOPPED processname:0 groupname:shop from_state:STOPPING pid',
  ]);
  await site.until(() => begun(site).every((pid) => !isAlive(pid)), 'the listener is gone');
});

test('TICK_5 comes with the clock', async () => {
  await begin({ events: ['TICK_5'] });
  await site.until(() => eventsHeard(site).length >= 2, 'two ticks');
  const times = eventsHeard(site).map((event) => Number(/^TICK_5 when:(\d+)$/.exec(event)?.[1]));
  expect(times[0]).toSatisfy((time: number) => time % 5 === 0);
  expect(times[1]).toBe((times[0] ?? 0) + 5);
});

test('an event that is refused is sent again, with its serial', async () => {
  await begin({ events: ['PROCESS_STATE_RUNNING', 'SUPERVISOR_STATE_CHANGE'], behaviour: 'fail' });
  await site.until(() => eventsHeard(site).length >= 3, 'three events');
  expect(serialsHeard()).toEqual(['0', '0', '1']);
});

test('a listener that dies over an event: it is started again, and so is the event', async () => {
  await begin({ events: ['PROCESS_STATE_RUNNING', 'SUPERVISOR_STATE_CHANGE'], behaviour: 'die' });
  await site.until(() => eventsHeard(site).length >= 3, 'three events');
  expect(serialsHeard()).toEqual(['0', '0', '1']);
  expect(begun(site)).toHaveLength(2);
  const [exited] = await entriesOf('listener.exited');
  expect(exited?.reason.text).toMatch(
    /^The event listener ear \(pid \d+\) exited with status 7 after .*; it is started again in 1\.0 s$/,
  );
});

test('one that breaks the protocol is started anew and hears the event it had', async () => {
  await begin({ events: ['PROCESS_STATE_RUNNING', 'SUPERVISOR_STATE_CHANGE'], behaviour: 'garbage' });
  await site.until(() => eventsHeard(site).length >= 3, 'three events');
  expect(serialsHeard()).toEqual(['0', '0', '1']);
  const said = await entriesOf('listener.garbage');
  expect(said).toHaveLength(1);
  expect(said[0]?.reason.text).toContain('wrote "Traceback\\n" where RESULT was expected');
});

test('events that do not fit are dropped, the oldest first, and counted in the journal', async () => {
  // They start when it has its first event already.
  const programs = { shop: { ...SLEEP, workers: 5, start: { auto: false, seconds: 0 } } };
  await begin(
    { events: ['PROCESS_STATE_RUNNING', 'SUPERVISOR_STATE_CHANGE'], behaviour: 'hold', bufferSize: 2 },
    programs,
  );
  await site.until(() => eventsHeard(site).length === 1, 'it is busy');
  expect((await site.cli('start', 'shop')).code).toBe(0);
  const said = await site.untilEntry(({ reason }) => reason.rule === 'listener.overflow', 'it is said');
  expect(said.reason.text).toMatch(
    /^\d events? for the event listener ear dropped, the oldest first: 2 wait already \(bufferSize\)$/,
  );
  release(site);
  await site.until(() => eventsHeard(site).length >= 3, 'the two that were kept');
  expect(serialsHeard().slice(-2)).toEqual(['4', '5']);
});

test('one that never says READY is said to be late, and status says when one cannot run', async () => {
  site = new Site({ shop: SLEEP });
  const mute = listenerOf(site, { events: ['EVENT'], behaviour: 'mute', timeout: '1s' });
  const absent = { command: '/no/such/listener', events: ['EVENT'] };
  site.configure({ shop: SLEEP }, { eventListeners: { mute, absent } });
  await site.run();
  const late = await site.untilEntry(({ reason }) => reason.rule === 'listener.late', 'it is late');
  expect(late.reason.text).toMatch(
    /^The event listener mute \(pid \d+\) has not said READY for 1\.0 s \(timeout\); its events wait$/,
  );
  await site.until(() => begun(site).length === 1, 'it began all the same');
  expect((await site.client.status([])).warnings).toEqual([
    'the event listener absent is down: The command /no/such/listener does not exist; it is tried again',
  ]);
});

test('one that is late is started anew where that is asked for', async () => {
  await begin({ events: ['EVENT'], behaviour: 'mute', timeout: '3s', onTimeout: 'restart' });
  await site.until(() => begun(site).length >= 2, 'a second one began');
  const [first] = begun(site);
  expect(isAlive(first ?? 0)).toBe(false);
});

test('each event goes to one process of a pool', async () => {
  const programs = { shop: { ...SLEEP, workers: 4 } };
  await begin({ events: ['PROCESS_STATE_RUNNING'], workers: 2, behaviour: 'hold' }, programs);
  await site.until(() => eventsHeard(site).length === 2, 'both are busy');
  release(site);
  await site.until(() => eventsHeard(site).length >= 4, 'all events');
  expect(
    serialsHeard()
      .map(Number)
      .toSorted((a, b) => a - b),
  ).toEqual([0, 1, 2, 3]);
  expect(new Set(begun(site)).size).toBe(2);
});

test('a controller that is killed leaves no listener, and its successor starts one', async () => {
  const run = await begin({ events: ['PROCESS_STATE', 'SUPERVISOR_STATE_CHANGE'] });
  await site.untilRunning();
  await site.until(() => begun(site).length === 1, 'it began');
  const [first = 0] = begun(site);
  process.kill(run.pid, 'SIGKILL');
  await run.exited;
  await site.until(() => !isAlive(first), 'it ended with its controller');
  await site.run();
  await site.until(() => begun(site).length === 2, 'its successor began');
  await site.untilRunning();
});

test('one that survives all of that is killed by the next controller', async () => {
  // It ignores SIGTERM and does not read its input.
  const stubborn = { command: ['/bin/sh', '-c', 'trap "" TERM; echo $$ >"$HEARD"; while :; do sleep 0.05; done'] };
  const run = await begin({ events: ['EVENT'], ...stubborn });
  const pidOf = (): number => Number(readFileSync(site.path('heard'), 'utf8').trim());
  await site.until(() => pidOf() > 0, 'it began');
  const first = pidOf();
  process.kill(run.pid, 'SIGKILL');
  await run.exited;
  expect(isAlive(first)).toBe(true);
  await site.run();
  await site.untilEntry(
    ({ reason }) => reason.text === `Killed 1 event listener that an earlier controller left (pid ${first})`,
    'it is said',
  );
  await site.until(() => !isAlive(first), 'it is gone');
  await site.until(() => pidOf() !== first, 'another began');
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)('it runs as its user, with that user’s groups and nothing of root’s', async () => {
  site = new Site({ shop: SLEEP });
  chmodSync(site.root, 0o777);
  const ear = listenerOf(site, { events: ['EVENT'], user: 'nobody', directory: '/' });
  site.configure({ shop: SLEEP }, { eventListeners: { ear } });
  await site.run();
  await site.until(() => begun(site).length === 1, 'it began');
  const [{ uid, groups } = {}] = heardBy(site);
  expect(uid).toBe(65_534);
  expect(groups).toEqual([65_534]);
});
